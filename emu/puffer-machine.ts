import type { Cpu } from './cpu/index.ts';
import { layout } from './cpu/index.ts';
import {
  type Detach,
  type EventName,
  type EventOf,
  type EventStream,
  Kernel,
  KernelError,
  KernelImage,
  KernelTracer,
} from './kernel/index.ts';
import { createMachine } from './machine/create.ts';
import {
  type Machine as CoreMachine,
  type Ending,
  GENERAL_REGISTERS,
  type GeneralRegister,
  type MachineConsole,
  type MachineStop,
  type RegisterName,
  Registers,
  type Snapshot,
} from './machine/index.ts';

/** What to boot, and in what. */
export interface MachineOptions {
  /** Bytes of RAM: a multiple of 64 KiB from 4 MiB to 2 GiB; 64 MiB if not given. */
  readonly memory?: number | undefined;
  /** A kernel: PVH (an ELF64 file, best with DWARF), Multiboot, or a Linux bzImage. */
  readonly kernel: { readonly name: string; readonly bytes: Uint8Array };
  readonly initrd?: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  /** Further files for a Multiboot kernel, before the initrd; `commandLine` follows the name in the module's string. */
  readonly modules?:
    | readonly {
        readonly name: string;
        readonly bytes: Uint8Array;
        readonly commandLine?: string | undefined;
      }[]
    | undefined;
  /** The kernel's command line; the guest's own kernel takes `seed=NUMBER` and `time=SECONDS`. */
  readonly commandLine?: string | undefined;
  /** What the processor's random number generator (RDRAND, RDSEED) starts from: a 64-bit number, 0 if not given. */
  readonly randomSeed?: bigint | undefined;
}

/** What to run to; whichever comes first ends the run. */
export interface RunUntil {
  /** The next instruction is the first of this symbol. */
  readonly symbol?: string | undefined;
  /** The next instruction is at this linear address. */
  readonly address?: bigint | undefined;
  /** An event of this name happens. */
  readonly event?: EventName | undefined;
  /** The console has printed this. */
  readonly text?: string | undefined;
  /** This position is reached. */
  readonly position?: number | undefined;
  /** At most this many steps. */
  readonly budget?: number | undefined;
}

/** Bytes of RAM that a machine has when nobody says. */
export const DEFAULT_MEMORY = 64 * 2 ** 20;
const REGISTER_SIZE = 8;

/** A test runner loads modules anew for each file, and has one global object for all. */
const OBSERVERS = Symbol.for('puffer: observers of new machines');
type Observers = Set<(machine: Machine) => void>;
const shared = globalThis as unknown as { [OBSERVERS]: Observers };
shared[OBSERVERS] ??= new Set();

/**
 * A machine with a kernel in it: runs, stops at places, events and texts, and is looked into. For TypeScript and JavaScript
 * programs; the parts it is made of are `core`, `cpu`, `kernel` and `tracer`.
 *
 * Everything that changes the guest (typing, writing a register or memory) goes through the input log with its position.
 */
export class Machine {
  readonly core: CoreMachine;
  readonly cpu: Cpu;
  readonly image: KernelImage;
  readonly kernel: Kernel;
  readonly tracer: KernelTracer;
  readonly #registers: Registers;
  /** Calls `observer` with each machine that is made from now on, before its first step. */
  static onCreated(observer: (machine: Machine) => void): Detach {
    const { [OBSERVERS]: observers } = shared;
    observers.add(observer);
    return () => observers.delete(observer);
  }

  /**
   * Makes a machine and loads the kernel, ready for its first instruction.
   * Throws MachineError, BootError, ElfError: which file is wrong, and how.
   */
  static create(options: MachineOptions): Machine {
    const { machine, cpu } = createMachine({
      memory: options.memory ?? DEFAULT_MEMORY,
      randomSeed: options.randomSeed,
    });
    machine.loadKernel(options.kernel.bytes, {
      name: options.kernel.name,
      commandLine: options.commandLine,
      initrd: options.initrd,
      modules: options.modules,
    });
    const made = new Machine(machine, cpu, KernelImage.ofKernelFile(options.kernel.bytes));
    for (const observer of shared[OBSERVERS]) observer(made);
    return made;
  }

