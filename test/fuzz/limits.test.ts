import { expect, it } from 'vitest';
import { Limits } from '../../emu/fuzz/limits.ts';

it('should count the time of a campaign from its beginning on, not from an earlier one', () => {
  let clock = 5000;
  const limits = new Limits({ cases: Number.POSITIVE_INFINITY, time: 1000 }, () => clock);
  const reached = [0, 999, 1].map((passed) => {
    clock += passed;
    return limits.reached(clock);
  });
  expect(reached).toEqual([false, false, true]);
});

it('should end a campaign with its last program', () => {
  const limits = new Limits({ cases: 3, time: Number.POSITIVE_INFINITY }, () => 0);
  expect([2, 3].map((executions) => limits.reached(executions))).toEqual([false, true]);
});
