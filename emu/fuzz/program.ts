import { FuzzError } from './errors.ts';

/** Where bytes for a call lie: among the program's data, where mapped memory ends, or where nothing may be written. */
export type Placement = 'data' | 'end' | 'readOnly';

/**
 * An argument of a call. A number that is too large for a double is written in hexadecimal. `result` is what another call returned,
 * `end` one of the two descriptors that a pipe call stored.
 */
export type FuzzArgument =
  | number
  | string
  | { readonly result: number }
  | { readonly end: number; readonly index: 0 | 1 }
  | { readonly text: string }
  | { readonly bytes: string; readonly at?: Placement; readonly pointers?: readonly Pointer[] }
  | { readonly bad: 'unmapped' | 'kernel' }
  | { readonly handler: true };

/** A pointer among bytes: 8 of them from an offset on. */
export interface Pointer {
  readonly offset: number;
  readonly to: FuzzArgument;
}

/** One system call; the ids of a program's calls differ. */
export interface FuzzCall {
  readonly id: number;
  readonly name: string;
  readonly arguments: readonly FuzzArgument[];
  /** What the child does that this call makes. */
  readonly child?: readonly FuzzCall[];
}

/** A failure on the way: the n-th call of a function of the kernel returns a value instead of doing anything. */
export interface FuzzFault {
  readonly function: string;
  /** Counted from 1, from the program's first call on. */
  readonly nth: number;
  /** What it returns, as a number of C. */
  readonly value: number;
}

/** Devices whose interrupts a program may bring about: the timer's next tick, or a line that is typed at the terminal. */
export const INTERRUPT_SOURCES = ['timer', 'console'] as const;

/** An interrupt in the middle of a call. */
export interface FuzzInterrupt {
  readonly source: (typeof INTERRUPT_SOURCES)[number];
  /** The id of the call; it counts when it is made for the first time. */
  readonly call: number;
  /** Steps after the call's first in the kernel, before which the interrupt is requested. */
  readonly step: number;
}

/** A sequence of calls, made by a process of its own. */
export interface FuzzProgram {
  /** The process is a session's leader, without a terminal and with /dev/null open instead; otherwise a group of its own on the shell's terminal. */
  readonly session: boolean;
  /** Its user: 0, or one that may do nothing special. */
  readonly user: number;
  readonly calls: readonly FuzzCall[];
  readonly fault?: FuzzFault;
  readonly interrupt?: FuzzInterrupt;
}

/** All calls, the children's among them. */
export function allCalls(calls: readonly FuzzCall[]): FuzzCall[] {
  return calls.flatMap((one) => [one, ...allCalls(one.child ?? [])]);
}

/** Reads a program that was written as JSON. Throws FuzzError 'bad-program'. */
export function parseProgram(text: string): FuzzProgram {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FuzzError('bad-program', `this is no JSON: ${(error as Error).message}`);
  }
  const program = record(value, 'a program');
  const ids = new Set<number>();
  return {
    session: program.session === true,
    user: integer(program.user ?? 0, 'user'),
    calls: parseCalls(program.calls, ids),
    ...(program.fault !== undefined && { fault: parseFault(program.fault) }),
    ...(program.interrupt !== undefined && { interrupt: parseInterrupt(program.interrupt) }),
  };
}

/** One line of JSON. */
export function formatProgram(program: FuzzProgram): string {
  return JSON.stringify(program);
}

function parseCalls(value: unknown, ids: Set<number>): FuzzCall[] {
  if (!Array.isArray(value)) throw wrong('calls', 'a list');
  return value.map((each: unknown) => {
    const one = record(each, 'a call');
    const id = integer(one.id, 'id');
    if (ids.has(id)) throw new FuzzError('bad-program', `two calls have the id ${id}`);
    ids.add(id);
    if (typeof one.name !== 'string') throw wrong('name', 'text');
    if (!Array.isArray(one.arguments)) throw wrong('arguments', 'a list');
    return {
      id,
      name: one.name,
      arguments: one.arguments.map(parseArgument),
      ...(one.child !== undefined && { child: parseCalls(one.child, ids) }),
    };
  });
}

function parseArgument(value: unknown): FuzzArgument {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^0x[0-9a-f]{1,16}$/.test(value)) return value;
  const one = record(value, 'an argument');
  if ('result' in one) return { result: integer(one.result, 'result') };
  if ('end' in one) return { end: integer(one.end, 'end'), index: one.index === 1 ? 1 : 0 };
  if (typeof one.text === 'string') return { text: one.text };
  if (one.bad === 'unmapped' || one.bad === 'kernel') return { bad: one.bad };
  if (one.handler === true) return { handler: true };
  if (typeof one.bytes !== 'string' || !/^([0-9a-f]{2})*$/.test(one.bytes)) {
    throw wrong('an argument', 'a number, a result, an end, text, bytes, bad or handler');
  }
  const pointers = Array.isArray(one.pointers) ? one.pointers.map(parsePointer) : undefined;
  return {
    bytes: one.bytes,
    ...((one.at === 'end' || one.at === 'readOnly') && { at: one.at }),
    ...(pointers !== undefined && { pointers }),
  };
}

function parsePointer(value: unknown): Pointer {
  const one = record(value, 'a pointer');
  return { offset: integer(one.offset, 'offset'), to: parseArgument(one.to) };
}

function parseFault(value: unknown): FuzzFault {
  const one = record(value, 'a fault');
  if (typeof one.function !== 'string') throw wrong('function', 'text');
  return { function: one.function, nth: integer(one.nth, 'nth'), value: integer(one.value, 'value') };
}

function parseInterrupt(value: unknown): FuzzInterrupt {
  const one = record(value, 'an interrupt');
  const source = INTERRUPT_SOURCES.find((name) => name === one.source);
  if (source === undefined) throw wrong('source', `one of ${INTERRUPT_SOURCES.join(', ')}`);
  const step = integer(one.step, 'step');
  if (step < 0) throw wrong('step', 'a number from 0 on');
  return { source, call: integer(one.call, 'call'), step };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw wrong(what, 'an object');
}

function integer(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw wrong(what, 'a whole number');
}

function wrong(what: string, wanted: string): FuzzError {
  return new FuzzError('bad-program', `${what} must be ${wanted}`);
}
