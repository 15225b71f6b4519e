import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GdbServer } from '../../../emu/cli/gdb-server.ts';
import { GdbStub, machineTarget, type Pace } from '../../../emu/debug/gdb/index.ts';
import type { TargetRegisters } from '../../../emu/debug/gdb/target.ts';
import type { StackLevel } from '../../../emu/debug/stack/call-stack.ts';
import { Machine } from '../../../emu/index.ts';
import { KERNEL_HALF } from '../../../emu/kernel/index.ts';
import { DWARF_REGISTER_NAMES, type DwarfRegisterName } from '../../../emu/symbols/index.ts';
import { absolute, builtProgram, guestPaths } from '../../../scripts/guest/index.ts';
import { GdbSession, GdbSessionError } from '../gdb-session.ts';
import type { GuestFiles } from '../qemu-guest.ts';
import {
  type ComparedFrame,
  type FrameRegisters,
  gdbRegisters,
  gdbStack,
  LEVELS,
  OwnStack,
} from './stacks.ts';

/** What the shell is given to do. */
export const COMMAND = 'ls';
const PROMPTS = ['\n# '];
const SLICE = 1_000_000;
const REGISTER_SIZE = 8;
const DWARF_RSP = DWARF_REGISTER_NAMES.indexOf('rsp');

/** The guest with a line for its shell. */
export function guestMachine(files: GuestFiles): Machine {
  const machine = Machine.create({
    kernel: { name: guestPaths.kernel, bytes: files.kernel },
    initrd: { name: guestPaths.initrd, bytes: files.initrd },
    commandLine: files.commandLine,
  });
  machine.console.setScript({ bytes: new TextEncoder().encode(`${COMMAND}\n`), prompts: PROMPTS });
  return machine;
}

/** The guest with gdb at its stub: both are asked for the stack at positions that follow each other. */
export class FramesUnderGdb {
  readonly machine: Machine;
  readonly #directory = mkdtempSync(join(tmpdir(), 'puffer-frames-'));
  readonly #own: OwnStack;
  readonly #gdb: GdbSession;
  #server: GdbServer | undefined;
  /** What gdb gets for the processor's registers. */
  #replaced: FrameRegisters | undefined;
  /** Where the machine stops next. */
  #goal = 0;
  /** Whose symbols gdb has for the user half. */
  #program: { readonly name: string; readonly entry: bigint } | undefined;

  private constructor(files: GuestFiles) {
    this.machine = guestMachine(files);
    this.#own = new OwnStack(this.machine);
    this.#gdb = new GdbSession(absolute(guestPaths.kernel));
  }

  static async start(files: GuestFiles): Promise<FramesUnderGdb> {
    const frames = new FramesUnderGdb(files);
    try {
      await frames.#connect();
    } catch (error) {
      await frames.close();
      throw error;
    }
    return frames;
  }

