import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { CS, GS, SS } from '../../../emu/cpu/state.ts';
import {
  AC,
  CF,
  DF,
  IF,
  IOPL,
  NT,
  RF,
  readFlags,
  TF,
  VM,
  writeFlags,
  ZF,
} from '../../../emu/cpu/system/flags.ts';
import { updateMode } from '../../../emu/cpu/system/mode.ts';
import { EFER_SCE } from '../../../emu/cpu/system/registers.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import { MachineFixture, R11, RCX } from './fixture.ts';

const LSTAR = 0xffff_ffff_8000_1000n;
const CSTAR = 0xffff_ffff_8000_2000n;

function prepare(ring: number): MachineFixture {
  const machine = new MachineFixture().ring(ring);
  const { state } = machine;
  state.set64(layout.STAR, 0x001b_0008_0000_0000n);
  state.set64(layout.LSTAR, LSTAR);
  state.set64(layout.CSTAR, CSTAR);
  state.set64(layout.SFMASK, BigInt(IF | TF | DF | AC));
  return machine;
}

describe('SYSCALL', () => {
  test('from 64-bit code: LSTAR, RCX, R11, flat segments, masked flags', () => {
    const machine = prepare(3);
    writeFlags(machine.state, IF | DF | CF | ZF, IF | DF | CF | ZF);
    expect(machine.unit.helpers.syscall()).toBe(Status.Lookup);
    const { state } = machine;
    expect(state.get64(layout.RIP)).toBe(LSTAR);
    expect(machine.gpr(RCX)).toBe(0x40_0000n);
    expect(machine.gpr(R11)).toBe(BigInt(IF | DF | CF | ZF | 2));
    expect(readFlags(state)).toBe(CF | ZF | 2);
    expect(state.get32(layout.CPL)).toBe(0);
    expect(state.segment(CS)).toEqual({ selector: 8, attributes: 0xa09b, limit: 0xffff_ffff, base: 0n });
    expect(state.segment(SS)).toEqual({ selector: 16, attributes: 0xc093, limit: 0xffff_ffff, base: 0n });
    expect(state.get32(layout.TLB_BASE)).toBe(layout.TLB_SUPERVISOR);
  });

  test('from compatibility mode: CSTAR', () => {
    const machine = prepare(3);
    machine.state.setSegment(CS, { ...machine.state.segment(CS), attributes: 0xc0fb });
    updateMode(machine.state);
    machine.unit.helpers.syscall();
    expect(machine.state.get64(layout.RIP)).toBe(CSTAR);
    expect(machine.state.get32(layout.CODE_SIZE)).toBe(8);
  });

  test('without EFER.SCE both are #UD; SYSRET outside ring 0 is #GP', () => {
    const machine = prepare(3);
    expect(machine.unit.helpers.sysret(8)).toBe(Status.Fault);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
    const { state } = machine;
    state.set32(layout.EFER, state.get32(layout.EFER) & ~EFER_SCE);
    for (const status of [machine.unit.helpers.syscall(), machine.unit.helpers.sysret(8)]) {
      expect(status).toBe(Status.Fault);
      expect(machine.fault()).toEqual({ vector: 6, error: undefined });
    }
  });
});

describe('SYSRET', () => {
  test('to 64-bit code takes RIP from RCX and the flags from R11, without RF and VM', () => {
    const machine = prepare(0);
    const flags = IF | CF | NT | IOPL;
    machine.setGpr(RCX, 0x1234_5678_9abcn).setGpr(R11, BigInt(flags | RF | VM));
    expect(machine.unit.helpers.sysret(8)).toBe(Status.Lookup);
    const { state } = machine;
    expect(state.get64(layout.RIP)).toBe(0x1234_5678_9abcn);
    expect(readFlags(state)).toBe(flags | 2);
    expect(state.segment(CS)).toMatchObject({ selector: 0x2b, attributes: 0xa0fb });
    expect(state.segment(SS)).toMatchObject({ selector: 0x23, attributes: 0xc0f3 });
    expect(state.get32(layout.CPL)).toBe(3);
    expect(state.get32(layout.TLB_BASE)).toBe(layout.TLB_USER);
  });

  test('to 32-bit code truncates', () => {
    const machine = prepare(0).setGpr(RCX, 0x1_0000_2000n);
    machine.unit.helpers.sysret(4);
    expect(machine.state.get64(layout.RIP)).toBe(0x2000n);
    expect(machine.state.segment(CS)).toMatchObject({ selector: 0x1b, attributes: 0xc0fb });
    expect(machine.state.get32(layout.CODE_SIZE)).toBe(4);
  });

  test('a non-canonical RCX goes to ring 3 and faults there', () => {
    const machine = prepare(0).setGpr(RCX, 1n << 47n);
    expect(machine.unit.helpers.sysret(8)).toBe(Status.Lookup);
    expect(machine.state.get32(layout.CPL)).toBe(3);
    expect(machine.unit.mmu.fetchPhysical(0, 0x8000)).toBe(-1);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
  });

  test('the flags let a waiting interrupt in', () => {
    const machine = prepare(0).setGpr(R11, BigInt(IF));
    machine.interrupt = true;
    machine.unit.helpers.sysret(8);
    expect(machine.log.stepsEnded).toBe(1);
  });
});

test('SWAPGS exchanges the bases, in 64-bit ring 0 only', () => {
  const machine = prepare(0);
  const { state, unit } = machine;
  state.set64(layout.KERNEL_GS_BASE, 0xffff_8000_0000_0001n);
  state.setSegment(GS, { ...state.segment(GS), base: 0x7fff_1234n });
  expect(unit.helpers.swapgs()).toBe(Status.Next);
  expect(state.segment(GS).base).toBe(0xffff_8000_0000_0001n);
  expect(state.get64(layout.KERNEL_GS_BASE)).toBe(0x7fff_1234n);
  machine.ring(3);
  expect(unit.helpers.swapgs()).toBe(Status.Fault);
  expect(machine.fault()).toEqual({ vector: 13, error: 0 });
  state.set32(layout.CODE_SIZE, 4);
  expect(unit.helpers.swapgs()).toBe(Status.Fault);
  expect(machine.fault().vector).toBe(6);
});