  private constructor(core: CoreMachine, cpu: Cpu, image: KernelImage) {
    this.core = core;
    this.cpu = cpu;
    this.image = image;
    this.kernel = new Kernel({ image, machine: core, memory: cpu.system.inspector });
    this.tracer = new KernelTracer(this.kernel);
    this.#registers = new Registers(core.state);
  }

  /** Steps since power-on. */
  get position(): number {
    return this.core.position;
  }

  /** Guest time in ns. */
  get guestTime(): number {
    return this.core.guestTime;
  }

  /** How the machine ended; undefined while it lives. */
  get ending(): Ending | undefined {
    return this.core.ending;
  }

  /** Console input and output. */
  get console(): MachineConsole {
    return this.core.console;
  }

  /**
   * Runs until one of the conditions holds, the machine ends, or the guest waits for what will not come. A condition that already
   * holds does not end the run: the next arrival does. Throws KernelError 'no-symbol'.
   */
  run(until: RunUntil = {}): MachineStop {
    const detach: Detach[] = [];
    try {
      for (const address of [until.address, until.symbol && this.image.address(until.symbol)]) {
        if (typeof address === 'bigint') detach.push(this.core.breakpoints.add(address, () => 'stop'));
      }
      if (until.event !== undefined) {
        detach.push(this.tracer.on(until.event, () => this.core.requestStop()));
      }
      return this.core.run({ budget: until.budget, untilPosition: until.position, untilText: until.text });
    } finally {
      for (const one of detach) one();
    }
  }

  /** One step. */
  step(): MachineStop {
    return this.core.step();
  }

  /** A register's value. */
  register(name: RegisterName): bigint {
    return this.#registers.get(name);
  }

  /** Writes a general register or rip. Throws InputError while a recording is replayed. */
  setRegister(name: GeneralRegister | 'rip', value: bigint): void {
    const slot = name === 'rip' ? layout.RIP : layout.GPR + GENERAL_REGISTERS.indexOf(name) * REGISTER_SIZE;
    this.core.writeRegister(slot, REGISTER_SIZE, value);
  }

  /** Guest memory at a linear address as the present address space has it. Throws KernelError 'unmapped'. */
  readMemory(address: bigint, size: number): Uint8Array {
    return this.kernel.memory.read(address, size);
  }

  /** Writes guest memory at a linear address, whatever its permissions. Throws KernelError 'unmapped' and then has written nothing. */
  writeMemory(address: bigint, bytes: Uint8Array): void {
    this.kernel.memory.read(address, bytes.length);
    for (let done = 0; done < bytes.length; ) {
      const at = address + BigInt(done);
      const physical = this.cpu.system.inspector.translateAny(at);
      if (physical === undefined) throw new KernelError('unmapped', `no memory at 0x${at.toString(16)}`);
      const length = Math.min(bytes.length - done, PAGE_SIZE - (physical % PAGE_SIZE));
      this.core.writeMemory(physical, bytes.subarray(done, done + length));
      done += length;
    }
  }

  /** Calls `listener` at each event of a name. It must change nothing. */
  on<N extends EventName>(name: N, listener: (event: EventOf<N>) => void): Detach {
    return this.tracer.on(name, listener);
  }

  /** The events of some names (all, if none are given) as an async iterator. */
  events(names?: readonly EventName[]): EventStream {
    return this.tracer.events(names);
  }

  /** The whole machine at this moment. */
  snapshot(): Snapshot {
    return this.core.snapshot();
  }

  /** Puts the machine back to a moment; what is typed from then on is another course of events. Throws SnapshotError. */
  restore(snapshot: Snapshot): void {
    this.core.restore(snapshot);
    this.core.input.dropRest();
  }

  /** One hash over everything that can change the guest's future. */
  stateHash(): string {
    return this.core.stateHash();
  }
}

const PAGE_SIZE = 4096;
