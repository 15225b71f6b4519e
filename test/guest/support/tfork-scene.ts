import type { View } from '../../../emu/index.ts';
import type { BootedGuest } from '../../../emu/vitest/index.ts';
import { Scene } from './scene.ts';

const SYS___tfork = 8n;

export const THREADS = new URL('../programs/threads.c', import.meta.url);

export type TforkMoment = 'SYSCALL' | 'parent in user mode' | 'thread in user mode' | 'thread ended';

/** programs/threads.c makes a thread, which ends. */
export class TforkScene extends Scene<TforkMoment> {
  readonly parentThread: bigint;
  readonly childThread: bigint;
  readonly process: bigint;
  /** The members of the struct __tfork that the program has filled in. */
  readonly given: { readonly controlBlock: bigint; readonly threadId: bigint; readonly stack: bigint };

  /** Plays the scene in a guest at its prompt. */
  constructor(guest: BootedGuest) {
    super(guest);
    const { machine, kernel } = guest;
    const current = (): bigint => kernel.currentThread()?.address ?? 0n;
    guest.start('threads');
    guest.runTo(
      'Xsyscall',
      () => machine.register('rax') === SYS___tfork && kernel.currentIdentity()?.comm === 'threads',
    );
    this.mark('SYSCALL');
    this.parentThread = current();
    this.process = kernel.currentProcess()?.address ?? 0n;
    const param = machine.register('rdi');
    const word = (index: bigint): bigint => kernel.memory.word(param + 8n * index);
    this.given = { controlBlock: word(0n), threadId: word(1n), stack: word(2n) };
    const userReturn = machine.register('rcx');
    guest.runTo('thread_new');
    this.childThread = guest.runToReturn();
    guest.runTo(userReturn, () => current() === this.parentThread);
    this.mark('parent in user mode');
    guest.runTo(userReturn, () => current() === this.childThread);
    this.mark('thread in user mode');
    guest.runTo('proc_free', () => machine.register('rdi') === this.childThread);
    guest.runToReturn();
    this.mark('thread ended');
  }

  get childsThread(): View {
    return this.guest.kernel.struct('proc').at(this.childThread);
  }

  get processView(): View {
    return this.guest.kernel.struct('process').at(this.process);
  }
}
