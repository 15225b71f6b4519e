import type { Program } from '../programs/program.ts';
import type { Programs } from '../programs/programs.ts';
import { DebugError } from '../session/errors.ts';

/**
 * An address of a program's code. A user program's address means that program alone, in whatever process it runs; of a position-independent
 * one it is the file's, wherever processes have loaded it.
 */
export interface CodeLocation {
  readonly program: Program;
  readonly address: bigint;
}

/** What a location is looked up in. */
export interface LocationContext {
  readonly programs: Programs;
  /** The program of the selected frame. */
  readonly program: Program;
  /** The file and line of the selected frame. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** The address of the selected frame. */
  readonly address: bigint | undefined;
  /** The value of an expression, for `*EXPRESSION`. */
  evaluate(expression: string): bigint;
}

const SCOPE = /^(?:(kernel)|prog:([^:\s]+)):(?!:)/;
const FILE_AND_LINE = /^(.+):(\d+)$/;
const NUMBER = /^(?:0x[0-9a-f]+|\d+)$/i;

/**
 * The places that a location names: `fork1`, `kern_fork.c:264`, `264` and `+3` (of the present file), `*ADDRESS-EXPRESSION`,
 * `0xffffffff81001000`; with `kernel:` or `prog:ksh:` before it, in that program. Nothing means the present address.
 * Throws DebugError 'not-found'.
 */
export function findLocations(text: string, context: LocationContext): CodeLocation[] {
  return locationsIn(text, context).map(inFile);
}

/** A place by the addresses of its file. */
function inFile({ program, address }: CodeLocation): CodeLocation {
  return { program: program.file, address: address - program.loadBias };
}

/** Where a place lies in a process: the same object whenever it is the same place. */
export function loadedPlace(place: CodeLocation, program: Program): CodeLocation {
  if (program === place.program) return place;
  let known = LOADED.get(place);
  if (known === undefined) {
    known = new Map();
    LOADED.set(place, known);
  }
  let loaded = known.get(program);
  if (loaded === undefined) {
    loaded = { program, address: place.address + program.loadBias };
    known.set(program, loaded);
  }
  return loaded;
}

const LOADED = new WeakMap<CodeLocation, Map<Program, CodeLocation>>();

function locationsIn(text: string, context: LocationContext): CodeLocation[] {
  const [scope, kernel, name] = SCOPE.exec(text) ?? [];
  const rest = text.slice(scope?.length ?? 0).trim();
  const programs = scope === undefined ? searchOrder(context) : [scopeProgram(kernel ?? name ?? '', context)];
  if (rest === '') return present(context);
  if (rest.startsWith('*')) return [atAddress(context.evaluate(rest.slice(1)), programs, context)];
  if (/^0x/i.test(rest) && NUMBER.test(rest)) return [atAddress(BigInt(rest), programs, context)];
  if (/^[+-]?\d+$/.test(rest)) return inPresentFile(rest, context);
  const [whole, file, line] = FILE_AND_LINE.exec(rest) ?? [];
  if (whole !== undefined && file !== undefined) return atLine(file, Number(line), programs);
  return atSymbol(rest, programs);
}

/** Without a scope: the kernel, then the program that is looked at. */
function searchOrder({ programs, program }: LocationContext): Program[] {
  return program === programs.kernel ? [program] : [programs.kernel, program];
}

function scopeProgram(name: string, { programs }: LocationContext): Program {
  const program = programs.byName(name);
  if (program !== undefined) return program;
  throw new DebugError('not-found', `no program ${name} is known with its symbols`);
}

function present({ program, address }: LocationContext): CodeLocation[] {
  if (address === undefined) throw new DebugError('not-found', 'there is no present place');
  return [{ program, address }];
}

function atAddress(address: bigint, programs: readonly Program[], context: LocationContext): CodeLocation {
  const at = BigInt.asUintN(64, address);
  const program = context.programs.at(at) ?? programs[0] ?? context.programs.kernel;
  return { program, address: at };
}

function inPresentFile(text: string, { file, line, program }: LocationContext): CodeLocation[] {
  if (file === undefined || line === undefined)
    throw new DebugError('not-found', 'the present place has no source file: give FILE:LINE');
  const number = /^[+-]/.test(text) ? line + Number(text) : Number(text);
  return atLine(file, number, [program]);
}

function atLine(file: string, line: number, programs: readonly Program[]): CodeLocation[] {
  for (const program of programs) {
    const { lines } = program.image;
    if (lines.matchingFiles(file).length === 0) continue;
    const withCode = lines.nextLineWithCode(file, line);
    if (withCode === undefined)
      throw new DebugError('not-found', `there is no code at or after line ${line} of ${file}`);
    return entriesOf(program, lines.addresses(file, withCode)).map((address) => ({ program, address }));
  }
  throw new DebugError('not-found', `no source file ${file} has code in ${names(programs)}`);
}

/** One address a function: a line's code may be cut into several pieces, of which the first is where it begins. */
function entriesOf(program: Program, addresses: readonly bigint[]): bigint[] {
  const seen = new Set<string>();
  return addresses.filter((address) => {
    const frames = program.image.debug.framesAt(address);
    const key = `${program.image.symbols.at(address)?.symbol.address} ${frames[0]?.name}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function atSymbol(name: string, programs: readonly Program[]): CodeLocation[] {
  for (const program of programs) {
    const symbols = program.image.symbols.allByName(name).filter(({ kind }) => kind !== 'object');
    if (symbols.length > 0) return symbols.map(({ address }) => ({ program, address }));
    const info = program.image.debug.function(name);
    if (info !== undefined) return [{ program, address: info.lowPc }];
  }
  throw new DebugError('not-found', `no function or label ${name} in ${names(programs)}`);
}

function names(programs: readonly Program[]): string {
  return programs.map(({ name }) => (name === 'kernel' ? 'the kernel' : name)).join(' or ');
}

/** A place as messages name it: `fork1+4 at guest/sys/kern/kern_fork.c:264`. */
export function describeLocation({ program, address }: CodeLocation): string {
  const symbol = program.symbolOf(address) ?? `0x${address.toString(16)}`;
  const { file, line } = program.place(address);
  const scope = program.name === 'kernel' ? '' : `prog:${program.name}:`;
  return `${scope}${symbol}${file === undefined ? '' : ` at ${file}${line === undefined ? '' : `:${line}`}`}`;
}
