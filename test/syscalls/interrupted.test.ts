import { describe, expect } from 'vitest';
import { type Call, call, forking, guestTest as it, preemptionSweep } from '../../emu/vitest/index.ts';
import { exited } from './support/constants.ts';

/** Functions on the way of a process from fork(2) to wait4(2), and instructions of each that are executed at least. */
const FUNCTIONS: readonly (readonly [name: string, atLeast: number])[] = [
  ['sys_fork', 5],
  ['fork1', 100],
  ['thread_new', 20],
  ['process_new', 50],
  ['cpu_fork', 30],
  ['fork_thread_start', 10],
  ['child_return', 10],
  ['exit1', 50],
  ['dowait4', 30],
  ['tsleep', 20],
  ['wakeup_n', 10],
  ['setrunqueue', 10],
  ['mi_switch', 20],
  ['pipe_write', 20],
  ['pipe_read', 20],
];

describe('a fork, a pipe and a wait', () => {
  it.for(FUNCTIONS)(
    'should go well when an interrupt comes before any instruction of %s',
    ([name, atLeast], { guest }) => {
      const { scratch, user } = guest;
      const ends = user.buffer(8);
      const text = user.buffer(8);
      const status = user.buffer(4);
      const [from, to] = [3, 4];
      const fork = forking('fork', [call('write', to, 'hello', 5), call('exit', 3)]);
      const calls: readonly Call[] = [
        call('pipe', ends),
        fork,
        call('read', from, text, 8),
        call('wait4', fork, status, 0, null),
        call('wait4', -1, null, 0, null),
      ];
      const program = scratch.encode(calls);
      const runs = preemptionSweep(guest, name, () => {
        expect(scratch.runEncoded(program)).toBe('parked');
        expect(text.text()).toBe('hello');
        expect(status.int()).toBe(exited(3));
        expect(scratch.resultsOf(program).get(calls[4] as Call)?.errno).toBe('ECHILD');
      });
      expect(runs.length).toBeGreaterThanOrEqual(atLeast);
    },
  );
});
