import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { GS } from '../../../emu/cpu/state.ts';
import { Msr } from '../../../emu/cpu/system/msr.ts';
import { CR4_TSD } from '../../../emu/cpu/system/registers.ts';
import { Status } from '../../../emu/cpu/system/status.ts';
import { MachineFixture, RAX, RBX, RCX, RDX } from './fixture.ts';

const GENERAL_PROTECTION = { vector: 13, error: 0 };

function write(machine: MachineFixture, index: number, value: bigint): number {
  machine
    .setGpr(RCX, BigInt(index))
    .setGpr(RAX, value & 0xffff_ffffn)
    .setGpr(RDX, value >> 32n);
  return machine.unit.helpers.wrmsr();
}

function read(machine: MachineFixture, index: number): bigint | undefined {
  machine.setGpr(RCX, BigInt(index));
  if (machine.unit.helpers.rdmsr() !== Status.Next) return undefined;
  return (machine.gpr(RDX) << 32n) | machine.gpr(RAX);
}

describe('MSRs', () => {
  test('what is written is read back', () => {
    const machine = new MachineFixture();
    const values: [index: number, value: bigint][] = [
      [Msr.Star, 0x1234_5678_9abc_def0n],
      [Msr.LongStar, 0xffff_8000_0000_1234n],
      [Msr.CompatibilityStar, 0x7fff_ffff_ffffn],
      [Msr.FlagMask, 0x4_7700n],
      [Msr.FsBase, 0x1234n],
      [Msr.GsBase, 0xffff_ffff_8000_0000n],
      [Msr.KernelGsBase, 5n],
      [Msr.TscAux, 7n],
      [Msr.PageAttributes, 0x0706_0504_0100_0706n],
      [Msr.ApicBase, 0xfee0_0900n],
      [Msr.SysenterEip, 0x1000n],
      [Msr.Efer, 0xd01n],
    ];
    for (const [index, value] of values) {
      expect(write(machine, index, value), index.toString(16)).not.toBe(Status.Fault);
      expect(read(machine, index), index.toString(16)).toBe(value);
    }
    expect(machine.state.segment(GS).base).toBe(0xffff_ffff_8000_0000n);
  });

  test('what #GP refuses', () => {
    const machine = new MachineFixture();
    const refused: [index: number, value: bigint][] = [
      [Msr.LongStar, 1n << 47n],
      [Msr.FsBase, 1n << 63n],
      [Msr.KernelGsBase, 0x8000_0000_0000n],
      [Msr.FlagMask, 1n << 32n],
      [Msr.PageAttributes, 2n],
      [Msr.PageAttributes, 8n << 56n],
      [Msr.ApicBase, 0xfee0_0c00n],
      [Msr.Efer, 0xd01n | (1n << 12n)],
      [Msr.Efer, 0xc01n],
      [Msr.Efer, 1n << 32n],
      [0x1a0, 0n],
      [0x12_3456, 0n],
    ];
    for (const [index, value] of refused) {
      expect(write(machine, index, value), `${index.toString(16)} ${value.toString(16)}`).toBe(Status.Fault);
      expect(machine.fault()).toEqual(GENERAL_PROTECTION);
    }
    expect(read(machine, 0x12_3456)).toBeUndefined();
    machine.ring(3);
    expect(read(machine, Msr.Efer)).toBeUndefined();
    expect(write(machine, Msr.Star, 0n)).toBe(Status.Fault);
  });

  test('LMA cannot be written', () => {
    const machine = new MachineFixture();
    write(machine, Msr.Efer, 0x901n);
    expect(read(machine, Msr.Efer)).toBe(0xd01n);
  });

  test('configuration that means nothing here reads as zero', () => {
    const machine = new MachineFixture();
    expect(write(machine, Msr.HardwareConfiguration, 0xffff_ffffn)).toBe(Status.Next);
    expect(read(machine, Msr.HardwareConfiguration)).toBe(0n);
  });
});

describe('performance counters', () => {
  test('take what is written and read as zero', () => {
    const machine = new MachineFixture();
    for (let index = Msr.PerformanceEventSelect as number; index < Msr.PerformanceCounter + 4; index++) {
      expect(write(machine, index, 0xabcdn)).toBe(Status.Next);
      expect(read(machine, index)).toBe(0n);
    }
    expect(read(machine, Msr.PerformanceCounter + 4)).toBeUndefined();
  });
});

