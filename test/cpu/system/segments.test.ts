import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { CS, DS, ES, FS, GS, LDTR, SS, TR } from '../../../emu/cpu/state.ts';
import { readFlags, ZF } from '../../../emu/cpu/system/flags.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import {
  GDT,
  KERNEL_CODE,
  KERNEL_DATA,
  MachineFixture,
  P,
  RAX,
  RSP,
  TSS,
  TSS_SELECTOR,
  U,
  USER_CODE,
  USER_DATA,
  W,
} from './fixture.ts';

const SPARE = 0x38;
const GPR_RAX = layout.GPR + RAX * 8;

function prepare(ring = 0): MachineFixture {
  const machine = new MachineFixture()
    .mapIdentity(0x40, P | W | U)
    .withTables()
    .ring(ring);
  machine.state.setSegment(CS, { ...machine.state.segment(CS), selector: KERNEL_CODE });
  machine.state.set32(layout.GDTR, SPARE + 15 + 0x10);
  return machine;
}

/** An 8-byte descriptor with the given type byte and flags nibble, base 0x12345678 and limit 0x1fffff. */
function descriptor(type: number, flags = 0x4): bigint {
  return 0x1200_0034_5678_ffffn | (BigInt(type) << 40n) | (BigInt(flags) << 52n) | (0xfn << 48n);
}

describe('loading data segments', () => {
  test('base, expanded limit and attributes come from the descriptor, which becomes accessed', () => {
    const machine = prepare();
    machine.write64(GDT + SPARE, descriptor(0x92, 0xc));
    expect(machine.unit.helpers.loadSegment(DS, SPARE)).toBe(Status.Next);
    expect(machine.state.segment(DS)).toEqual({
      selector: SPARE,
      attributes: 0xc093,
      limit: 0xffff_ffff,
      base: 0x1234_5678n,
    });
    expect(machine.read64(GDT + SPARE)).toBe(descriptor(0x93, 0xc));
  });

  test('a null selector makes the register unusable', () => {
    const machine = prepare(3);
    for (const segment of [ES, DS, FS, GS]) {
      expect(machine.unit.helpers.loadSegment(segment, 3)).toBe(Status.Next);
      expect(machine.state.segment(segment)).toEqual({
        selector: 3,
        attributes: 0x1_0000,
        limit: 0,
        base: 0n,
      });
    }
  });

  test('checks', () => {
    const cases: [name: string, ring: number, selector: number, type: number, vector: number][] = [
      ['beyond the table', 0, 0x200, 0x93, 13],
      ['system descriptor', 0, SPARE, 0x82, 13],
      ['execute-only code', 0, SPARE, 0x99, 13],
      ['data of ring 0 from ring 3', 3, SPARE, 0x93, 13],
      ['RPL 3 for data of ring 0', 0, SPARE | 3, 0x93, 13],
      ['not present', 0, SPARE, 0x13, 11],
      ['LDT that is not there', 0, SPARE | 4, 0x93, 13],
    ];
    for (const [name, ring, selector, type, vector] of cases) {
      const machine = prepare(ring);
      machine.write64(GDT + SPARE, descriptor(type));
      const before = machine.state.segment(DS);
      if ((selector & 4) !== 0) machine.unit.helpers.lldt(0);
      expect(machine.unit.helpers.loadSegment(DS, selector), name).toBe(Status.Fault);
      expect(machine.fault(), name).toEqual({ vector, error: selector & ~3 });
      expect(machine.state.segment(DS), name).toEqual(before);
    }
  });

  test('conforming readable code may be loaded by anyone; CS by nobody', () => {
    const machine = prepare(3);
    machine.write64(GDT + SPARE, descriptor(0x9f));
    expect(machine.unit.helpers.loadSegment(DS, SPARE)).toBe(Status.Next);
    expect(machine.unit.helpers.loadSegment(CS, SPARE)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 6, error: undefined });
  });

  test('SS must be writable data of exactly this level', () => {
    const machine = prepare();
    expect(machine.unit.helpers.loadSegment(SS, KERNEL_DATA)).toBe(Status.Shadow);
    expect(machine.unit.helpers.loadSegment(SS, 0)).toBe(Status.Shadow);
    for (const [type, selector, vector] of [
      [0x91, SPARE, 13],
      [0xf3, SPARE, 13],
      [0x93, SPARE | 3, 13],
      [0x13, SPARE, 12],
    ] as const) {
      machine.write64(GDT + SPARE, descriptor(type));
      expect(machine.unit.helpers.loadSegment(SS, selector)).toBe(Status.Fault);
      expect(machine.fault()).toEqual({ vector, error: SPARE });
    }
    expect(prepare(3).unit.helpers.loadSegment(SS, 3)).toBe(Status.Fault);
  });
});

