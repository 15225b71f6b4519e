import { describe, expect, it } from 'vitest';
import type { WatchHit } from '../../emu/cpu/index.ts';
import { createMachine } from '../../emu/machine/create.ts';
import type { Machine } from '../../emu/machine/index.ts';
import { makeKernel } from './support/kernel-file.ts';

const ENTRY = 0x10_0000;
const COUNTER = 0x20_0000;
const MEMORY = 4 * 2 ** 20;
/** 32-bit code: counts EAX up and stores it, for ever: three steps a turn, the store the second. */
const COUNT = Uint8Array.of(
  ...[0x40], // inc eax
  ...[0xa3, 0, 0, 0x20, 0], // mov [0x200000], eax
  ...[0xeb, 0xf8], // jmp to the beginning
);
const STORE = BigInt(ENTRY + 1);
const TURN = 3;

function counting(): Machine {
  const { machine } = createMachine({ memory: MEMORY });
  machine.loadKernel(makeKernel({ entry: ENTRY, code: COUNT, memorySize: 0x1000 }), { name: 'count' });
  return machine;
}

const counter = { space: 'linear', address: BigInt(COUNTER), length: 4, access: 'write' } as const;

describe('watchpoints of a machine', () => {
  it('should stop after the step that accesses the memory, and say what did', () => {
    const machine = counting();
    machine.watchpoints.add(counter, () => 'stop');
    const stop = machine.run({ budget: 100 });
    expect(stop).toMatchObject({ reason: 'watchpoint', position: 2 });
    if (stop.reason !== 'watchpoint') return;
    expect(stop.hits).toEqual([
      { range: counter, kind: 'write', address: BigInt(COUNTER), size: 4, instruction: STORE },
    ]);
    expect(machine.run({ budget: 100 })).toMatchObject({ reason: 'watchpoint', position: 2 + TURN });
  });

  it('should go on when no observer wants it to stop', () => {
    const machine = counting();
    const seen: number[] = [];
    machine.watchpoints.add(counter, () => {
      seen.push(machine.position);
      return 'continue';
    });
    expect(machine.run({ budget: 10 })).toMatchObject({ reason: 'budget', position: 10 });
    expect(seen).toEqual([2, 5, 8]);
  });

  it('should ask each observer of memory that several watch, and stop for one of them', () => {
    const machine = counting();
    const seen: string[] = [];
    const observer = (name: string, verdict: 'stop' | 'continue') => (hit: WatchHit) => {
      seen.push(`${name} ${hit.range.space}`);
      return verdict;
    };
    machine.watchpoints.add(counter, observer('first', 'continue'));
    machine.watchpoints.add({ ...counter, space: 'physical' }, observer('second', 'stop'));
    const stop = machine.run({ budget: 10 });
    expect(seen).toEqual(['first linear', 'second physical']);
    expect(stop).toMatchObject({ reason: 'watchpoint', hits: [{ range: { space: 'physical' } }] });
  });

  it('should watch no longer once it is removed, also by its own observer', () => {
    const machine = counting();
    let count = 0;
    const remove = machine.watchpoints.add(counter, () => {
      count++;
      remove();
      return 'continue';
    });
    expect(machine.run({ budget: 100 })).toMatchObject({ reason: 'budget', position: 100 });
    expect(count).toBe(1);
  });

  it('should refuse a range without bytes', () => {
    const machine = counting();
    for (const length of [0, -1, 1.5]) {
      expect(() => machine.watchpoints.add({ ...counter, length }, () => 'stop')).toThrow(RangeError);
    }
  });

  it('should leave the run as it is, with a snapshot on the way', () => {
    const plain = counting();
    const watched = counting();
    watched.watchpoints.add({ ...counter, access: 'access' }, () => 'continue');
    watched.run({ untilPosition: 50 });
    watched.restore(watched.snapshot());
    for (const position of [71, 100, 1234]) {
      plain.run({ untilPosition: position });
      watched.run({ untilPosition: position });
      expect(watched.stateHash()).toBe(plain.stateHash());
    }
  });
});
