import { describe, expect } from 'vitest';
import { decodePsFlags } from '../../../emu/index.ts';
import { forkTest as it } from '../support/fork-scene.ts';

/** PS_SUGID, PS_SUGIDEXEC, PS_PLEDGE, PS_WXNEEDED, PS_EXECPLEDGE (sys/proc.h). */
const INHERITED = 0x0070_0030;
const PS_CONTROLT = 0x1;
const PS_EXEC = 0x2;
const PS_EMBRYO = 0x2_0000;
const AFORK = 0x1;

describe('the flags and times of a forked process', () => {
  it('should inherit what is to be inherited, and the terminal', ({ fork }) => {
    fork.at('parent in user mode');
    const parent = fork.parent.number('ps_flags');
    expect(parent & PS_CONTROLT).toBe(PS_CONTROLT);
    expect(fork.child.number('ps_flags')).toBe((parent & INHERITED) | PS_CONTROLT);
  });

  it('should not have executed a program, though its parent has', ({ fork }) => {
    fork.at('parent in user mode');
    expect(fork.parent.number('ps_flags') & PS_EXEC).toBe(PS_EXEC);
    expect(fork.child.number('ps_flags') & PS_EXEC).toBe(0);
  });

  it.for([
    ['after process_new', PS_EMBRYO],
    ['after alloctid', PS_EMBRYO],
    ['at getnanotime', PS_EMBRYO],
    ['at fork_thread_start', 0],
    ['parent in user mode', 0],
  ] as const)('should be an embryo until all of it is there: %s', ([moment, flag], { fork }) => {
    fork.at(moment);
    expect(fork.child.number('ps_flags') & PS_EMBRYO).toBe(flag);
  });

  it('should leave the flags of the parent alone', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'parent in user mode', () =>
      decodePsFlags(fork.parent.number('ps_flags')),
    );
    expect(after).toEqual(before);
  });

  it('should be marked as forked but not executed for accounting', ({ fork }) => {
    fork.at('parent in user mode');
    expect(fork.child.number('ps_acflag')).toBe(AFORK);
    expect(fork.parent.number('ps_acflag')).not.toBe(AFORK);
  });

  it('should begin no earlier than its parent did', ({ fork }) => {
    fork.at('parent in user mode');
    const start = (path: string): number =>
      fork[path === 'child' ? 'child' : 'parent'].number('ps_start.tv_sec') * 1e9 +
      fork[path === 'child' ? 'child' : 'parent'].number('ps_start.tv_nsec');
    expect(start('child')).toBeGreaterThanOrEqual(start('parent'));
  });

  it('should have no times, timers, usage or traces', ({ fork }) => {
    fork.at('after setrunqueue');
    const { child, childsThread } = fork;
    const zeros = [
      ...['ps_traceflag', 'ps_tracevp', 'ps_tracecred', 'ps_ptmask', 'ps_ptstat', 'ps_oppid'],
      ...['ps_ru', 'ps_cru.ru_minflt', 'ps_cru.ru_utime.tv_usec', 'ps_tu.tu_uticks', 'ps_nextxcpu'],
      ...['ps_timer[0].it_value.tv_sec', 'ps_timer[2].it_interval.tv_usec', 'ps_single', 'ps_klist.lh_first'],
    ].map((path) => [path, child.integer(path)]);
    const threadZeros = [
      ...['p_flag', 'p_wchan', 'p_wmesg', 'p_slptime', 'p_cpticks', 'p_pctcpu', 'p_limit'],
      ...['p_ru.ru_minflt', 'p_tu.tu_uticks', 'p_rtime.tv_nsec', 'p_dupfd'],
    ].map((path) => [path, childsThread.integer(path)]);
    for (const [path, value] of [...zeros, ...threadZeros]) expect([path, value]).toEqual([path, 0n]);
  });

  it('should have the scheduling history and priority of its parent', ({ fork }) => {
    fork.at('after thread_new');
    for (const name of ['p_estcpu', 'p_priority', 'p_usrpri']) {
      expect([name, fork.childsThread.number(name)]).toEqual([name, fork.parentsThread.number(name)]);
    }
  });
});