  async #connect(): Promise<void> {
    const { core, cpu, kernel } = this.machine;
    let interrupt = (): void => {};
    const pace: Pace = async (slice) => {
      for (;;) {
        await new Promise((resume) => setImmediate(resume));
        const left = this.#goal - core.position;
        // The next slice says that gdb has asked for a stop.
        if (left <= 0) interrupt();
        const stop = slice({ budget: Math.min(SLICE, Math.max(left, 1)) });
        if (stop.reason !== 'budget') return stop;
      }
    };
    const machine = machineTarget({ machine: core, cpu, kernel, pace });
    const target = { ...machine, registers: this.#registers(machine.registers) };
    interrupt = () => target.run.interrupt();
    const stub = new GdbStub({ target, exitStatus: () => 0 });
    const path = join(this.#directory, 'stub');
    this.#server = await GdbServer.listen({ path }, (transport) => stub.connect(transport));
    for (const command of GDB_SETTINGS) await this.#gdb.ask(command);
    await this.#gdb.ask(`target remote ${path}`);
  }

  /** Lets the machine run to a later position, and asks both there. */
  async at(position: number): Promise<StacksAt> {
    this.#goal = position;
    const said = await this.#gdb.ask('continue');
    if (this.machine.position !== position) {
      throw new GdbSessionError(`at ${this.machine.position} instead of ${position}: ${said}`);
    }
    await this.#loadSymbols();
    const own = this.#own.levelsInPassing();
    const gdb = await gdbStack(this.#gdb);
    const user = own.findIndex(({ address }) => address < KERNEL_HALF);
    if (user <= 0) return { position, own, readable: this.#readable(own), gdb, user: undefined };
    const { root } = this.#own.origin;
    if (root !== undefined && root !== this.machine.kernel.registers.get('cr3')) {
      // The stack is that of another address space than the processor's: gdb would read in the wrong one.
      return { position, own: own.slice(0, user), readable: user, gdb: gdb.slice(0, user), user: undefined };
    }
    return { position, own, readable: this.#readable(own), gdb, user: await this.#userHalf(user) };
  }

  /** How many levels' code and stack are in the page tables of the moment. */
  #readable(levels: readonly StackLevel[]): number {
    const { memory } = this.machine.kernel;
    const end = levels.findIndex(({ address, frame: { registers } }) =>
      [address, registers[DWARF_RSP] ?? 0n].some((place) => memory.tryRead(place, 1) === undefined),
    );
    return end < 0 ? levels.length : end;
  }

  /**
   * gdb takes a user's stack for a damaged one, because it lies below the kernel's, and ends there: what it has seen of the user's
   * registers until then is given to it as the processor's.
   */
  async #userHalf(level: number): Promise<UserHalf> {
    const registers = await gdbRegisters(this.#gdb, level);
    this.#replaced = registers;
    await this.#gdb.ask('maintenance flush register-cache');
    const gdb = await gdbStack(this.#gdb);
    this.#replaced = undefined;
    await this.#gdb.ask('maintenance flush register-cache');
    return { level, registers, gdb };
  }

  /** The target's registers, or those of the user half. */
  #registers(real: TargetRegisters): TargetRegisters {
    return {
      description: real.description,
      rows: real.rows,
      expedited: real.expedited,
      write: (thread, register, value) => real.write(thread, register, value),
      read: (thread, register) => {
        const name = real.rows[register]?.name ?? '';
        if (this.#replaced === undefined || !(name in this.#replaced)) return real.read(thread, register);
        const value = this.#replaced[name as DwarfRegisterName];
        const bytes = new Uint8Array(REGISTER_SIZE);
        new DataView(bytes.buffer).setBigUint64(0, value ?? 0n, true);
        return value === undefined ? undefined : bytes;
      },
    };
  }

  /** gdb gets the symbols of the program that runs now, and only those: all programs have the same addresses. */
  async #loadSymbols(): Promise<void> {
    const { program } = this.#own;
    if (program === undefined || program.name === this.#program?.name) return;
    if (this.#program !== undefined) {
      await this.#gdb.ask(`remove-symbol-file -a 0x${this.#program.entry.toString(16)}`);
    }
    const path = builtProgram(program.name);
    const said = await this.#gdb.ask(`add-symbol-file ${path}`);
    if (!said.includes('Reading symbols')) throw new GdbSessionError(`${path}: ${said}`);
    this.#program = { name: program.name, entry: program.image.elf.entry };
  }

  async close(): Promise<void> {
    this.#gdb.close();
    await this.#server?.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The stacks of one moment. */
export interface StacksAt {
  readonly position: number;
  readonly own: readonly StackLevel[];
  /** So many of them have their code in the page tables. */
  readonly readable: number;
  readonly gdb: readonly ComparedFrame[];
  /** When the kernel was entered from a program. */
  readonly user: UserHalf | undefined;
}

/** What gdb says of the program that the kernel was entered from. */
export interface UserHalf {
  /** Where it begins in both stacks. */
  readonly level: number;
  /** The program's registers, by gdb's unwinding of the kernel. */
  readonly registers: FrameRegisters;
  /** The stack from there on. */
  readonly gdb: readonly ComparedFrame[];
}

export const GDB_SETTINGS = [
  'set confirm off',
  'set width 0',
  'set height 0',
  // Below main() there is the program's entry; nobody set it up by accident.
  'set backtrace past-main on',
  'set backtrace past-entry on',
  `set backtrace limit ${LEVELS}`,
];
