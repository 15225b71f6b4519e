import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { CS } from '../../../emu/cpu/state.ts';
import { AC, ALL, IF, IOPL, NT, readFlags, TF, VM, writeFlags } from '../../../emu/cpu/system/flags.ts';
import { updateMode } from '../../../emu/cpu/system/mode.ts';
import * as bits from '../../../emu/cpu/system/registers.ts';
import { setFlat32 } from '../../../emu/cpu/system/reset.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import { MachineFixture, P, PML4, RAX, RCX, RDX, W } from './fixture.ts';

const GPR_RAX = layout.GPR + RAX * 8;
const GENERAL_PROTECTION = { vector: 13, error: 0 };
const INVALID_OPCODE = { vector: 6, error: undefined };

function move(machine: MachineFixture, control: number, value: bigint): number {
  machine.setGpr(RAX, value);
  return machine.unit.helpers.movToControl(control, GPR_RAX);
}

describe('MOV CRn', () => {
  test('registers that do not exist are #UD, also in ring 3; the others #GP there', () => {
    const machine = new MachineFixture().ring(3);
    for (const control of [1, 5, 7, 9, 15]) {
      expect(machine.unit.helpers.movFromControl(control, GPR_RAX)).toBe(Status.Fault);
      expect(machine.fault()).toEqual(INVALID_OPCODE);
    }
    for (const control of [0, 2, 3, 4, 8]) {
      expect(move(machine, control, 0n)).toBe(Status.Fault);
      expect(machine.fault()).toEqual(GENERAL_PROTECTION);
    }
  });

  test('values that #GP', () => {
    const machine = new MachineFixture();
    const cr0 = machine.state.get64(layout.CR0);
    const cr4 = machine.state.get64(layout.CR4);
    const refused: [control: number, value: bigint][] = [
      [0, cr0 | (1n << 32n)],
      [0, cr0 & ~BigInt(bits.CR0_PE)],
      [0, cr0 | BigInt(bits.CR0_NW)],
      [0, cr0 & 0x7fff_ffffn],
      [3, 1n << 40n],
      [4, cr4 | (1n << 32n)],
      [4, cr4 & ~BigInt(bits.CR4_PAE)],
      [4, cr4 | (1n << 17n)],
      [4, cr4 | (1n << 13n)],
      [8, 16n],
    ];
    for (const [control, value] of refused) {
      expect(move(machine, control, value), `CR${control} = ${value.toString(16)}`).toBe(Status.Fault);
      expect(machine.fault()).toEqual(GENERAL_PROTECTION);
    }
    expect(machine.state.get64(layout.CR0)).toBe(cr0);
    expect(machine.state.get64(layout.CR4)).toBe(cr4);
    expect(machine.state.get64(layout.CR3)).toBe(BigInt(PML4));
  });

  test('a new CR3 drops the translations of the old one', () => {
    const machine = new MachineFixture().map(0x1_0000, 0x2_0000, P | W);
    machine.unit.mmu.readSlow(0x1_0000, 0, 4, 0);
    machine.map(0x1_0000, 0x3_0000, P | W);
    expect(move(machine, 3, BigInt(PML4))).toBe(Status.Lookup);
    expect(machine.unit.mmu.readSlow(0x1_0000, 0, 4, 0)).toBe(layout.RAM + 0x3_0000);
    expect(machine.log.fetchFlushes).toBe(2);
  });

  test('clearing WP takes effect on pages that were read before', () => {
    const machine = new MachineFixture().map(0x1_0000, 0x2_0000, P);
    expect(machine.unit.mmu.writeSlow(0x1_0000, 0, 4, 0)).toBe(0);
    const cr0 = machine.state.get64(layout.CR0);
    expect(move(machine, 0, cr0 & ~BigInt(bits.CR0_WP))).toBe(Status.Lookup);
    expect(machine.unit.mmu.writeSlow(0x1_0000, 0, 4, 0)).not.toBe(0);
    expect(move(machine, 0, cr0)).toBe(Status.Lookup);
    expect(machine.unit.mmu.writeSlow(0x1_0000, 0, 4, 0)).toBe(0);
  });

  test('the way into long mode: PAE, LME, PG, and its refusals', () => {
    const machine = new MachineFixture();
    const { state, unit } = machine;
    setFlat32(state, 0x10_0000);
    machine.setGpr(RCX, 0xc000_0080n).setGpr(RAX, BigInt(bits.EFER_LME)).setGpr(RDX, 0n);
    expect(unit.helpers.wrmsr()).toBe(Status.Next);
    const paging = BigInt(bits.CR0_PE) | (1n << 31n);
    expect(move(machine, 0, paging)).toBe(Status.Fault);
    expect(move(machine, 4, BigInt(bits.CR4_PAE))).toBe(Status.Lookup);
    expect(move(machine, 0, paging)).toBe(Status.Lookup);
    expect(state.get32(layout.EFER)).toBe(bits.EFER_LME | bits.EFER_LMA);
    expect(state.get32(layout.CODE_SIZE)).toBe(4);
    state.setSegment(CS, { ...state.segment(CS), attributes: 0xa09b });
    updateMode(state);
    expect(state.get32(layout.CODE_SIZE)).toBe(8);
    expect(move(machine, 0, BigInt(bits.CR0_PE))).toBe(Status.Fault);
    state.setSegment(CS, { ...state.segment(CS), attributes: 0xc09b });
    updateMode(state);
    expect(move(machine, 0, BigInt(bits.CR0_PE))).toBe(Status.Lookup);
    expect(state.get32(layout.EFER)).toBe(bits.EFER_LME);
  });

  test('LMSW cannot clear PE, and CLTS clears TS', () => {
    const machine = new MachineFixture();
    const cr0 = machine.state.get32(layout.CR0);
    machine.unit.helpers.lmsw(bits.CR0_TS | bits.CR0_WP);
    expect(machine.state.get32(layout.CR0)).toBe((cr0 | bits.CR0_TS) >>> 0);
    machine.unit.helpers.clts();
    expect(machine.state.get32(layout.CR0)).toBe(cr0);
  });

  test('CR8 ends the slice', () => {
    const machine = new MachineFixture();
    expect(move(machine, 8, 5n)).toBe(Status.Next);
    machine.unit.helpers.movFromControl(8, GPR_RAX);
    expect(machine.gpr(RAX)).toBe(5n);
    expect(machine.log.slicesEnded).toBe(1);
  });
});

