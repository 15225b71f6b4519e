import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { CS, SS, TR } from '../../../emu/cpu/state.ts';
import { IF, readFlags, writeFlags } from '../../../emu/cpu/system/flags.ts';
import { CR4_PAE, CR4_PGE } from '../../../emu/cpu/system/registers.ts';
import { setFlat32 } from '../../../emu/cpu/system/reset.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import { DESCRIPTORS, DIRECTORY, GDT, IDT, MachineFixture, P, RSP, TSS, W } from './fixture.ts';

const KERNEL_CODE = 0x08;
const KERNEL_DATA = 0x10;
const USER_CODE = 0x18;
const USER_DATA = 0x20;
const LONG_CODE = 0x28;
const EIP = 0x1_2345n;
const ESP0 = 0x2_0000;
const HANDLER = 0x5_4321;

/** 32-bit protected mode without paging: a GDT, an IDT with gates for vectors 0x20 and 13, and a 32-bit TSS. */
function prepare(ring: 0 | 3): MachineFixture {
  const machine = new MachineFixture();
  const { state } = machine;
  setFlat32(state, Number(EIP));
  machine.unit.mmu.flushAll(false);
  [0n, 0x00cf_9b00_0000_ffffn, DESCRIPTORS.kernelData, 0x00cf_fb00_0000_ffffn, DESCRIPTORS.userData].forEach(
    (value, index) => {
      machine.write64(GDT + index * 8, value);
    },
  );
  machine.write64(GDT + LONG_CODE, DESCRIPTORS.kernelCode);
  state.set32(layout.GDTR, 0x2f);
  state.set64(layout.GDTR + 8, BigInt(GDT));
  state.set32(layout.IDTR, 0x7ff);
  state.set64(layout.IDTR + 8, BigInt(IDT));
  for (const vector of [0x20, 13]) gate(machine, vector, 0x8e);
  machine.write64(TSS, BigInt(ESP0) << 32n);
  machine.write64(TSS + 8, BigInt(KERNEL_DATA));
  state.setSegment(TR, { selector: 0, attributes: 0x8b, limit: 0x67, base: BigInt(TSS) });
  const dpl = ring << 5;
  state.setSegment(CS, {
    ...state.segment(CS),
    selector: ring === 0 ? KERNEL_CODE : USER_CODE | 3,
    attributes: 0xc09b | dpl,
  });
  state.setSegment(SS, {
    ...state.segment(SS),
    selector: ring === 0 ? KERNEL_DATA : USER_DATA | 3,
    attributes: 0xc093 | dpl,
  });
  machine.setGpr(RSP, 0x3_0001n).ring(ring);
  writeFlags(state, IF, IF);
  return machine;
}