describe('time-stamp counter', () => {
  test('follows the position, and a written value goes on from there', () => {
    const machine = new MachineFixture();
    machine.position = 2 ** 33 + 5;
    machine.unit.helpers.rdtsc();
    expect([machine.gpr(RDX), machine.gpr(RAX)]).toEqual([2n, 5n]);
    write(machine, Msr.TimeStampCounter, 3n);
    machine.position += 10;
    expect(read(machine, Msr.TimeStampCounter)).toBe(13n);
  });

  test('a written value carries from half to half, and wraps', () => {
    const machine = new MachineFixture();
    const { helpers } = machine.unit;
    write(machine, Msr.TimeStampCounter, 0x5_ffff_fffen);
    machine.position += 3;
    helpers.rdtsc();
    expect([machine.gpr(RDX), machine.gpr(RAX)]).toEqual([6n, 1n]);
    write(machine, Msr.TimeStampCounter, 2n ** 64n - 1n);
    machine.position += 1;
    helpers.rdtsc();
    expect([machine.gpr(RDX), machine.gpr(RAX)]).toEqual([0n, 0n]);
  });

  test('CR4.TSD keeps ring 3 out; RDTSCP adds TSC_AUX', () => {
    const machine = new MachineFixture();
    const { state, unit } = machine;
    write(machine, Msr.TscAux, 42n);
    state.set32(layout.CR4, state.get32(layout.CR4) | CR4_TSD);
    expect(unit.helpers.rdtscp()).toBe(Status.Next);
    expect(machine.gpr(RCX)).toBe(42n);
    machine.ring(3);
    expect([unit.helpers.rdtsc(), unit.helpers.rdtscp()]).toEqual([Status.Fault, Status.Fault]);
    expect(machine.fault()).toEqual(GENERAL_PROTECTION);
  });
});

describe('CPUID', () => {
  function leaf(machine: MachineFixture, index: number, subleaf = 0): bigint[] {
    machine.setGpr(RAX, BigInt(index)).setGpr(RCX, BigInt(subleaf));
    machine.unit.helpers.cpuid();
    return [RAX, RBX, RCX, RDX].map((register) => machine.gpr(register));
  }

  test('says AuthenticAMD, standard and extended', () => {
    const machine = new MachineFixture();
    for (const index of [0, 0x8000_0000]) {
      const [, ebx = 0n, ecx = 0n, edx = 0n] = leaf(machine, index);
      const bytes = new Uint8Array(new Uint32Array([ebx, edx, ecx].map(Number)).buffer);
      expect(new TextDecoder().decode(bytes)).toBe('AuthenticAMD');
    }
  });

  test('claims the features it is given and the system half, nothing else', () => {
    const bare = new MachineFixture();
    const rich = new MachineFixture(['MMX', 'SSE2', 'SMEP', 'LZCNT', 'FPU']);
    const bit = (value: bigint | undefined, position: bigint) => ((value ?? 0n) >> position) & 1n;
    expect(bit(leaf(bare, 1)[3], 23n)).toBe(0n);
    expect(bit(leaf(rich, 1)[3], 23n)).toBe(1n);
    expect(bit(leaf(rich, 0x8000_0001)[3], 23n)).toBe(1n);
    expect(bit(leaf(bare, 1)[3], 15n)).toBe(1n);
    expect(bit(leaf(rich, 1)[3], 26n)).toBe(1n);
    expect(bit(leaf(rich, 0x8000_0001)[3], 26n)).toBe(1n);
    expect(bit(leaf(rich, 7)[1], 7n)).toBe(1n);
    expect(leaf(rich, 7, 1)).toEqual([0n, 0n, 0n, 0n]);
    expect(bit(leaf(rich, 0x8000_0001)[2], 5n)).toBe(1n);
    for (const position of [11n, 20n, 27n, 29n]) expect(bit(leaf(bare, 0x8000_0001)[3], position)).toBe(1n);
    expect(leaf(bare, 0x8000_0008)[0]).toBe(0x3028n);
    expect(leaf(bare, 0x1234)).toEqual([0n, 0n, 0n, 0n]);
  });
});
