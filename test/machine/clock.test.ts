import { describe, expect, it } from 'vitest';
import { NEVER, VirtualClock } from '../../emu/machine/clock.ts';

describe('the virtual clock', () => {
  it('should add skipped idle time to the steps', () => {
    let position = 100;
    const clock = new VirtualClock(() => position);
    clock.skip(900);
    position = 150;
    expect([clock.now, clock.idle]).toEqual([1050, 900]);
  });

  it('should let timers expire in the order of their deadlines, then of their creation', () => {
    const clock = new VirtualClock(() => 100);
    const order: string[] = [];
    const timers = ['a', 'b', 'c', 'd'].map((name) => clock.timer(name, 0, () => order.push(name)));
    [50, 100, 50, 101].forEach((deadline, index) => {
      timers[index]?.schedule(deadline);
    });
    clock.expireDue();
    expect(order).toEqual(['a', 'c', 'b']);
    expect(clock.nextDeadline()).toBe(101);
  });

  it('should tell an expiring timer its deadline, so that a period does not drift', () => {
    let position = 0;
    const clock = new VirtualClock(() => position);
    const seen: number[] = [];
    const timer = clock.timer('periodic', 0, (deadline) => {
      seen.push(deadline);
      timer.schedule(deadline + 10);
    });
    timer.schedule(10);
    position = 35;
    clock.expireDue();
    expect(seen).toEqual([10, 20, 30]);
    expect(clock.nextDeadline()).toBe(40);
  });

  it('should end a slice for a deadline within it, and only then', () => {
    const clock = new VirtualClock(() => 0);
    const timer = clock.timer('timer', 0, () => {});
    let ended = 0;
    timer.schedule(5);
    clock.beginSlice(100, () => ended++);
    timer.schedule(100);
    timer.schedule(NEVER);
    expect(ended).toBe(0);
    timer.schedule(99);
    expect(ended).toBe(1);
    clock.finishSlice();
    timer.schedule(1);
    expect(ended).toBe(1);
  });

  it('should find the next deadline among those that matter', () => {
    const clock = new VirtualClock(() => 0);
    clock.timer('masked', 1, () => {}).schedule(10);
    clock.timer('open', 2, () => {}).schedule(20);
    expect(clock.nextDeadline((timer) => timer.irq === 2)).toBe(20);
    expect(clock.nextDeadline(() => false)).toBe(NEVER);
  });
});
