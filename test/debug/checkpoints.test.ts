import { describe, expect, it } from 'vitest';
import { Checkpoints } from '../../emu/debug/time/checkpoints.ts';
import { smallMachine } from './gdb/support/small-machine.ts';

const PAGE = 4096;

describe('the checkpoints of a run', () => {
  it('should be dense in the recent past and sparser the longer ago, the first one kept', () => {
    const { machine } = smallMachine();
    const checkpoints = new Checkpoints(machine, { interval: 10, spread: 1 / 4 });
    const now = 10_000;
    while (machine.position < now) machine.run({ budget: checkpoints.advance() });
    checkpoints.advance();
    expect(checkpoints.earliest).toBe(0);
    const positions: number[] = [];
    for (let until = now + 1; ; ) {
      const found = checkpoints.before(until)?.position;
      if (found === undefined) break;
      positions.push(found);
      until = found;
    }
    positions.forEach((position, index) => {
      const later = positions[index - 1] ?? now;
      expect(later - position).toBeLessThanOrEqual(Math.max(10, (now - later) / 4) + 10);
    });
    // A logarithm of the run's length, not a part of it.
    expect(positions.length).toBeLessThan(80);
    expect(positions[0]).toBe(now);
  });

  it('should stay within their memory', () => {
    const { machine } = smallMachine();
    // Each checkpoint holds one page that the one before it has otherwise: the counter's.
    const checkpoints = new Checkpoints(machine, { interval: 10, spread: 0.01, memory: 12 * PAGE });
    while (machine.position < 5000) machine.run({ budget: checkpoints.advance() });
    expect(checkpoints.bytes).toBeLessThanOrEqual(12 * PAGE);
    expect(checkpoints.count).toBeGreaterThan(4);
    expect(checkpoints.earliest).toBe(0);
  });

  it('should be forgotten where another course begins', () => {
    const { machine } = smallMachine();
    const checkpoints = new Checkpoints(machine, { interval: 10 });
    while (machine.position < 100) machine.run({ budget: checkpoints.advance() });
    checkpoints.forgetAfter(45);
    expect(checkpoints.before(100)?.position).toBe(40);
  });

  it('should find the latest one that is not after a position', () => {
    const { machine } = smallMachine();
    const checkpoints = new Checkpoints(machine, { interval: 10 });
    while (machine.position < 50) machine.run({ budget: checkpoints.advance() });
    expect(checkpoints.atOrBefore(40)?.position).toBe(40);
    expect(checkpoints.before(40)?.position).toBe(30);
    expect(checkpoints.before(0)).toBeUndefined();
  });
});
