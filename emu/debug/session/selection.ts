import type { View } from '../../kernel/index.ts';
import type { RegisterName } from '../../machine/index.ts';
import { DWARF_REGISTER_NAMES, type MemoryReader, type RegisterValues, sizeOf } from '../../symbols/index.ts';
import { attempt } from '../programs/programs.ts';
import { DEFAULT_STACK_LIMIT, type StackLevel, type StackOrigin, walkStack } from '../stack/call-stack.ts';
import { runningOrigin } from '../stack/running-origin.ts';
import { Scope } from '../stack/scope.ts';
import type { Debuggee } from './debuggee.ts';
import { DebugError } from './errors.ts';

/** Members of struct switchframe, which cpu_switchto() pushes. */
const SWITCH_FRAME: Readonly<Partial<Record<RegisterName, string>>> = {
  r15: 'sf_r15',
  r14: 'sf_r14',
  r13: 'sf_r13',
  r12: 'sf_r12',
  rbp: 'sf_rbp',
  rbx: 'sf_rbx',
  rip: 'sf_rip',
};

/** What commands look at: a thread, and a level of its stack. Any step of the machine makes it the running thread's innermost level again. */
export class Selection {
  readonly #debuggee: Debuggee;
  /** undefined: the running thread. */
  #thread: View | undefined;
  #index = 0;
  #stack: StackLevel[] | undefined;
  #isWhole = false;
  /** CR3 of another address space than the thread's, for a while. */
  #space: bigint | undefined;
  /** Whose that is. */
  #spaceProcess: View | undefined;

  constructor(debuggee: Debuggee) {
    this.#debuggee = debuggee;
  }

  /** Forgets everything: the machine has moved, or was written to. */
  reset(): void {
    this.#thread = undefined;
    this.#index = 0;
    this.forgetStack();
  }

  /** Reads the stack anew when it is next asked for. */
  forgetStack(): void {
    this.#stack = undefined;
    this.#isWhole = false;
  }

  /** Whether the processor's own registers are meant. */
  get isRunning(): boolean {
    return this.#thread === undefined;
  }

  /** The thread whose stack is looked at; undefined before there are threads. */
  get thread(): View | undefined {
    return this.#thread ?? attempt(() => this.#debuggee.kernel.currentThread());
  }

  get process(): View | undefined {
    return (
      this.thread && attempt(() => (this.thread?.pointer('p_p') === 0n ? undefined : this.thread?.at('p_p')))
    );
  }

  selectThread(thread: View | undefined): void {
    const current = attempt(() => this.#debuggee.kernel.currentThread());
    this.#thread = thread?.address === current?.address ? undefined : thread;
    this.#index = 0;
    this.forgetStack();
  }

  /** The levels of the stack, as many as there are up to `limit`. */
  stack(limit = DEFAULT_STACK_LIMIT): readonly StackLevel[] {
    const known = this.#stack;
    if (known !== undefined && (this.#isWhole || known.length >= limit)) return known.slice(0, limit);
    const { kernel, programs } = this.#debuggee;
    const stack = [...walkStack(kernel, programs, this.#origin(), limit)];
    this.#stack = stack;
    this.#isWhole = stack.length < limit;
    return stack;
  }

  get index(): number {
    return this.#index;
  }

  /** Throws DebugError 'not-found'. */
  selectLevel(index: number): StackLevel {
    const stack = this.stack(Math.max(index + 1, DEFAULT_STACK_LIMIT));
    const level = stack[index];
    if (level === undefined || index < 0)
      throw new DebugError('not-found', `there is no frame ${index}; the outermost is ${stack.length - 1}`);
    this.#index = index;
    return level;
  }

  /** The selected level; undefined when not even an instruction pointer is known. */
  get level(): StackLevel | undefined {
    return this.stack(Math.max(this.#index + 1, 1))[this.#index];
  }

  get scope(): Scope {
    return new Scope(
      this.level,
      this.#debuggee.programs,
      this.readMemory,
      this.#spaceProcess ?? this.process,
    );
  }

  /** Memory as the selected thread's address space has it. */
  readonly readMemory: MemoryReader = (address, size) => {
    const bytes = this.readSome(address, size);
    return bytes.length === size ? bytes : undefined;
  };

  /** Fewer bytes than asked for where memory ends. */
  readonly readSome = (address: bigint, size: number): Uint8Array => {
    const { inspector } = this.#debuggee.cpu.system;
    return inspector.within(this.root, () => inspector.readMemory(BigInt.asUintN(64, address), size));
  };

  /**
   * Does something in the address space of a program's process. Throws DebugError 'not-found' when nothing runs it, or several processes do
   * and none of them is selected.
   */
  inSpaceOf<T>(program: string, action: () => T): T {
    const { programs, kernel } = this.#debuggee;
    if (programs.byName(program) === undefined)
      throw new DebugError('not-found', `no program ${program} is known with its symbols`);
    const isWanted = (process: View): boolean => programs.of(process)?.name === program;
    if (program === programs.kernel.name || (this.process !== undefined && isWanted(this.process)))
      return action();
    const found = [...kernel.processes()].filter(isWanted);
    const [process, another] = found;
    if (process === undefined) throw new DebugError('not-found', `no process runs ${program} now`);
    if (another !== undefined) {
      const pids = found.map((one) => one.number('ps_pid')).sort((a, b) => a - b);
      throw new DebugError(
        'not-found',
        `${pids.length} processes run ${program}: pids ${pids.join(', ')}; select a thread of one ('info threads', 'thread TID')`,
      );
    }
    // The stack is that of the selected thread, whose memory is another.
    this.stack();
    const before = [this.#space, this.#spaceProcess] as const;
    this.#space = process.integer('ps_vmspace.vm_map.pmap.pm_pdirpa');
    this.#spaceProcess = process;
    try {
      return action();
    } finally {
      [this.#space, this.#spaceProcess] = before;
    }
  }

  /** CR3 of the address space that is looked at when it is not the processor's. */
  get root(): bigint | undefined {
    if (this.#space !== undefined) return this.#space;
    return this.#thread && attempt(() => this.#thread?.integer('p_addr.u_pcb.pcb_cr3'));
  }

  /** The registers of the selected level, by DWARF number; undefined where they were not kept. */
  get registers(): RegisterValues {
    return this.level?.frame.registers ?? this.#origin().registers;
  }

  #origin(): StackOrigin {
    const { kernel, cpu } = this.#debuggee;
    const thread = this.#thread;
    if (thread === undefined) return runningOrigin(kernel, cpu.system.inspector);
    return { registers: this.#saved(thread), thread, readMemory: this.readMemory };
  }

  /** The registers that cpu_switchto() has kept of a thread. */
  #saved(thread: View): RegisterValues {
    const { kernel } = this.#debuggee;
    const stack = thread.integer('p_addr.u_pcb.pcb_rsp');
    const frames = kernel.struct('switchframe');
    const frame = frames.at(stack);
    return DWARF_REGISTER_NAMES.map((name) => {
      if (name === 'rsp') return stack + BigInt(sizeOf(frames.type));
      const member = SWITCH_FRAME[name];
      // The members are signed in C; registers are not.
      return member === undefined ? undefined : BigInt.asUintN(64, frame.integer(member));
    });
  }
}
