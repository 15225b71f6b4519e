import { describe, expect } from 'vitest';
import type { View } from '../../../emu/index.ts';
import { openFiles } from '../support/census.ts';
import { type ForkScene, forkTest as it } from '../support/fork-scene.ts';

const SIGUSR1 = 1 << 29;
const SIGUSR2 = 1 << 30;
const UF_EXCLOSE = 1;

/** What two processes have in one pointer. */
function pointers(fork: ForkScene, path: string): readonly [bigint, bigint] {
  fork.at('parent in user mode');
  return [fork.parent.pointer(path), fork.child.pointer(path)];
}

function descriptorFlags(process: View): number[] {
  return openFiles(process).map((_, fd) => process.number(`ps_fd.fd_ofileflags[${fd}]`));
}

describe('what a forked process shares', () => {
  it('should have the parent’s credentials, with one reference for the thread and one for the process', ({
    fork,
  }) => {
    expect(fork.growth('SYSCALL', 'parent in user mode', () => fork.parent.number('ps_ucred.cr_ref'))).toBe(
      2,
    );
    expect(fork.child.pointer('ps_ucred')).toBe(fork.parent.pointer('ps_ucred'));
    expect(fork.childsThread.pointer('p_ucred')).toBe(fork.parent.pointer('ps_ucred'));
  });

  it('should take both references on the credentials one after the other', ({ fork }) => {
    expect(fork.growth('SYSCALL', 'after thread_new', () => fork.parent.number('ps_ucred.cr_ref'))).toBe(1);
    expect(
      fork.growth('after thread_new', 'after process_new', () => fork.parent.number('ps_ucred.cr_ref')),
    ).toBe(1);
  });

  it('should share the resource limits, with one reference more', ({ fork }) => {
    expect(
      fork.growth('SYSCALL', 'parent in user mode', () => fork.parent.number('ps_limit.pl_refcnt')),
    ).toBe(1);
    expect(fork.child.pointer('ps_limit')).toBe(fork.parent.pointer('ps_limit'));
  });

  it('should run the same text, which has one user more', ({ fork }) => {
    expect(
      fork.growth('SYSCALL', 'parent in user mode', () => fork.parent.number('ps_textvp.v_usecount')),
    ).toBe(1);
    expect(fork.child.pointer('ps_textvp')).toBe(fork.parent.pointer('ps_textvp'));
  });

  it('should have a descriptor table of its own that nobody shares', ({ fork }) => {
    const [parent, child] = pointers(fork, 'ps_fd');
    expect(child).not.toBe(parent);
    expect(fork.child.number('ps_fd.fd_refcnt')).toBe(1);
    expect(fork.childsThread.pointer('p_fd')).toBe(child);
  });

  it('should share each open file, with one reference more for each descriptor', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'parent in user mode', () =>
      openFiles(fork.parent).map((file) => file?.number('f_count')),
    );
    const slots = new Map<bigint, number>();
    for (const file of openFiles(fork.parent)) {
      if (file !== undefined) slots.set(file.address, (slots.get(file.address) ?? 0) + 1);
    }
    expect(slots.size).toBeGreaterThanOrEqual(2);
    expect(openFiles(fork.child).map((file) => file?.address)).toEqual(
      openFiles(fork.parent).map((file) => file?.address),
    );
    expect(after).toEqual(
      openFiles(fork.parent).map((file, fd) =>
        file === undefined ? undefined : (before[fd] ?? 0) + (slots.get(file.address) ?? 0),
      ),
    );
  });

  it('should keep each descriptor’s close-on-exec flag', ({ fork }) => {
    fork.at('parent in user mode');
    const flags = descriptorFlags(fork.parent);
    expect(flags).toContain(UF_EXCLOSE);
    expect(flags).toContain(0);
    expect(descriptorFlags(fork.child)).toEqual(flags);
  });

  it('should have the current directory, which has one user more, and the umask', ({ fork }) => {
    expect(
      fork.growth('SYSCALL', 'parent in user mode', () => fork.parent.number('ps_fd.fd_cdir.v_usecount')),
    ).toBe(1);
    expect(fork.child.pointer('ps_fd.fd_cdir')).toBe(fork.parent.pointer('ps_fd.fd_cdir'));
    expect(fork.child.number('ps_fd.fd_cmask')).toBe(fork.parent.number('ps_fd.fd_cmask'));
  });

  it('should have signal actions of its own that are equal, with one reference', ({ fork }) => {
    const [parent, child] = pointers(fork, 'ps_sigacts');
    expect(child).not.toBe(parent);
    const actions = fork.parent.at('ps_sigacts').get();
    expect(fork.child.at('ps_sigacts').get()).toEqual(actions);
    expect(actions).toMatchObject({ ps_refcnt: 1, ps_sigcatch: SIGUSR1 | SIGUSR2 });
  });

  it('should inherit the blocked signals but no pending one', ({ fork }) => {
    fork.at('parent in user mode');
    expect(fork.parent.number('ps_siglist') | fork.parentsThread.number('p_siglist')).toBe(SIGUSR1);
    expect(fork.child.number('ps_siglist')).toBe(0);
    expect(fork.childsThread.number('p_siglist')).toBe(0);
    expect(fork.parentsThread.number('p_sigmask')).toBe(SIGUSR1);
    expect(fork.childsThread.number('p_sigmask')).toBe(SIGUSR1);
  });
});