function gate(machine: MachineFixture, vector: number, attributes: number, selector = KERNEL_CODE): void {
  const low = (HANDLER & 0xffff) | (selector << 16);
  const high = (HANDLER & 0xffff_0000) | (attributes << 8);
  machine.write64(IDT + vector * 8, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
}

function words(machine: MachineFixture, at: number, count: number): number[] {
  const view = new DataView(machine.state.memory.buffer);
  return Array.from({ length: count }, (_, index) => view.getUint32(layout.RAM + at + index * 4, true));
}

describe('32-bit protected mode', () => {
  test('an interrupt in ring 0 pushes three words on the same stack, unaligned', () => {
    const machine = prepare(0);
    expect(machine.unit.delivery.deliver('interrupt', 0x20)).toBe('delivered');
    expect(machine.gpr(RSP)).toBe(0x3_0001n - 12n);
    expect(words(machine, 0x3_0001 - 12, 3)).toEqual([Number(EIP), KERNEL_CODE, IF | 2]);
    expect(machine.state.get64(layout.RIP)).toBe(BigInt(HANDLER));
    expect(readFlags(machine.state)).toBe(2);
    expect(machine.state.get32(layout.CODE_SIZE)).toBe(4);
  });

  test('from ring 3 the stack comes from the TSS, SS included; a fault adds its error code', () => {
    const machine = prepare(3);
    expect(machine.unit.delivery.deliver('fault', 13, 0x18)).toBe('delivered');
    expect(machine.gpr(RSP)).toBe(BigInt(ESP0 - 24));
    expect(words(machine, ESP0 - 24, 6)).toEqual([
      0x18,
      Number(EIP),
      USER_CODE | 3,
      IF | 2 | 0x1_0000,
      0x3_0001,
      USER_DATA | 3,
    ]);
    expect(machine.state.segment(SS)).toMatchObject({ selector: KERNEL_DATA, attributes: 0xc093 });
    expect(machine.state.get32(layout.CPL)).toBe(0);
  });

  test('the stack of the TSS is checked: #TS for a wrong one, #SS for an absent one', () => {
    const cases: [selector: number, descriptor: bigint, vector: number, error: number][] = [
      [0, DESCRIPTORS.kernelData, 10, 1],
      [0x100, DESCRIPTORS.kernelData, 10, 0x101],
      [KERNEL_DATA | 3, DESCRIPTORS.kernelData, 10, KERNEL_DATA | 1],
      [KERNEL_DATA, 0x00cf_9100_0000_ffffn, 10, KERNEL_DATA | 1],
      [KERNEL_DATA, DESCRIPTORS.userData, 10, KERNEL_DATA | 1],
      [KERNEL_DATA, 0x00cf_1300_0000_ffffn, 12, KERNEL_DATA | 1],
      [KERNEL_DATA, 0x0040_9300_0000_0fffn, 12, 1],
    ];
    for (const [selector, descriptor, vector, error] of cases) {
      const machine = prepare(3);
      machine.write64(TSS + 8, BigInt(selector));
      machine.write64(GDT + KERNEL_DATA, descriptor);
      expect(machine.unit.delivery.attempt('interrupt', 0x20)).toBe(Status.Fault);
      expect(machine.fault()).toEqual({ vector, error });
      expect(machine.gpr(RSP)).toBe(0x3_0001n);
    }
  });

  test('IRETD undoes both', () => {
    for (const ring of [0, 3] as const) {
      const machine = prepare(ring);
      machine.unit.delivery.deliver('interrupt', 0x20);
      expect(machine.unit.helpers.iret(4)).toBe(Status.Lookup);
      expect(machine.state.get64(layout.RIP)).toBe(EIP);
      expect(machine.gpr(RSP)).toBe(0x3_0001n);
      expect(machine.state.get32(layout.CPL)).toBe(ring);
      expect(readFlags(machine.state)).toBe(IF | 2);
    }
  });

  test('IRETD checks the limit of the segment it returns to, and refuses virtual-8086 mode', () => {
    const machine = prepare(0);
    machine.unit.delivery.deliver('interrupt', 0x20);
    machine.write64(GDT + KERNEL_CODE, 0x0040_9b00_0000_0fffn);
    expect(machine.unit.helpers.iret(4)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
    const other = prepare(0);
    other.setGpr(RSP, 0x3_0000n);
    other.write64(0x3_0000, (BigInt(KERNEL_CODE) << 32n) | EIP);
    other.write64(0x3_0008, 0x2_0002n);
    expect(other.unit.helpers.iret(4)).toBe(Status.Fault);
  });

  test('a far call pushes two words; far return takes them', () => {
    const machine = prepare(0);
    expect(machine.unit.helpers.farCall(KERNEL_CODE, 0x7_0000, 0, 4)).toBe(Status.Lookup);
    expect(words(machine, 0x3_0001 - 8, 2)).toEqual([Number(EIP), KERNEL_CODE]);
    expect(machine.unit.helpers.farReturn(4, 0)).toBe(Status.Lookup);
    expect(machine.state.get64(layout.RIP)).toBe(EIP);
    expect(machine.gpr(RSP)).toBe(0x3_0001n);
  });

  test('a far jump beyond the limit is #GP(0); one to code with L set stays 32-bit outside long mode', () => {
    const machine = prepare(0);
    machine.write64(GDT + USER_CODE, 0x0040_9b00_0000_0fffn);
    expect(machine.unit.helpers.farJump(USER_CODE, 0x1000, 0)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
    machine.unit.helpers.farJump(LONG_CODE, 0x1000, 0);
    expect(machine.state.get32(layout.CODE_SIZE)).toBe(2);
  });

  test('a segment with a base offsets the stack of a frame', () => {
    const machine = prepare(0);
    const { state } = machine;
    state.setSegment(SS, { ...state.segment(SS), base: 0x1_0000n });
    machine.unit.delivery.deliver('interrupt', 0x20);
    expect(words(machine, 0x4_0001 - 12, 1)).toEqual([Number(EIP)]);
  });

  test('PAE paging refuses reserved bits of its four pointers when they are loaded, and pointers that are not present', () => {
    const machine = prepare(0);
    const { state } = machine;
    const move = (control: number, value: bigint): number => {
      machine.setGpr(0, value);
      return machine.unit.helpers.movToControl(control, layout.GPR);
    };
    const refused = { vector: 13, error: 0 };
    const pointers = 0x9000;
    const others = 0x9020;
    machine.mapIdentity(0x100, P | W);
    machine.write64(pointers, BigInt(DIRECTORY) | P);
    machine.write64(pointers + 24, BigInt(DIRECTORY) | P | (1n << 45n));
    expect(move(4, BigInt(CR4_PAE))).toBe(Status.Lookup);
    expect(move(3, BigInt(pointers))).toBe(Status.Lookup);
    expect(move(0, 0x8000_0011n)).toBe(Status.Fault);
    expect(machine.fault()).toEqual(refused);
    // Not present: its other bits do not count.
    machine.write64(pointers + 24, 0xffff_0000_0000_0ffen);
    expect(move(0, 0x8000_0011n)).toBe(Status.Lookup);
    machine.write64(others, BigInt(DIRECTORY) | P | W);
    expect(move(3, BigInt(others))).toBe(Status.Fault);
    expect(machine.fault()).toEqual(refused);
    expect(state.get32(layout.CR3)).toBe(pointers);
    machine.write64(pointers, BigInt(DIRECTORY) | P | W);
    expect(move(4, BigInt(CR4_PAE | CR4_PGE))).toBe(Status.Fault);
    expect(state.get32(layout.CR4)).toBe(CR4_PAE);
  });

  test('a handler beyond the limit of its segment is #GP of the delivery', () => {
    const machine = prepare(0);
    machine.write64(GDT + KERNEL_CODE, 0x0040_9b00_0000_0fffn);
    expect(machine.unit.delivery.attempt('interrupt', 0x20)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 1 });
  });
});
