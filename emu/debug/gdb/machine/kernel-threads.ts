import { type Kernel, threadStateName, type View } from '../../../kernel/index.ts';
import type { RegisterName } from '../../../machine/index.ts';
import { sizeOf } from '../../../symbols/index.ts';
import { attempt } from '../../programs/programs.ts';
import type { TargetThreads } from '../target.ts';

/** The processor, while the kernel has no threads (or is none that has them). */
const PROCESSOR = 1;
/** gdb keeps thread numbers in 31 bits. */
const LARGEST = 0x7fff_ffffn;

const REGISTER_BITS = 64;

/** Registers that are kept for a thread that does not run. */
export type SavedRegisters = Partial<Record<RegisterName, bigint>>;

/** Members of struct switchframe, which cpu_switchto() pushes. */
const SWITCH_FRAME = {
  sf_r15: 'r15',
  sf_r14: 'r14',
  sf_r13: 'r13',
  sf_r12: 'r12',
  sf_rbp: 'rbp',
  sf_rbx: 'rbx',
  sf_rip: 'rip',
} as const;

/** The guest's threads (`allproc`); the processor itself as the one thread before there are any. */
export class KernelThreads implements TargetThreads {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  current(): number {
    const thread = attempt(() => this.#kernel.currentThread());
    return (thread && attempt(() => numberOf(thread))) ?? PROCESSOR;
  }

  list(): number[] {
    const current = this.current();
    const all = attempt(() => [...this.#kernel.threads()].map(numberOf)) ?? [];
    return all.includes(current) ? all : [current, ...all];
  }

  describe(thread: number): string {
    return attempt(() => this.#describe(thread)) ?? 'processor';
  }

  #describe(number: number): string | undefined {
    const thread = this.view(number);
    if (thread === undefined) return undefined;
    const identity = this.#kernel.identify(thread);
    const who = identity === undefined ? 'no process' : `pid ${identity.pid} ${identity.comm}`;
    const reason = attempt(() => thread.text('p_wmesg'));
    const state = threadStateName(thread.number('p_stat'));
    return `${who} ${state}${state === 'SSLEEP' && reason !== undefined ? ` ${reason}` : ''}`;
  }

  /** The struct proc of a thread. */
  view(number: number): View | undefined {
    return attempt(() => {
      for (const thread of this.#kernel.threads()) if (numberOf(thread) === number) return thread;
      const current = this.#kernel.currentThread();
      return current !== undefined && numberOf(current) === number ? current : undefined;
    });
  }

  /** What is kept of a thread's registers: those a function must leave as they were, and where the thread goes on. */
  saved(number: number): 'running' | SavedRegisters {
    if (number === this.current()) return 'running';
    return attempt(() => this.#switchFrame(number)) ?? {};
  }

  #switchFrame(number: number): SavedRegisters | undefined {
    const stack = this.view(number)?.integer('p_addr.u_pcb.pcb_rsp');
    if (stack === undefined) return undefined;
    const frames = this.#kernel.struct('switchframe');
    const frame = frames.at(stack);
    const saved: SavedRegisters = { rsp: stack + BigInt(sizeOf(frames.type)) };
    // The members are signed in C; registers are not.
    for (const [member, register] of Object.entries(SWITCH_FRAME)) {
      saved[register] = BigInt.asUintN(REGISTER_BITS, frame.integer(member));
    }
    return saved;
  }
}

/** `p_tid`; for a thread without one (proc0) the low bits of its address, which no p_tid reaches. */
function numberOf(thread: View): number {
  const tid = thread.number('p_tid');
  return tid > 0 ? tid : Number(thread.address & LARGEST);
}