describe('LDTR and TR', () => {
  test('LTR reads 16 bytes, marks the TSS busy and refuses a busy one', () => {
    const machine = prepare();
    machine.write64(GDT + TSS_SELECTOR + 8, 0xffff_8000n);
    expect(machine.unit.helpers.ltr(TSS_SELECTOR)).toBe(Status.Next);
    expect(machine.state.segment(TR)).toEqual({
      selector: TSS_SELECTOR,
      attributes: 0x8b,
      limit: 0x67,
      base: 0xffff_8000_0000_0000n | BigInt(TSS),
    });
    expect(machine.read64(GDT + TSS_SELECTOR) & (0xfn << 40n)).toBe(0xbn << 40n);
    expect(machine.unit.helpers.ltr(TSS_SELECTOR)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: TSS_SELECTOR });
  });

  test('LLDT accepts an LDT, whose descriptors then load', () => {
    const machine = prepare();
    machine.write64(GDT + SPARE, 0x0000_8200_b000_0007n);
    machine.write64(GDT + SPARE + 8, 0n);
    machine.write64(0xb000, descriptor(0x93));
    expect(machine.unit.helpers.lldt(SPARE)).toBe(Status.Next);
    expect(machine.state.segment(LDTR)).toMatchObject({ selector: SPARE, base: 0xb000n, limit: 7 });
    expect(machine.unit.helpers.loadSegment(DS, 4)).toBe(Status.Next);
    expect(machine.unit.helpers.loadSegment(DS, 12)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 12 });
  });

  test('both are for ring 0', () => {
    const machine = prepare(3);
    expect(machine.unit.helpers.ltr(TSS_SELECTOR)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
    expect(machine.unit.helpers.lldt(0)).toBe(Status.Fault);
  });
});

