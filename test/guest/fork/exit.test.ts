import { describe, expect } from 'vitest';
import { pufferMatchers } from '../../../emu/vitest/index.ts';
import { childAddresses, counts, forkStatistics, holdings, lists, poolItems } from '../support/census.ts';
import { CHILD_STATUS, forkTest as it, PROGRAM } from '../support/fork-scene.ts';

expect.extend(pufferMatchers);

const guestIt = it.extend({ guestSetup: { programs: [PROGRAM] } });

const SDEAD = 6;
const PS_EXITING = 0x8;
const PS_ZOMBIE = 0x4_0000;
const SIGCHLD = 20n;
/** W_EXITCODE: the exit status is the second byte. */
const WAIT_STATUS = CHILD_STATUS << 8;

describe('the exit of a process', () => {
  it('should take the thread off all lists and the process to the zombies', ({ fork }) => {
    const now = lists(fork.at('at cpu_exit'));
    for (const name of ['allproc', 'threadsById']) expect(now[name]).not.toContain(fork.childThread);
    for (const name of ['allprocess', 'processesById']) expect(now[name]).not.toContain(fork.childProcess);
    expect(now.zombprocess?.[0]).toBe(fork.childProcess);
  });

  it('should leave a dead thread and an exiting process with its status', ({ fork }) => {
    fork.at('at cpu_exit');
    expect(fork.childsThread.number('p_stat')).toBe(SDEAD);
    expect(fork.child.number('ps_flags') & (PS_EXITING | PS_ZOMBIE)).toBe(PS_EXITING);
    expect(fork.childsThread.number('p_xstat')).toBe(WAIT_STATUS);
  });

  it('should go on counting the process until it is waited for', ({ fork }) => {
    const [before, zombie] = fork.both('at exit1', 'zombie', counts);
    expect(zombie).toEqual(before);
  });

  it('should close its files and leave its directory', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'at cpu_exit', () => holdings(fork.parent));
    expect(after.files).toEqual(before.files);
    expect(after.currentDirectory).toBe(before.currentDirectory);
    expect(fork.childsThread.pointer('p_fd')).toBe(0n);
  });

  it('should have the reaper free the uarea and the memory before the parent is told', ({ fork }) => {
    const kernel = fork.at('at SIGCHLD');
    expect(fork.childsThread.pointer('p_addr')).toBe(0n);
    expect(fork.childsThread.pointer('p_vmspace')).toBe(0n);
    expect(fork.child.pointer('ps_vmspace')).toBe(0n);
    expect(fork.child.number('ps_flags') & PS_ZOMBIE).toBe(PS_ZOMBIE);
    expect(kernel.currentIdentity()?.comm).toBe('reaper');
  });

  it('should have the reaper send SIGCHLD to the parent', ({ fork }) => {
    fork.at('at SIGCHLD');
    expect(fork.guest.machine.register('rdi')).toBe(fork.parentProcess);
    expect(fork.guest.machine.register('rsi')).toBe(SIGCHLD);
  });

  it('should wake the parent that waits', ({ fork }) => {
    const SSLEEP = 3;
    const SRUN = 2;
    const [before, after] = fork.both('at SIGCHLD', 'zombie', () => fork.parentsThread.number('p_stat'));
    expect([before, after]).toEqual([SSLEEP, SRUN]);
  });
});

describe('wait4 for a zombie', () => {
  it('should answer with its pid', ({ fork }) => {
    fork.at('SYSCALL');
    const kernel = fork.at('at cpu_exit');
    const pid = fork.child.number('ps_pid');
    fork.at('waited');
    expect(fork.parentsThread.number('p_md.md_regs.tf_rax')).toBe(pid);
    expect(kernel.global('oldpids').get()).toContainEqual(pid);
  });

  it('should count one process and one thread less, also for the user', ({ fork }) => {
    const [zombie, waited] = fork.both('zombie', 'waited', counts);
    expect(waited.nprocesses).toBe(zombie.nprocesses - 1);
    expect(waited.nthreads).toBe(zombie.nthreads - 1);
    expect(waited.processesOfUser[0]).toBe((zombie.processesOfUser[0] ?? 0) - 1);
  });

  it('should drop the references of the child', ({ fork }) => {
    const [zombie, waited] = fork.both('zombie', 'waited', () => holdings(fork.parent));
    expect(waited.credentials).toBe((zombie.credentials as number) - 2);
    expect(waited.limits).toBe((zombie.limits as number) - 1);
    expect(waited.text).toBe((zombie.text as number) - 1);
    expect(childAddresses(fork.parent)).not.toContain(fork.childProcess);
  });

  guestIt('should find no child the second time', ({ guest }) => {
    expect(guest.during(() => guest.sh('forkscene'))).toReturnErrno('wait4', 'ECHILD');
  });
});

describe('fork, exit and wait together', () => {
  it('should restore all counts, lists and references', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'waited', (kernel) => ({
      counts: counts(kernel),
      lists: lists(kernel),
      holdings: holdings(fork.parent),
    }));
    expect(after).toEqual(before);
  });

  it('should give back every item of every pool but those of the parent’s memory', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'waited', poolItems);
    expect(after).toEqual(before);
  });

  it('should remember the fork in the statistics alone', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'waited', forkStatistics);
    expect(after).toEqual({
      ...before,
      cntfork: (before.cntfork ?? 0) + 1,
      forks: (before.forks ?? 0) + 1,
      sizfork: after.sizfork,
    });
  });

  guestIt('should leave children of a process that ends to init, which waits for them', ({ guest }) => {
    const { kernel } = guest;
    const before = counts(kernel);
    guest.sh("ksh -c 'sleep 2 &'; sleep 1");
    const orphan = [...kernel.processes()].find((process) => process.text('ps_comm') === 'sleep');
    expect(orphan?.pointer('ps_pptr')).toBe(kernel.global('initprocess').pointer());
    expect(counts(kernel).nprocesses).toBe(before.nprocesses + 1);
    guest.sh('sleep 3');
    expect(counts(kernel)).toEqual(before);
  });
});
