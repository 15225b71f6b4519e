import { guestProgram } from '../../../emu/cli/guest-program.ts';
import type { Program } from '../../../emu/debug/programs/program.ts';
import { attempt, Programs } from '../../../emu/debug/programs/programs.ts';
import { type StackLevel, walkStack } from '../../../emu/debug/stack/call-stack.ts';
import { type RunningOrigin, runningOrigin } from '../../../emu/debug/stack/running-origin.ts';
import type { Machine } from '../../../emu/index.ts';
import { DWARF_REGISTER_NAMES, type DwarfRegisterName, type Frame } from '../../../emu/symbols/index.ts';
import type { GdbSession } from '../gdb-session.ts';

/** A level of a stack, as two debuggers can be compared about it. */
export interface ComparedFrame {
  readonly pc: bigint;
  /** undefined where no symbols tell. */
  readonly function: string | undefined;
  /** `kern_fork.c:267`; undefined without a line. */
  readonly place: string | undefined;
  /** The canonical frame address. */
  readonly cfa: bigint | undefined;
}

/** General registers and rip, by name; undefined for one that was not kept. */
export type FrameRegisters = Readonly<Record<DwarfRegisterName, bigint | undefined>>;

/** The most levels that are compared. */
export const LEVELS = 40;

const FRAME_START = /^(?=Stack (?:level|frame))/m;
const LEVEL = /^Stack level \d+, frame at (0x[0-9a-f]+):$/m;
const PLACE = /^ rip = (0x[0-9a-f]+)(?: in ([\w.$]+))?(?: \(([^)]+):(\d+)\))?;/m;

/** gdb's stack: its own unwinder, over the target's registers and memory. */
export async function gdbStack(gdb: GdbSession): Promise<ComparedFrame[]> {
  const text = await gdb.ask('frame apply all -q info frame');
  return text
    .split(FRAME_START)
    .filter((part) => part.startsWith('Stack'))
    .map((part) => {
      const [, pc = '0', name, file, line] = PLACE.exec(part) ?? [];
      const cfa = LEVEL.exec(part)?.[1];
      return {
        pc: BigInt(pc),
        function: name,
        place: placeOf(file, line),
        // Of the outermost frame gdb has none.
        cfa: cfa === undefined || BigInt(cfa) === 0n ? undefined : BigInt(cfa),
      };
    });
}

/** The registers of a level of gdb's stack. */
export async function gdbRegisters(gdb: GdbSession, level: number): Promise<FrameRegisters> {
  await gdb.ask(`frame level ${level}`);
  const text = await gdb.ask(`info registers ${DWARF_REGISTER_NAMES.join(' ')}`);
  await gdb.ask('frame level 0');
  return registersByName((name) => {
    const value = new RegExp(`^${name} +(0x[0-9a-f]+)`, 'm').exec(text)?.[1];
    return value === undefined ? undefined : BigInt(value);
  });
}

export function registersByName(
  lookup: (name: DwarfRegisterName, number: number) => bigint | undefined,
): FrameRegisters {
  const entries = DWARF_REGISTER_NAMES.map((name, number) => [name, lookup(name, number)] as const);
  return Object.fromEntries(entries) as Record<DwarfRegisterName, bigint | undefined>;
}

/** puffer's own stack of a machine. */
export class OwnStack {
  readonly #machine: Machine;
  readonly #programs: Programs;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#programs = new Programs(machine.kernel, guestProgram);
  }

  /** The program whose symbols hold in the user half now. */
  get program(): Program | undefined {
    return attempt(() => this.#programs.of());
  }

  get origin(): RunningOrigin {
    const { kernel, cpu } = this.#machine;
    return runningOrigin(kernel, cpu.system.inspector);
  }

  levels(): readonly StackLevel[] {
    return [...walkStack(this.#machine.kernel, this.#programs, this.origin, LEVELS)];
  }

  /** As gdb counts where it has set no breakpoint: an inlined call is one only when its first instruction has executed. */
  levelsInPassing(): readonly StackLevel[] {
    return withoutCallsToCome(this.levels());
  }
}

/** Without the inlined functions to which the instruction before does not belong. */
function withoutCallsToCome(levels: readonly StackLevel[]): readonly StackLevel[] {
  const first = levels[0];
  if (first === undefined || first.frame.foundBy !== 'start') return levels;
  const namesAt = (address: bigint): string[] =>
    first.program?.image.debug.framesAt(address).map(({ name }) => name) ?? [];
  const [here, before] = [namesAt(first.address), namesAt(first.address - 1n)];
  const toCome = here.findIndex(
    (_, index) => before.slice(-(here.length - index)).join() === here.slice(index).join(),
  );
  return levels.slice(toCome < 0 ? Math.max(here.length - 1, 0) : toCome);
}

/** A level of puffer's in the terms of the comparison. */
export function compared({ address, function: name, file, line, frame }: StackLevel): ComparedFrame {
  return {
    pc: address,
    function: name,
    place: placeOf(file, line),
    cfa: isOutermost(frame) ? undefined : frame.cfa,
  };
}

/** Whether call-frame information says that nobody has called. */
function isOutermost({ rules }: Frame): boolean {
  return rules?.registers.get(rules.returnAddressRegister)?.kind === 'undefined';
}

function placeOf(file: string | undefined, line: string | number | undefined): string | undefined {
  return file === undefined || line === undefined
    ? undefined
    : `${file.slice(file.lastIndexOf('/') + 1)}:${line}`;
}
