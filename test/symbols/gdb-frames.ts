import { readFileSync } from 'node:fs';
import {
  DWARF_REGISTER_NAMES,
  ElfFile,
  type MemoryReader,
  type RegisterValues,
} from '../../emu/symbols/index.ts';
import { run } from './programs.ts';

/** A frame of `bt full`: inlined ones have no pc. */
export interface GdbFrame {
  readonly pc: bigint | undefined;
  readonly name: string;
  readonly place: string;
  /** Scalars as gdb prints them: a number, an address, or "<optimized out>". */
  readonly variables: ReadonlyMap<string, string>;
}

/** A program stopped by gdb: its memory, its registers and what gdb says of its stack. */
export interface Stopped {
  readonly readMemory: MemoryReader;
  readonly registers: RegisterValues;
  readonly frames: readonly GdbFrame[];
}

const FRAME = /^#\d+ +(?:0x([0-9a-f]+) in )?(\w+) \((.*)\) at (?:\S*\/)?([^/\s]+:\d+)$/;
const SCALAR = '(<optimized out>|(?:\\([^)]*\\) )?0x[0-9a-f]+|-?\\d+)';
const ARGUMENT = new RegExp(`(\\w+)=${SCALAR}`, 'g');
const LOCAL = new RegExp(`^ {8}(\\w+) = ${SCALAR}(?: .*)?$`);

/** Runs a program under gdb until the commands have done their work, and keeps a core file of it. */
export function stopAt(path: string, core: string, commands: readonly string[]): Stopped {
  const script = [
    'set print entry-values no',
    'set width 0',
    'set print repeats 0',
    ...commands,
    'echo @@registers\\n',
    'info registers',
    'echo @@frames\\n',
    'backtrace -full',
    'echo @@core\\n',
    `generate-core-file ${core}`,
  ];
  const text = run('gdb', '-batch', '-nx', ...script.flatMap((command) => ['-ex', command]), path);
  const [, registers = '', frames = ''] = text.split(/@@\w+\n/);
  const memory = ElfFile.parse(new Uint8Array(readFileSync(core)));
  return {
    readMemory: (address, size) => memory.bytesAt(address, size),
    registers: DWARF_REGISTER_NAMES.map((name) => {
      const value = new RegExp(`^${name} +(0x[0-9a-f]+)`, 'm').exec(registers)?.[1];
      return value === undefined ? undefined : BigInt(value);
    }),
    frames: parseFrames(frames.split('\n')),
  };
}

function parseFrames(lines: readonly string[]): GdbFrame[] {
  const frames: (GdbFrame & { variables: Map<string, string> })[] = [];
  for (const line of lines) {
    const frame = FRAME.exec(line);
    if (frame) {
      const [, pc, name = '', parameters = '', place = ''] = frame;
      const variables = new Map(
        Array.from(parameters.matchAll(ARGUMENT), ([, key = '', value = '']) => [key, value]),
      );
      frames.push({ pc: pc === undefined ? undefined : BigInt(`0x${pc}`), name, place, variables });
    }
    const [, name, value] = LOCAL.exec(line) ?? [];
    const variables = frames[frames.length - 1]?.variables;
    // Of two scopes' variables with one name the inner one comes first.
    if (name !== undefined && value !== undefined && !variables?.has(name)) {
      variables?.set(name, value.replace(/^\(.*\) /, ''));
    }
  }
  return frames;
}
