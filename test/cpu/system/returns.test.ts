import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { CS, DS, FS, SS } from '../../../emu/cpu/state.ts';
import {
  CF,
  DF,
  ID,
  IF,
  IOPL,
  NT,
  RF,
  readFlags,
  TF,
  VM,
  writeFlags,
} from '../../../emu/cpu/system/flags.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import {
  GDT,
  KERNEL_CODE,
  KERNEL_DATA,
  MachineFixture,
  P,
  RSP,
  U,
  USER_CODE,
  USER_CODE_32,
  USER_DATA,
  W,
} from './fixture.ts';

const STACK = 0x3_0000;
const TARGET = 0x1_2345n;
const USER_STACK = 0x2_2222n;

function prepare(frame: readonly bigint[]): MachineFixture {
  const machine = new MachineFixture().mapIdentity(0x40, P | W | U).withTables();
  machine.state.setSegment(CS, { ...machine.state.segment(CS), selector: KERNEL_CODE });
  machine.setGpr(RSP, BigInt(STACK));
  frame.forEach((value, index) => {
    machine.write64(STACK + index * 8, value);
  });
  return machine;
}

const toUser = (flags = 0n, code = USER_CODE | 3, stack = USER_DATA | 3) => [
  TARGET,
  BigInt(code),
  flags,
  USER_STACK,
  BigInt(stack),
];

