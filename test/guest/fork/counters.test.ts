import { describe, expect } from 'vitest';
import { counts, forkStatistics, processesOf } from '../support/census.ts';
import { forkTest as it } from '../support/fork-scene.ts';

const ROOT = 0;

describe('the counters after a fork', () => {
  it('should count one thread and one process more', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'parent in user mode', counts);
    expect(after.nthreads).toBe(before.nthreads + 1);
    expect(after.nprocesses).toBe(before.nprocesses + 1);
  });

  it('should count one process more for the real user id, and for no other', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'parent in user mode', (kernel) => ({
      ...counts(kernel).processesOfUser,
    }));
    expect(after).toEqual({ ...before, [ROOT]: (before[ROOT] ?? 0) + 1 });
  });

  it('should count the process by its user before it allocates the uarea', ({ fork }) => {
    expect(fork.growth('SYSCALL', 'after thread_new', (kernel) => processesOf(kernel, ROOT))).toBe(1);
  });

  it('should count one fork(2), the size of data and stack, and no other kind', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'parent in user mode', forkStatistics);
    const size = fork.child.number('ps_vmspace.vm_dsize') + fork.child.number('ps_vmspace.vm_ssize');
    expect(size).toBeGreaterThan(0);
    expect(after).toEqual({
      ...before,
      cntfork: (before.cntfork ?? 0) + 1,
      sizfork: (before.sizfork ?? 0) + size,
      forks: (before.forks ?? 0) + 1,
    });
  });

  it('should count the size of the fork when the child has its address space', ({ fork }) => {
    expect(
      fork.growth('SYSCALL', 'after cpu_fork', (kernel) => kernel.global('forkstat').number('cntfork')),
    ).toBe(0);
    expect(
      fork.growth('SYSCALL', 'after alloctid', (kernel) => kernel.global('forkstat').number('cntfork')),
    ).toBe(1);
  });

  it('should count one system call for the parent', ({ fork }) => {
    expect(
      fork.growth('SYSCALL', 'parent in user mode', (kernel) => kernel.global('uvmexp').number('syscalls')),
    ).toBe(1);
  });

  it('should count no system call for the child until it makes one', ({ fork }) => {
    expect(
      fork.growth('at proc_trampoline', 'child in user mode', (kernel) =>
        kernel.global('uvmexp').number('syscalls'),
      ),
    ).toBe(0);
  });
});