describe('GDTR and IDTR', () => {
  test('LGDT and SIDT move limit and base; LGDT is for ring 0 and wants a canonical base', () => {
    const machine = prepare();
    machine.write64(0x2_0000, 0x8000_1234_0000_0fffn);
    machine.write64(0x2_0008, 0xffffn | (0xffffn << 16n));
    expect(machine.unit.helpers.lidt(0x2_0000, 0, 8)).toBe(Status.Next);
    expect(machine.state.get64(layout.IDTR + 8)).toBe(0xffff_8000_1234_0000n);
    expect(machine.state.get32(layout.IDTR)).toBe(0xfff);
    expect(machine.unit.helpers.sidt(0x2_0ffa, 0)).toBe(Status.Next);
    expect(machine.read64(0x2_0ffa)).toBe(0x8000_1234_0000_0fffn);
    machine.write64(0x2_0008, 0x1234n);
    expect(machine.unit.helpers.lgdt(0x2_0000, 0, 8)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
    expect(machine.ring(3).unit.helpers.lgdt(0x2_0000, 0, 8)).toBe(Status.Fault);
  });
});

describe('LAR, LSL, VERR, VERW', () => {
  function answer(machine: MachineFixture, name: 'lar' | 'lsl', selector: number): bigint | undefined {
    machine.setGpr(RAX, 0xdead_beef_dead_beefn);
    expect(machine.unit.helpers[name](selector, GPR_RAX, 8)).toBe(Status.Next);
    return (readFlags(machine.state) & ZF) !== 0 ? machine.gpr(RAX) : undefined;
  }

  test('answer for what the program may see', () => {
    const machine = prepare();
    expect(answer(machine, 'lar', KERNEL_DATA)).toBe(0x00cf_9300n);
    expect(answer(machine, 'lsl', KERNEL_DATA)).toBe(0xffff_ffffn);
    expect(answer(machine, 'lar', TSS_SELECTOR)).toBe(0x8900n);
    expect(answer(machine, 'lsl', TSS_SELECTOR)).toBe(0x67n);
    for (const hidden of [0, 0x200]) {
      expect(answer(machine, 'lar', hidden)).toBeUndefined();
      expect(machine.gpr(RAX)).toBe(0xdead_beef_dead_beefn);
    }
    machine.write64(GDT + SPARE, descriptor(0x8c));
    expect(answer(machine, 'lar', SPARE)).toBeDefined();
    expect(answer(machine, 'lsl', SPARE)).toBeUndefined();
    machine.ring(3);
    expect(answer(machine, 'lar', KERNEL_DATA)).toBeUndefined();
    expect(answer(machine, 'lsl', USER_CODE | 3)).toBe(0xffff_ffffn);
  });

  test('a 16-bit answer keeps the upper bits', () => {
    const machine = prepare().setGpr(RAX, 0x1111_2222_3333_4444n);
    machine.unit.helpers.lar(KERNEL_DATA, GPR_RAX, 2);
    expect(machine.gpr(RAX)).toBe(0x1111_2222_3333_9300n);
  });

  test('VERR and VERW', () => {
    const machine = prepare(3);
    const ask = (name: 'verr' | 'verw', selector: number) => {
      machine.unit.helpers[name](selector);
      return (readFlags(machine.state) & ZF) !== 0;
    };
    expect([ask('verr', USER_DATA), ask('verw', USER_DATA)]).toEqual([true, true]);
    expect([ask('verr', USER_CODE), ask('verw', USER_CODE)]).toEqual([true, false]);
    expect([ask('verr', KERNEL_DATA), ask('verr', TSS_SELECTOR)]).toEqual([false, false]);
  });
});

describe('far JMP and CALL', () => {
  const GATE = 0x48;
  const TARGET = 0x1_2345;

  function callGate(machine: MachineFixture, attributes: number, selector = KERNEL_CODE): void {
    machine.write64(
      GDT + GATE,
      BigInt(TARGET & 0xffff) |
        (BigInt(selector) << 16n) |
        (BigInt(attributes) << 40n) |
        (BigInt(TARGET >>> 16) << 48n),
    );
    machine.write64(GDT + GATE + 8, 0n);
  }

  test('direct, within the level', () => {
    const machine = prepare().setGpr(RSP, 0x3_0000n);
    machine.state.set64(layout.RIP, 0x40_0007n);
    expect(machine.unit.helpers.farCall(KERNEL_CODE, TARGET, 0, 8)).toBe(Status.Lookup);
    expect(machine.state.get64(layout.RIP)).toBe(BigInt(TARGET));
    expect(machine.gpr(RSP)).toBe(0x2_fff0n);
    expect([machine.read64(0x2_fff0), machine.read64(0x2_fff8)]).toEqual([0x40_0007n, BigInt(KERNEL_CODE)]);
    expect(machine.unit.helpers.farJump(USER_CODE | 3, TARGET, 0)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: USER_CODE });
    expect(machine.unit.helpers.farJump(KERNEL_CODE, 0, 0x8000)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
    expect(machine.unit.helpers.farJump(0, 0, 0)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
  });

  test('a call gate leads from ring 3 to ring 0 and its stack', () => {
    const machine = prepare(3).setGpr(RSP, 0x3_0000n);
    const { state } = machine;
    state.setSegment(CS, { ...state.segment(CS), selector: USER_CODE | 3 });
    state.setSegment(SS, { ...state.segment(SS), selector: USER_DATA | 3 });
    callGate(machine, 0xec);
    expect(machine.unit.helpers.farCall(GATE, 0, 0, 4)).toBe(Status.Lookup);
    expect(state.get32(layout.CPL)).toBe(0);
    expect(state.segment(SS).selector).toBe(0);
    expect(machine.gpr(RSP)).toBe(0x1_ffe0n);
    expect([0, 8, 16, 24].map((at) => machine.read64(0x1_ffe0 + at))).toEqual([
      0x40_0000n,
      BigInt(USER_CODE | 3),
      0x3_0000n,
      BigInt(USER_DATA | 3),
    ]);
  });

  test('gates that may not be used', () => {
    for (const [attributes, vector, error] of [
      [0x8c, 13, GATE],
      [0x6c, 11, GATE],
      [0xe5, 13, GATE],
    ] as const) {
      const machine = prepare(3);
      callGate(machine, attributes);
      expect(machine.unit.helpers.farCall(GATE, 0, 0, 8)).toBe(Status.Fault);
      expect(machine.fault()).toEqual({ vector, error });
    }
    const machine = prepare();
    callGate(machine, 0x8c, KERNEL_DATA);
    expect(machine.unit.helpers.farJump(GATE, 0, 0)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: KERNEL_DATA });
    callGate(machine, 0x8c);
    machine.write64(GDT + GATE + 8, 1n << 40n);
    expect(machine.unit.helpers.farJump(GATE, 0, 0)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: GATE });
  });
});
