import { fitsWord, shown } from '../checks.ts';
import { GuestTestError } from '../errors.ts';
import { type Argument, Call } from './calls.ts';
import { ArgumentKind, CALL, CALL_END, CALLS_END, MAXIMUM_ARGUMENTS } from './layout.ts';

/** Calls that make a process or a thread of which the caller must know what it is to do. */
const MAKES_CHILD: ReadonlySet<string | number> = new Set(['fork', 'vfork', '__tfork', 2, 66, 8]);

/** What encoding a program needs of the guest. */
export interface EncodingContext {
  /** The number of a system call. Throws GuestTestError 'bad-expectation'. */
  readonly numberOf: (name: string | number) => number;
  /** Puts bytes into the process's data and returns where they are. */
  readonly place: (bytes: Uint8Array) => bigint;
  /** Where the program will lie, between `FIRST_CALL` and `CALLS_END`. */
  readonly base: bigint;
  /** Arguments are taken as they come, cut to 64 bits, the results of later calls too: for programs that are made up at random. */
  readonly unjudged?: boolean | undefined;
}

/** A program as the scratch process reads it. */
export interface EncodedProgram {
  /** Where it must be put. */
  readonly base: bigint;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each call lies in `bytes`, the children's calls among them. */
  readonly offsets: ReadonlyMap<Call, number>;
  /** Children may go on reading it when the process itself has done its part. */
  readonly makesChildren: boolean;
}

/** Encodes the calls of a process and of its children. Throws GuestTestError 'bad-expectation' for a program that cannot be. */
export function encodeProgram(calls: readonly Call[], context: EncodingContext): EncodedProgram {
  requireCalls(calls);
  const encoder = new ProgramEncoder(context);
  encoder.lists(calls);
  return encoder.encode();
}

class ProgramEncoder {
  readonly #context: EncodingContext;
  /** In the order of memory; undefined is the end of a list. */
  readonly #records: (Call | undefined)[] = [];
  readonly #offsets = new Map<Call, number>();
  /** Where the list of each call begins. */
  readonly #lists = new Map<Call, number>();
  /** Where the list of each child begins. */
  readonly #children = new Map<Call, number>();

  constructor(context: EncodingContext) {
    this.#context = context;
  }

  /** Lays out a list, then the lists of the children that it makes. */
  lists(calls: readonly Call[]): number {
    const start = this.#records.length * CALL.size;
    for (const one of calls) {
      if (this.#offsets.has(one)) {
        throw new GuestTestError(
          'bad-expectation',
          `the same call (${one.name}) stands twice in a program: make two`,
        );
      }
      this.#offsets.set(one, this.#records.length * CALL.size);
      this.#lists.set(one, start);
      this.#records.push(one);
    }
    this.#records.push(undefined);
    for (const one of calls) {
      const child = one.child ?? (MAKES_CHILD.has(one.name) ? [] : undefined);
      if (child !== undefined) this.#children.set(one, this.lists(withEnd(child, one)));
    }
    return start;
  }

  encode(): EncodedProgram {
    const { base } = this.#context;
    const bytes = new Uint8Array(this.#records.length * CALL.size);
    if (base + BigInt(bytes.length) > CALLS_END) {
      throw new GuestTestError(
        'bad-expectation',
        `there is no room for ${this.#records.length} more calls (programs whose children may live are kept)`,
      );
    }
    const view = new DataView(bytes.buffer);
    this.#records.forEach((record, index) => {
      const at = index * CALL.size;
      if (record === undefined) view.setBigInt64(at + CALL.number, CALL_END, true);
      else this.#encodeCall(view, at, record);
    });
    return { base, bytes, offsets: this.#offsets, makesChildren: this.#children.size > 0 };
  }

