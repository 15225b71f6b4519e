import type { View } from '../../../emu/index.ts';
import { BootedGuest, guestTest } from '../../../emu/vitest/index.ts';
import { Scene } from './scene.ts';

/** System call numbers (sys/syscall.h). */
export const SYS_fork = 2n;
export const SYS_wait4 = 11n;
export const SYS_vfork = 66n;

/** The pages of programs/forkscene.c. */
export const COPY_PAGE = 0x1000_0000n;
export const SHARE_PAGE = 0x1001_0000n;
export const NONE_PAGE = 0x1002_0000n;
export const ZERO_PAGE = 0x1003_0000n;

export const PROGRAM = new URL('../programs/forkscene.c', import.meta.url);
export const CHILD_STATUS = 7;

/** The moments of a fork, in the order in which they come. */
export type ForkMoment =
  /** The SYSCALL instruction has executed; the next instruction is the kernel's first. */
  | 'SYSCALL'
  | 'after thread_new'
  | 'after process_new'
  | 'after cpu_fork'
  | 'after alloctid'
  /** fork1 asks for the start time: the child is on all lists. */
  | 'at getnanotime'
  | 'at fork_thread_start'
  | 'at setrunqueue'
  | 'after setrunqueue'
  | 'at knote'
  /** The parent is about to execute the instruction after SYSCALL. */
  | 'parent in user mode'
  | 'at proc_trampoline'
  | 'at child_return'
  /** The child is about to execute the instruction after SYSCALL. */
  | 'child in user mode'
  | 'at exit1'
  /** The child has done all it could on its own stack. */
  | 'at cpu_exit'
  /** The reaper is about to tell the parent. */
  | 'at SIGCHLD'
  /** The reaper has done its part and sleeps. */
  | 'zombie'
  /** wait4(2) has its answer. */
  | 'waited';

/** programs/forkscene.c forks, its child exits, it waits. */
export class ForkScene extends Scene<ForkMoment> {
  /** Addresses of structures. */
  readonly parentThread: bigint;
  readonly parentProcess: bigint;
  readonly childThread: bigint;
  readonly childProcess: bigint;

  constructor(guest: BootedGuest) {
    super(guest);
    const { machine, kernel } = guest;
    const current = (): bigint => kernel.currentThread()?.address ?? 0n;
    guest.start('forkscene');
    guest.runTo(
      'Xsyscall',
      () => machine.register('rax') === SYS_fork && kernel.currentIdentity()?.comm === 'forkscene',
    );
    this.mark('SYSCALL');
    this.parentThread = current();
    this.parentProcess = kernel.currentProcess()?.address ?? 0n;
    const userReturn = machine.register('rcx');

    this.childThread = this.#after('thread_new');
    this.childProcess = this.#after('process_new');
    this.#after('cpu_fork');
    this.#after('alloctid');
    this.#arrive('getnanotime');
    this.#arrive('fork_thread_start');
    this.#arrive('setrunqueue');
    guest.runToReturn();
    this.mark('after setrunqueue');
    this.#arrive('knote');
    guest.runTo(userReturn, () => current() === this.parentThread);
    this.mark('parent in user mode');

    this.#arrive('proc_trampoline');
    this.#arrive('child_return');
    guest.runTo(userReturn, () => current() === this.childThread);
    this.mark('child in user mode');
    this.#arrive('exit1');
    this.#arrive('cpu_exit');
    guest.runTo('prsignal', () => current() === kernel.global('reaperproc').pointer());
    this.mark('at SIGCHLD');
    guest.runTo('tsleep', () => current() === kernel.global('reaperproc').pointer());
    this.mark('zombie');
    guest.runTo(
      'mi_syscall_return',
      () => current() === this.parentThread && machine.register('rsi') === SYS_wait4,
    );
    this.mark('waited');
  }

  /** The parent's struct process as it is now. */
  get parent(): View {
    return this.guest.kernel.struct('process').at(this.parentProcess);
  }

  /** The child's struct process as it is now. */
  get child(): View {
    return this.guest.kernel.struct('process').at(this.childProcess);
  }

  /** The parent's struct proc as it is now. */
  get parentsThread(): View {
    return this.guest.kernel.struct('proc').at(this.parentThread);
  }

  /** The child's struct proc as it is now. */
  get childsThread(): View {
    return this.guest.kernel.struct('proc').at(this.childThread);
  }

  #arrive(place: 'getnanotime' | 'fork_thread_start' | 'setrunqueue' | 'knote' | ChildPlace): void {
    this.guest.runTo(place);
    this.mark(`at ${place}`);
  }

  #after(place: 'thread_new' | 'process_new' | 'cpu_fork' | 'alloctid'): bigint {
    this.guest.runTo(place);
    const result = this.guest.runToReturn();
    this.mark(`after ${place}`);
    return result;
  }
}

type ChildPlace = 'proc_trampoline' | 'child_return' | 'exit1' | 'cpu_exit';

/** vitest's `test` with a `fork`: the scene of one fork, played once for each file. */
export const forkTest = guestTest.extend<{ readonly fork: ForkScene }>({
  fork: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's dependencies from this pattern.
    async ({}, use) => {
      await use(new ForkScene(await BootedGuest.boot({ programs: [PROGRAM] })));
    },
    { scope: 'file' },
  ],
});
