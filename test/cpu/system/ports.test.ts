import { expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { TR } from '../../../emu/cpu/state.ts';
import { IOPL, writeFlags } from '../../../emu/cpu/system/flags.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import { MachineFixture, P, RAX, RDX, TSS, U, W } from './fixture.ts';

const BITMAP = 0x68;

function prepare(ring: number): MachineFixture {
  const machine = new MachineFixture()
    .mapIdentity(0x20, P | W | U)
    .withTables()
    .ring(ring);
  machine.write64(TSS + 0x60, BigInt(BITMAP) << 48n);
  machine.state.setSegment(TR, { ...machine.state.segment(TR), limit: BITMAP + 16 });
  for (let at = 0; at < 3; at++) machine.write64(TSS + BITMAP + at * 8, -1n);
  return machine;
}

test('IN merges AL and AX, and clears the upper half with EAX', () => {
  const machine = prepare(0);
  for (const [size, expected] of [
    [1, 0x1111_1111_1111_1187n],
    [2, 0x1111_1111_1111_8765n],
    [4, 0x8765_4321n],
  ] as const) {
    machine.setGpr(RAX, 0x1111_1111_1111_1111n);
    expect(machine.unit.helpers.portIn(0x3f8, size)).toBe(Status.Next);
    expect(machine.gpr(RAX)).toBe(expected);
  }
});

test('OUT hands over only the bytes it has', () => {
  const machine = prepare(0).setGpr(RAX, 0xffff_ffff_89ab_cdefn);
  for (const size of [1, 2, 4]) machine.unit.helpers.portOut(0x1_0070, size);
  expect(machine.log.ports).toEqual([`out 112 1 ${0xef}`, `out 112 2 ${0xcdef}`, `out 112 4 ${0x89ab_cdef}`]);
});

test('ring 3 asks the permission bitmap, all bits of the access', () => {
  const machine = prepare(3);
  const { helpers } = machine.unit;
  expect(helpers.portIn(0x40, 1)).toBe(Status.Fault);
  expect(machine.fault()).toEqual({ vector: 13, error: 0 });
  // Ports 0x40 to 0x43, and 0x47 with 0x48 in the next byte.
  machine.state.ram[TSS + BITMAP + 8] = 0x70;
  machine.state.ram[TSS + BITMAP + 9] = 0xfe;
  expect(helpers.portIn(0x40, 4)).toBe(Status.Next);
  expect(helpers.portOut(0x41, 4)).toBe(Status.Fault);
  expect(helpers.portOut(0x47, 2)).toBe(Status.Next);
  expect(helpers.portOut(0x48, 2)).toBe(Status.Fault);
  expect(machine.log.ports).toHaveLength(2);
});

test('a port whose bits lie beyond the TSS is refused; IOPL 3 opens all', () => {
  const machine = prepare(3);
  for (let at = 0; at < 3; at++) machine.write64(TSS + BITMAP + at * 8, 0n);
  expect(machine.unit.helpers.portIn(0x7f, 1)).toBe(Status.Next);
  expect(machine.unit.helpers.portIn(0x80, 1)).toBe(Status.Fault);
  writeFlags(machine.state, IOPL, IOPL);
  expect(machine.unit.helpers.portIn(0xffff, 1)).toBe(Status.Next);
});

test('INS stores at the address, and reads the device only when the store will succeed', () => {
  const machine = prepare(0).setGpr(RDX, 0x60n);
  expect(machine.unit.helpers.portInString(2, 0x1_0ffe, 0)).toBe(Status.Next);
  expect(machine.read64(0x1_0ff8) >> 48n).toBe(0x8765n);
  expect(machine.unit.helpers.portInString(1, 0x4_0000, 0)).toBe(Status.Fault);
  expect(machine.fault()).toEqual({ vector: 14, error: 2 });
  expect(machine.log.ports).toEqual(['in 96 2']);
  machine.unit.helpers.portInString(4, 0x1_0ffd, 0);
  expect(machine.read64(0x1_0ffd) & 0xffff_ffffn).toBe(0x8765_4321n);
});

test('OUTS sends what is at the address', () => {
  const machine = prepare(0).setGpr(RDX, 0x60n);
  machine.write64(0x1_0ffc, 0x1122_3344_5566_7788n);
  machine.unit.helpers.portOutString(4, 0x1_0ffe, 0);
  expect(machine.log.ports).toEqual([`out 96 4 ${0x3344_5566}`]);
  expect(machine.state.get32(layout.BOUNCE_SIZE)).toBe(0);
});
