import type { View } from '../../../emu/index.ts';
import type { BootedGuest } from '../../../emu/vitest/index.ts';
import { SYS_fork, SYS_vfork } from './fork-scene.ts';
import { Scene } from './scene.ts';

const SYS_execve = 59n;

export type VforkMoment =
  | 'SYSCALL'
  | 'child in user mode'
  /** The child has slept and written to memory, or is about to execute another program. */
  | 'child ends'
  /** The child's execve(2) is over; only with a command that executes. */
  | 'executed'
  /** The new program's first instruction; only after fork(2). */
  | 'new program'
  | 'parent in user mode';

/** programs/forkscene.c forks by fork(2) or vfork(2); the child exits or executes /bin/echo. */
export class VforkScene extends Scene<VforkMoment> {
  readonly parentThread: bigint;
  readonly childThread: bigint;

  /** Plays the scene in a guest at its prompt. `how`: an argument of forkscene. */
  constructor(guest: BootedGuest, how: 'vfork' | 'vexec' | 'exec') {
    super(guest);
    const { machine, kernel } = guest;
    const number = how === 'exec' ? SYS_fork : SYS_vfork;
    const current = (): bigint => kernel.currentThread()?.address ?? 0n;
    guest.start(`forkscene ${how}`);
    guest.runTo(
      'Xsyscall',
      () => machine.register('rax') === number && kernel.currentIdentity()?.comm === 'forkscene',
    );
    this.mark('SYSCALL');
    this.parentThread = current();
    const userReturn = machine.register('rcx');
    guest.runTo(userReturn, () => current() !== this.parentThread || how === 'exec');
    if (current() === this.parentThread) {
      this.mark('parent in user mode');
      guest.runTo(userReturn);
    }
    this.mark('child in user mode');
    this.childThread = current();
    const ofChild = (): boolean => current() === this.childThread;
    guest.runTo(how === 'vfork' ? 'exit1' : 'sys_execve', ofChild);
    this.mark('child ends');
    if (how !== 'vfork') {
      guest.runTo('mi_syscall_return', () => ofChild() && machine.register('rsi') === SYS_execve);
      this.mark('executed');
    }
    if (how === 'exec') {
      guest.runTo(this.childsThread.integer('p_md.md_regs.tf_rip'), ofChild);
      this.mark('new program');
    }
    if (how !== 'exec') {
      guest.runTo(userReturn, () => current() === this.parentThread);
      this.mark('parent in user mode');
    }
  }

  get parentsThread(): View {
    return this.guest.kernel.struct('proc').at(this.parentThread);
  }

  get parent(): View {
    return this.parentsThread.at('p_p');
  }

  get childsThread(): View {
    return this.guest.kernel.struct('proc').at(this.childThread);
  }

  get child(): View {
    return this.childsThread.at('p_p');
  }
}
