import { describe, expect, it } from 'vitest';
import { Cpu } from '../../emu/cpu/cpu.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { ALL, ARITHMETIC, CF, readFlags, writeFlags } from '../../emu/cpu/system/flags.ts';
import { Machine } from '../../emu/machine/index.ts';
import { CODE, flatProcessor, resetFlat } from './support/flat-processor.ts';

/** RDRAND and RDSEED RAX, EAX and AX. */
const RDRAND = { 64: [0x48, 0x0f, 0xc7, 0xf0], 32: [0x0f, 0xc7, 0xf0], 16: [0x66, 0x0f, 0xc7, 0xf0] };
const RDSEED_64 = [0x48, 0x0f, 0xc7, 0xf8];
/** What SplitMix64 gives from the seed 1234567, as its authors' program prints it. */
const SEED = 1_234_567n;
const SEQUENCE = [
  6457827717110365317n,
  3203168211198807973n,
  9817491932198370423n,
  4593380528125082431n,
  16408922859458223821n,
];
const MEMORY = 8 * 2 ** 20;

/** Runs instructions one after the other from a seed; RAX after each of them, which starts as all ones. */
function run(cpu: Cpu, seed: bigint, instructions: readonly (readonly number[])[]): bigint[] {
  resetFlat(cpu);
  cpu.state.set64(layout.RANDOM, seed);
  cpu.state.ram.set(instructions.flat(), CODE);
  cpu.memoryWritten(CODE, instructions.flat().length);
  return instructions.map(() => {
    cpu.state.set64(layout.GPR, 2n ** 64n - 1n);
    writeFlags(cpu.state, ARITHMETIC, ALL);
    cpu.run(1);
    expect(readFlags(cpu.state) & ARITHMETIC).toBe(CF);
    return cpu.state.get64(layout.GPR);
  });
}

describe('the random number generator', () => {
  const cpu = flatProcessor();

  it('should be SplitMix64, and set CF and no other flag', () => {
    expect(run(cpu, SEED, new Array(5).fill(RDRAND[64]))).toEqual(SEQUENCE);
  });

  it('should give RDRAND and RDSEED numbers of one sequence', () => {
    expect(run(cpu, SEED, [RDRAND[64], RDSEED_64, RDRAND[64], RDSEED_64])).toEqual(SEQUENCE.slice(0, 4));
  });

  it('should cut a number to the operand, and clear the upper half above 32 bits alone', () => {
    const [first, second] = SEQUENCE as [bigint, bigint];
    expect(run(cpu, SEED, [RDRAND[32], RDRAND[16]])).toEqual([
      first & 0xffff_ffffn,
      0xffff_ffff_ffff_0000n | (second & 0xffffn),
    ]);
  });

  it('should start from the seed that the processor was made with, at each reset', () => {
    const state = flatProcessor().state;
    const seeded = new Cpu({ state, bus: Machine.create({ memory: MEMORY }).bus, randomSeed: SEED });
    expect(state.get64(layout.RANDOM)).toBe(SEED);
    state.set64(layout.RANDOM, 1n);
    seeded.reset();
    expect(state.get64(layout.RANDOM)).toBe(SEED);
  });

  it('should be part of the state of a machine, which gives it the seed', () => {
    const machine = Machine.create({ memory: MEMORY, randomSeed: SEED });
    const before = machine.snapshot();
    const hash = machine.stateHash();
    expect(hash).not.toBe(Machine.create({ memory: MEMORY }).stateHash());
    machine.state.set64(layout.RANDOM, 99n);
    expect(machine.stateHash()).not.toBe(hash);
    machine.restore(before);
    expect(machine.state.get64(layout.RANDOM)).toBe(SEED);
    expect(machine.stateHash()).toBe(hash);
  });
});