describe('IRETQ', () => {
  test('returns to ring 3 with all flags that ring 0 may set, RF among them, VM aside', () => {
    const wanted = CF | TF | IF | DF | NT | ID | IOPL;
    const machine = prepare(toUser(BigInt(wanted | RF | VM | 2)));
    expect(machine.unit.helpers.iret(8)).toBe(Status.Lookup);
    const { state } = machine;
    expect(state.get64(layout.RIP)).toBe(TARGET);
    expect(state.get32(layout.CPL)).toBe(3);
    expect(state.segment(CS)).toMatchObject({ selector: USER_CODE | 3, attributes: 0xa0fb });
    expect(state.segment(SS)).toMatchObject({ selector: USER_DATA | 3, limit: 0xffff_ffff });
    expect(machine.gpr(RSP)).toBe(USER_STACK);
    expect(readFlags(state)).toBe(wanted | RF | 2);
    expect(state.get32(layout.CODE_SIZE)).toBe(8);
    expect(state.get32(layout.TLB_BASE)).toBe(layout.TLB_USER);
  });

  test('to compatibility mode', () => {
    const machine = prepare(toUser(2n, USER_CODE_32 | 3));
    machine.write64(STACK + 24, 0x1_0000_2222n);
    expect(machine.unit.helpers.iret(8)).toBe(Status.Lookup);
    expect(machine.state.get32(layout.CODE_SIZE)).toBe(4);
    expect(machine.gpr(RSP)).toBe(0x2222n);
  });

  test('within ring 0, null SS included', () => {
    for (const stack of [0, KERNEL_DATA]) {
      const machine = prepare([TARGET, BigInt(KERNEL_CODE), BigInt(IF | 2), 0x2_0008n, BigInt(stack)]);
      expect(machine.unit.helpers.iret(8)).toBe(Status.Lookup);
      expect(machine.gpr(RSP)).toBe(0x2_0008n);
      expect(machine.state.segment(SS).selector).toBe(stack);
      expect(machine.state.get32(layout.CPL)).toBe(0);
    }
  });

  test('ring 3 changes neither IOPL nor IF', () => {
    const machine = prepare(toUser(BigInt(IOPL | CF)));
    machine.ring(3);
    writeFlags(machine.state, IF, IF);
    expect(machine.unit.helpers.iret(8)).toBe(Status.Lookup);
    expect(readFlags(machine.state)).toBe(IF | CF | 2);
  });

  test('a waiting interrupt that IF lets in ends the slice', () => {
    const machine = prepare(toUser(BigInt(IF)));
    machine.interrupt = true;
    machine.unit.helpers.iret(8);
    expect(machine.log.stepsEnded).toBe(1);
  });

  test('data segments that ring 3 may not use become null; FS keeps its base', () => {
    const machine = prepare(toUser());
    const kernelData = { selector: KERNEL_DATA, attributes: 0xc093, limit: 0xffff_ffff, base: 0n };
    machine.state.setSegment(DS, kernelData);
    machine.state.setSegment(FS, { ...kernelData, base: 0x1234n });
    machine.unit.helpers.iret(8);
    expect(machine.state.segment(DS)).toMatchObject({ selector: 0, attributes: 0xc093 | 0x1_0000 });
    expect(machine.state.segment(FS)).toMatchObject({ selector: 0, base: 0x1234n });
  });

  test('what it refuses, and that nothing changes then', () => {
    const at = (index: number, value: bigint, frame = toUser()) =>
      frame.map((v, i) => (i === index ? value : v));
    const cases: [
      name: string,
      frame: bigint[],
      vector: number,
      error: number,
      change?: (m: MachineFixture) => void,
    ][] = [
      ['null CS', at(1, 0n), 13, 0],
      ['CS beyond the GDT', at(1, 0x4bn), 13, 0x48],
      ['data as CS', at(1, BigInt(USER_DATA | 3)), 13, USER_DATA],
      ['RPL and DPL differ', at(1, BigInt(KERNEL_CODE | 3)), 13, KERNEL_CODE],
      ['CS absent', toUser(), 11, USER_CODE, (m) => m.write64(GDT + USER_CODE, 0x00af_7b00_0000_ffffn)],
      ['L and D', toUser(), 13, USER_CODE, (m) => m.write64(GDT + USER_CODE, 0x00ef_fb00_0000_ffffn)],
      ['null SS for ring 3', at(4, 3n), 13, 0],
      ['SS of ring 0', at(4, BigInt(KERNEL_DATA)), 13, KERNEL_DATA],
      ['SS absent', toUser(), 12, USER_DATA, (m) => m.write64(GDT + USER_DATA, 0x00cf_7300_0000_ffffn)],
      ['SS read-only', toUser(), 13, USER_DATA, (m) => m.write64(GDT + USER_DATA, 0x00cf_f100_0000_ffffn)],
      ['non-canonical RIP', at(0, 1n << 47n), 13, 0],
      ['NT', toUser(), 13, 0, (m) => writeFlags(m.state, NT, NT)],
      ['unmapped stack', toUser(), 14, 0, (m) => m.setGpr(RSP, 0x10_0000n)],
      ['non-canonical stack', toUser(), 12, 0, (m) => m.setGpr(RSP, 1n << 60n)],
    ];
    for (const [name, frame, vector, error, change] of cases) {
      const machine = prepare(frame);
      change?.(machine);
      const before = machine.state.u8.slice(0, layout.CR2);
      const segments = machine.state.u8.slice(layout.SEGMENTS, layout.FAULT_VECTOR);
      expect(machine.unit.helpers.iret(8), name).toBe(Status.Fault);
      expect(machine.fault(), name).toEqual({ vector, error });
      expect(machine.state.u8.slice(0, layout.CR2), name).toEqual(before);
      expect(machine.state.u8.slice(layout.SEGMENTS, layout.FAULT_VECTOR), name).toEqual(segments);
    }
  });

  test('a return to an inner level is refused', () => {
    const machine = prepare([TARGET, BigInt(KERNEL_CODE), 2n, 0n, 0n]).ring(3);
    expect(machine.unit.helpers.iret(8)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: KERNEL_CODE });
  });
});

describe('far RET', () => {
  test('to the same level pops CS:RIP and the parameters', () => {
    const machine = prepare([TARGET, BigInt(KERNEL_CODE)]);
    expect(machine.unit.helpers.farReturn(8, 24)).toBe(Status.Lookup);
    expect(machine.state.get64(layout.RIP)).toBe(TARGET);
    expect(machine.gpr(RSP)).toBe(BigInt(STACK + 16 + 24));
  });

  test('to an outer level pops the parameters from both stacks', () => {
    const machine = prepare([TARGET, BigInt(USER_CODE | 3), 0n, USER_STACK, BigInt(USER_DATA | 3)]);
    expect(machine.unit.helpers.farReturn(8, 8)).toBe(Status.Lookup);
    expect(machine.state.get32(layout.CPL)).toBe(3);
    expect(machine.gpr(RSP)).toBe(USER_STACK + 8n);
  });
});