  get #judges(): boolean {
    return this.#context.unjudged !== true;
  }

  #address(offset: number): bigint {
    return this.#context.base + BigInt(offset);
  }

  #encodeCall(view: DataView, at: number, one: Call): void {
    const { arguments: args } = one;
    if (args.length > MAXIMUM_ARGUMENTS) {
      throw new GuestTestError('bad-expectation', `${one.name}: no system call has ${args.length} arguments`);
    }
    view.setBigInt64(at + CALL.number, BigInt(this.#context.numberOf(one.name)), true);
    view.setBigInt64(at + CALL.argumentCount, BigInt(args.length), true);
    args.forEach((argument, index) => {
      const { kind, value } = this.#encodeArgument(argument, one, index);
      view.setUint8(at + CALL.kinds + index, kind);
      view.setBigInt64(at + CALL.arguments + 8 * index, BigInt.asIntN(64, value), true);
    });
    const child = this.#children.get(one);
    if (child !== undefined) view.setBigInt64(at + CALL.child, this.#address(child), true);
  }

  #encodeArgument(
    argument: Argument,
    of: Call,
    index: number,
  ): { readonly kind: number; readonly value: bigint } {
    const plain = (value: bigint): { kind: number; value: bigint } => ({ kind: ArgumentKind.value, value });
    if (argument === null) return plain(0n);
    const wrong = (why: string): GuestTestError =>
      new GuestTestError('bad-expectation', `${of.name}: argument ${index + 1} ${why}`);
    if (typeof argument === 'boolean') return plain(BigInt(argument));
    if (typeof argument === 'bigint' || Number.isInteger(argument)) {
      const value = BigInt(argument as bigint | number);
      if (this.#judges && !fitsWord(value)) throw wrong(`(${shown(argument)}) has more than 64 bits`);
      return plain(value);
    }
    if (typeof argument === 'string') {
      if (this.#judges && argument.includes('\0'))
        throw wrong('has a NUL in it, where text ends: give bytes');
      return plain(this.#context.place(new TextEncoder().encode(`${argument}\0`)));
    }
    if (argument instanceof Uint8Array) return plain(this.#context.place(argument));
    if (argument instanceof Call) {
      const offset = this.#offsets.get(argument);
      if (offset === undefined) {
        throw new GuestTestError(
          'bad-expectation',
          `an argument is the result of a call (${argument.name}) outside the program`,
        );
      }
      const isOfThisList = this.#lists.get(argument) === this.#lists.get(of);
      if (this.#judges && isOfThisList && offset >= (this.#offsets.get(of) ?? 0)) {
        throw wrong(`is the result of a call (${argument.name}) that is made only later`);
      }
      return { kind: ArgumentKind.long, value: this.#address(offset + CALL.value) };
    }
    if (typeof argument === 'object' && typeof argument.address === 'bigint') {
      if (this.#judges && !fitsWord(argument.address))
        throw wrong(`(${shown(argument.address)}) has more than 64 bits`);
      return { kind: 'load' in argument ? ArgumentKind.int : ArgumentKind.value, value: argument.address };
    }
    throw wrong(`is ${shown(argument)}, which no system call takes`);
  }
}

/** Throws GuestTestError 'bad-expectation' for what is no list of calls. */
function requireCalls(calls: unknown): void {
  const wrong = Array.isArray(calls) ? calls.findIndex((one) => !(one instanceof Call)) : 0;
  if (Array.isArray(calls) && wrong < 0) {
    for (const { child } of calls as readonly Call[]) if (child !== undefined) requireCalls(child);
    return;
  }
  const what = Array.isArray(calls) ? calls[wrong] : calls;
  throw new GuestTestError(
    'bad-expectation',
    `a program is a list of calls, such as call('getpid'); ${shown(what)} is none`,
  );
}

/** A child ends by itself: a thread alone, a process as a whole. */
function withEnd(child: readonly Call[], parent: Call): readonly Call[] {
  const thread = parent.name === '__tfork' || parent.name === 8;
  return [...child, thread ? new Call('__threxit', [null]) : new Call('exit', [0])];
}
