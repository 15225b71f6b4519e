import { describe, expect, it } from 'vitest';
import { History } from '../../../emu/debug/gdb/machine/history.ts';
import { smallMachine } from './support/small-machine.ts';

describe('the checkpoints of a run', () => {
  it('should stay within their number, the first one kept, and be at most one interval apart', () => {
    const { machine } = smallMachine();
    const history = new History(machine, { interval: 10, capacity: 6 });
    while (machine.position < 1000) {
      machine.run({ budget: history.advance() });
      expect(history.size).toBeLessThanOrEqual(6);
      expect(history.earliest).toBe(0);
    }
    const apart: number[] = [];
    for (let until = 1000; ; ) {
      const before = history.before(until)?.position;
      if (before === undefined) break;
      apart.push(until - before);
      until = before;
    }
    // Half of six is kept when a seventh comes: three intervals at the least, of one length but the last.
    expect(apart.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...apart)).toBeLessThanOrEqual(1000 / 3);
  });

  it('should stay within their memory', () => {
    const { machine } = smallMachine();
    // Each checkpoint holds one page that the one before it has otherwise: the counter's.
    const history = new History(machine, { interval: 10, capacity: 1000, memory: 5 * 4096 });
    while (machine.position < 1000) machine.run({ budget: history.advance() });
    expect(history.size).toBeLessThanOrEqual(6);
    expect(history.size).toBeGreaterThan(2);
    expect(history.earliest).toBe(0);
  });

  it('should be forgotten where another course begins', () => {
    const { machine } = smallMachine();
    const history = new History(machine, { interval: 10 });
    while (machine.position < 100) machine.run({ budget: history.advance() });
    history.forgetAfter(45);
    expect(history.before(100)?.position).toBe(40);
  });
});
