import { describe, expect } from 'vitest';
import type { Kernel } from '../../../emu/index.ts';
import { pufferMatchers } from '../../../emu/vitest/index.ts';
import { childAddresses, lists, processesOf } from '../support/census.ts';
import { type ForkMoment, type ForkScene, forkTest as it, PROGRAM } from '../support/fork-scene.ts';

expect.extend(pufferMatchers);

const SIDL = 1;
const SRUN = 2;
const SONPROC = 7;
const guestIt = it.extend({ guestSetup: { programs: [PROGRAM] } });

/** Where the child can be found at a moment. */
function found(fork: ForkScene, moment: ForkMoment): Readonly<Record<string, boolean>> {
  const { allproc, allprocess, threadsById, processesById } = lists(fork.at(moment));
  return {
    allprocess: allprocess?.includes(fork.childProcess) ?? false,
    allproc: allproc?.includes(fork.childThread) ?? false,
    tfind: threadsById?.includes(fork.childThread) ?? false,
    prfind: processesById?.includes(fork.childProcess) ?? false,
    children: childAddresses(fork.parent).includes(fork.childProcess),
  };
}

const NOWHERE = { allprocess: false, allproc: false, tfind: false, prfind: false, children: false };
const EVERYWHERE = { allprocess: true, allproc: true, tfind: true, prfind: true, children: true };

describe('the order of a fork', () => {
  it('should make a thread that is being created and belongs to no process', ({ fork }) => {
    expect(found(fork, 'after thread_new')).toEqual(NOWHERE);
    expect(fork.childsThread.number('p_stat')).toBe(SIDL);
    expect(fork.childsThread.pointer('p_cpu')).toBe(0n);
  });

  it('should put the new process on allprocess first, where no look-up by pid finds it', ({ fork }) => {
    expect(found(fork, 'after process_new')).toEqual({ ...NOWHERE, allprocess: true });
  });

  it('should keep the rest hidden until the registers and the thread id are there', ({ fork }) => {
    expect(found(fork, 'after cpu_fork')).toEqual({ ...NOWHERE, allprocess: true });
    expect(found(fork, 'after alloctid')).toEqual({ ...NOWHERE, allprocess: true });
  });

  it('should put it on all lists before it takes the start time', ({ fork }) => {
    expect(found(fork, 'at getnanotime')).toEqual(EVERYWHERE);
  });

  it('should make it runnable once, in setrunqueue', ({ fork }) => {
    const state = (moment: ForkMoment): number => {
      fork.at(moment);
      return fork.childsThread.number('p_stat');
    };
    expect(state('at fork_thread_start')).toBe(SIDL);
    expect(state('at setrunqueue')).toBe(SIDL);
    expect(state('after setrunqueue')).toBe(SRUN);
  });

  it('should queue the child’s thread, of all threads', ({ fork }) => {
    fork.at('at setrunqueue');
    expect(fork.guest.machine.register('rdi')).toBe(fork.childThread);
  });

  it('should tell who watches the parent when the child can run, with the child’s pid', ({ fork }) => {
    const NOTE_FORK = 0x4000_0000n;
    fork.at('at knote');
    expect(fork.childsThread.number('p_stat')).toBe(SRUN);
    expect(fork.guest.machine.register('rdi')).toBe(fork.parent.member('ps_klist').address);
    expect(fork.guest.machine.register('rsi')).toBe(NOTE_FORK | fork.child.integer('ps_pid'));
  });

  it('should count the fork last', ({ fork }) => {
    const forks = (kernel: Kernel): number => kernel.global('uvmexp').number('forks');
    expect(fork.growth('SYSCALL', 'at knote', forks)).toBe(0);
    expect(fork.growth('at knote', 'parent in user mode', forks)).toBe(1);
  });

  it('should run the parent all the while', ({ fork }) => {
    const moments = [
      'SYSCALL',
      'after thread_new',
      'at getnanotime',
      'at knote',
      'parent in user mode',
    ] as const;
    for (const moment of moments) {
      const kernel = fork.at(moment);
      expect([moment, kernel.currentThread()?.address]).toEqual([moment, fork.parentThread]);
      expect([moment, fork.parentsThread.number('p_stat')]).toEqual([moment, SONPROC]);
    }
  });

  it('should run the child from proc_trampoline on, and in user mode only when it is complete', ({
    fork,
  }) => {
    const kernel = fork.at('at proc_trampoline');
    expect(kernel.currentThread()?.address).toBe(fork.childThread);
    expect(fork.childsThread.number('p_stat')).toBe(SONPROC);
    expect(fork.positionOf('child in user mode')).toBeGreaterThan(fork.positionOf('at fork_thread_start'));
  });

  it('should call child_return in the child, with the child’s thread', ({ fork }) => {
    const kernel = fork.at('at child_return');
    expect(fork.guest.machine.register('rdi')).toBe(fork.childThread);
    expect(kernel.currentThread()?.address).toBe(fork.childThread);
  });

  it('should not count the process a second time for its user on the way', ({ fork }) => {
    expect(fork.growth('after thread_new', 'child in user mode', (kernel) => processesOf(kernel, 0))).toBe(0);
  });

  guestIt('should call the functions of fork1 in the order of OpenBSD', ({ guest }) => {
    expect(guest.during(() => guest.sh('forkscene'))).toCallInOrder([
      'Xsyscall',
      'syscall',
      'mi_syscall',
      'sys_fork',
      'fork1',
      'fork_check_maxthread',
      'chgproccnt',
      'uvm_uarea_alloc',
      'thread_new',
      'timeout_set',
      'scheduler_fork_hook',
      'process_new',
      'process_initialize',
      'allocpid',
      'ispidtaken',
      'lim_fork',
      'fdcopy',
      'fdinit',
      'sigactsinit',
      'uvmspace_fork',
      'cpu_fork',
      'pmap_activate',
      'setguardpage',
      'alloctid',
      'tfind',
      'getnanotime',
      'fork_thread_start',
      'sched_choosecpu_fork',
      'setrunqueue',
      'knote',
      'mi_syscall_return',
      'userret',
    ]);
  });

  guestIt('should begin the child with fork_return and child_return', ({ guest }) => {
    expect(guest.during(() => guest.sh('forkscene'))).toCallInOrder([
      'fork_thread_start',
      'cpu_switchto',
      'proc_trampoline',
      'proc_trampoline_mp',
      'fork_return',
      'child_return',
      'mi_child_return',
      'userret',
    ]);
  });
});
