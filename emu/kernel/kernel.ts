import { type Machine, Registers } from '../machine/index.ts';
import { KERNEL_HALF } from './address-space.ts';
import { systemCallName } from './constants.ts';
import { KernelError } from './errors.ts';
import { GuestMemory, type LinearMemory } from './guest-memory.ts';
import type { KernelImage } from './kernel-image.ts';
import { listElements } from './lists.ts';
import { StructViews, View } from './view.ts';

/** A thread as the tracing events name it. */
export interface ThreadIdentity {
  /** `ps_pid`. */
  readonly pid: number;
  /** `p_tid`; getthrid(2) shows it raised by THREAD_PID_OFFSET. */
  readonly tid: number;
  /** `ps_comm`. */
  readonly comm: string;
}

/** What a kernel needs to be looked at. */
export interface KernelOptions {
  readonly image: KernelImage;
  readonly machine: Machine;
  /** The processor's view of linear memory (`cpu.system.inspector`). */
  readonly memory: LinearMemory;
}

/**
 * The kernel that runs in a machine, seen through its own debugging information. Everything is read when asked for and nothing
 * is changed. Meant to be used between steps: in a probe, or while the machine is stopped.
 */
export class Kernel {
  readonly image: KernelImage;
  readonly machine: Machine;
  readonly memory: GuestMemory;
  readonly registers: Registers;
  readonly #structs = new Map<string, StructViews>();
  #callNames: Map<number, string> | undefined;

  constructor(options: KernelOptions) {
    this.image = options.image;
    this.machine = options.machine;
    this.memory = new GuestMemory(options.memory);
    this.registers = new Registers(options.machine.state);
  }

  /** The views of a structure: `struct('proc').at(address).get('p_p.ps_pid')`. Throws KernelError 'no-type'. */
  struct(name: string): StructViews {
    let views = this.#structs.get(name);
    if (views === undefined) {
      views = new StructViews(this.memory, this.image.struct(name));
      this.#structs.set(name, views);
    }
    return views;
  }

  /** A global variable: `global('nthreads').number()`, `global('uvmexp').get('forks')`. Throws KernelError 'no-type'. */
  global(name: string): View {
    const variable = this.image.debug.variable(name);
    if (variable === undefined) {
      throw new KernelError('no-type', `this kernel's debugging information describes no variable ${name}`);
    }
    return new View(this.memory, variable.address, variable.type);
  }

  /** The running processor's struct cpu_info; undefined before the kernel has set it up. */
  cpuInfo(): View | undefined {
    // SWAPGS has just happened, or is just about to: the right base is the one whose ci_self says so.
    for (const name of ['gs_base', 'kernel_gs_base'] as const) {
      const base = this.registers.get(name);
      if (base < KERNEL_HALF) continue;
      const info = this.struct('cpu_info').at(base);
      try {
        if (info.pointer('ci_self') === base) return info;
      } catch (error) {
        if (!(error instanceof KernelError && error.code === 'unmapped')) throw error;
      }
    }
    return undefined;
  }

  /** The running thread's struct proc; undefined before there is one. */
  currentThread(): View | undefined {
    const address = this.cpuInfo()?.pointer('ci_curproc') ?? 0n;
    return address === 0n ? undefined : this.struct('proc').at(address);
  }

  /** The running thread's struct process. */
  currentProcess(): View | undefined {
    const thread = this.currentThread();
    return thread === undefined || thread.pointer('p_p') === 0n ? undefined : thread.at('p_p');
  }

  /** Who a struct proc is; undefined for one that belongs to no process (yet). */
  identify(thread: View): ThreadIdentity | undefined {
    if (thread.pointer('p_p') === 0n) return undefined;
    const process = thread.at('p_p');
    return {
      pid: process.number('ps_pid'),
      tid: thread.number('p_tid'),
      comm: process.text('ps_comm') ?? '',
    };
  }

  /** Who runs now. */
  currentIdentity(): ThreadIdentity | undefined {
    const thread = this.currentThread();
    return thread === undefined ? undefined : this.identify(thread);
  }

  /** All threads (`allproc`), the newest first. */
  threads(): Generator<View, void, undefined> {
    return listElements(this.global('allproc'), this.struct('proc'), 'p_list');
  }

  /** All processes but zombies (`allprocess`), the newest first. */
  processes(): Generator<View, void, undefined> {
    return listElements(this.global('allprocess'), this.struct('process'), 'ps_list');
  }

  /** Processes that have exited (`zombprocess`). */
  zombies(): Generator<View, void, undefined> {
    return listElements(this.global('zombprocess'), this.struct('process'), 'ps_list');
  }

  /** The threads of a process. */
  threadsOf(process: View): Generator<View, void, undefined> {
    return listElements(process.at('ps_threads'), this.struct('proc'), 'p_thr_link');
  }

  /** The children of a process, the newest first. */
  childrenOf(process: View): Generator<View, void, undefined> {
    return listElements(process.at('ps_children'), this.struct('process'), 'ps_sibling');
  }

  /** The name of a system call: from the guest's `syscallnames` where there is one, else 6.6's; undefined when it has none. */
  systemCallName(number: number): string | undefined {
    this.#callNames ??= this.#readCallNames();
    return this.#callNames.get(number) ?? systemCallName(number);
  }

  #readCallNames(): Map<number, string> {
    const names = new Map<number, string>();
    const address = this.image.addressOf('syscallnames');
    const size = this.image.symbols.byName('syscallnames')?.size ?? 0;
    if (address === undefined) return names;
    try {
      for (let index = 0; index < size / POINTER_SIZE; index++) {
        const text = this.memory.word(address + BigInt(index * POINTER_SIZE));
        if (text !== 0n) names.set(index, this.memory.string(text));
      }
    } catch (error) {
      // Before the kernel has mapped itself there is nothing to read; the table will do.
      if (!(error instanceof KernelError)) throw error;
    }
    return names;
  }
}

const POINTER_SIZE = 8;