describe('MOV DRn', () => {
  test('fixed bits, aliases with CR4.DE clear, #GP for wide values', () => {
    const machine = new MachineFixture();
    const { helpers } = machine.unit;
    machine.setGpr(RAX, 0xffff_ffffn);
    expect(helpers.movToDebug(4, GPR_RAX)).toBe(Status.Next);
    helpers.movFromDebug(6, GPR_RAX);
    expect(machine.gpr(RAX)).toBe(0xffff_efffn);
    machine.setGpr(RAX, 0n);
    helpers.movToDebug(7, GPR_RAX);
    helpers.movFromDebug(7, GPR_RAX);
    expect(machine.gpr(RAX)).toBe(0x400n);
    machine.setGpr(RAX, 1n << 32n);
    expect(helpers.movToDebug(6, GPR_RAX)).toBe(Status.Fault);
    expect(helpers.movToDebug(0, GPR_RAX)).toBe(Status.Next);
    move(machine, 4, machine.state.get64(layout.CR4) | BigInt(bits.CR4_DE));
    expect(helpers.movFromDebug(5, GPR_RAX)).toBe(Status.Fault);
    expect(machine.fault()).toEqual(INVALID_OPCODE);
  });
});

describe('flags', () => {
  test('POPF: ring and IOPL decide what changes', () => {
    const all = ALL & ~VM;
    const machine = new MachineFixture();
    const { helpers } = machine.unit;
    helpers.popf(all, 8);
    expect(readFlags(machine.state) & (IF | IOPL | NT | AC | TF)).toBe(IF | IOPL | NT | AC | TF);
    helpers.popf(0, 2);
    expect(readFlags(machine.state) & AC).toBe(AC);
    writeFlags(machine.state, 0, ALL);
    machine.ring(3);
    helpers.popf(all, 8);
    expect(readFlags(machine.state) & (IF | IOPL)).toBe(0);
    writeFlags(machine.state, IOPL, IOPL);
    helpers.popf(all & ~IOPL, 8);
    expect(readFlags(machine.state) & (IF | IOPL)).toBe(IF | IOPL);
    expect(helpers.pushfValue() & VM).toBe(0);
  });

  test('CLI and STI need CPL ≤ IOPL; STI shadows once', () => {
    const machine = new MachineFixture().ring(3);
    const { helpers } = machine.unit;
    expect([helpers.cli(), helpers.sti()]).toEqual([Status.Fault, Status.Fault]);
    expect(machine.fault()).toEqual(GENERAL_PROTECTION);
    machine.ring(0).interrupt = true;
    expect([helpers.sti(), helpers.sti(), helpers.cli()]).toEqual([Status.Shadow, Status.Next, Status.Next]);
    expect(machine.log.stepsEnded).toBe(1);
  });

  test('HLT, WBINVD, INVLPG, CLTS are for ring 0', () => {
    const machine = new MachineFixture();
    const { helpers } = machine.unit;
    expect(helpers.hlt()).toBe(Status.Halt);
    expect(machine.state.get32(layout.HALTED)).toBe(1);
    machine.ring(3);
    for (const status of [helpers.hlt(), helpers.wbinvd(), helpers.invlpg(0, 0), helpers.clts()]) {
      expect(status).toBe(Status.Fault);
      expect(machine.fault()).toEqual(GENERAL_PROTECTION);
    }
  });
});
