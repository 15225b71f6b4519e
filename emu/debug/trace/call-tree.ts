import type { ThreadIdentity } from '../../kernel/index.ts';
import { exceptionName } from './exception-names.ts';
import type { TracedFunction } from './functions.ts';
import type { TraceCall, TraceLeave, TraceMoment, TraceValue, TraceVisitor } from './items.ts';
import { entriesOf, type LogEntry } from './log-entry.ts';
import type { Piece } from './recording.ts';
import type { Signatures } from './signatures.ts';
import { type OpenCall, ThreadCalls } from './thread-calls.ts';

export interface CallTreeOptions {
  readonly visitor: TraceVisitor;
  /** As the recording has numbered them. */
  readonly functions: readonly TracedFunction[];
  readonly signatures: Signatures;
  /** The name of a system call by its number. */
  readonly systemCallName: (number: number) => string;
  /** Functions that are shown, by their numbers. */
  readonly isShown: (functionNumber: number) => boolean;
  /** System calls are shown that no shown function ran in. */
  readonly allSystemCalls: boolean;
  /** The kernel's stacks lie in the lower half, as all of it does. */
  readonly lowStacks?: boolean | undefined;
  /** Calls that are in so many others, or more, are not shown. */
  readonly depth?: number | undefined;
}

/** A struct proc and who it is. */
interface ThreadPlace {
  readonly address: bigint;
  readonly identity: ThreadIdentity | undefined;
}

/** The function whose return is another thread's. */
export const SWITCH_FUNCTION = 'cpu_switchto';
/** Vectors below are exceptions. */
const FIRST_INTERRUPT = 32;
const USER_PRIVILEGE = 3;
const NO_FUNCTION = -1;

/**
 * Puts the entries of the call log together, each return to its call. A RET belongs to the call that was entered with the same stack
 * pointer, on the thread that runs; calls further down the same stack that did not return were abandoned, or went on in another function
 * (a jump at the end of one). What a delivery or a system call has begun ends with the IRET or SYSRET from it.
 */
export class CallTree {
  readonly #options: CallTreeOptions;
  readonly #threads = new Map<string, ThreadCalls>();
  readonly #switchFunction: number;
  #current: ThreadCalls;
  /** Who goes on when the switch returns. */
  #next: ThreadPlace | undefined;
  #calls = 0;
  #moment: TraceMoment = { position: 0, time: 0 };

  constructor(options: CallTreeOptions) {
    this.#options = options;
    this.#switchFunction = options.functions.findIndex(({ name }) => name === SWITCH_FUNCTION);
    this.#current = new ThreadCalls({ number: 0, identity: undefined });
  }

  /** Takes a piece of the recording, in order. */
  take(piece: Piece): void {
    const { visitor } = this.#options;
    switch (piece.kind) {
      case 'begin':
        this.#current = this.#threadOf(piece.address, piece.identity);
        this.#current.goesOn(piece);
        break;
      case 'name':
        for (const calls of this.#threads.values()) {
          if (calls.thread.identity?.tid !== piece.identity.tid) continue;
          calls.thread.identity = piece.identity;
          calls.hasNewProgram = true;
        }
        break;
      case 'event':
        this.#moment = { position: piece.event.position, time: piece.event.guestTime };
        visitor.event(piece.event, this.#current.thread);
        break;
      case 'switch':
        this.#moment = piece;
        this.#next = { address: piece.address, identity: piece.next };
        if (this.#current.thread.identity === undefined) this.#name(piece.from, piece.previous);
        visitor.counters(piece, piece.counters);
        break;
      case 'log':
        this.#log(piece);
    }
  }

  /** The recording is over: what is still open is left. */
  end(moment: TraceMoment): void {
    for (const thread of this.#threads.values()) {
      this.#moment = thread === this.#current ? moment : thread.last;
      while (thread.top !== undefined) this.#leave(thread, 'open');
    }
    const threads = [...new Set(this.#threads.values())].map(({ thread }) => thread);
    this.#options.visitor.end(moment, threads);
  }

  #log({ words, positionOffset, timeOffset, texts }: Extract<Piece, { kind: 'log' }>): void {
    for (const [at, entry] of entriesOf(words)) {
      const position = entry.position + positionOffset;
      this.#moment = { position, time: position + timeOffset };
      this.#entry(entry, texts.get(at));
    }
  }

  #entry(entry: LogEntry, texts: readonly (string | undefined)[] | undefined): void {
    const { signatures, functions, systemCallName } = this.#options;
    switch (entry.kind) {
      case 'call': {
        const { name = '?' } = functions[entry.function] ?? {};
        this.#call(entry, entry.function, name, () =>
          signatures.arguments(signatures.ofFunction(name), entry.arguments, texts),
        );
        break;
      }
      case 'return':
        this.#returned(entry);
        break;
      case 'delivery': {
        const isException = entry.vector < FIRST_INTERRUPT;
        this.#abandonBelow(entry.stackPointer);
        this.#open({
          kind: isException ? 'exception' : 'interrupt',
          name: isException ? exceptionName(entry.vector) : `interrupt ${entry.vector}`,
          stackPointer: entry.stackPointer,
        });
        break;
      }
      case 'systemCall': {
        const { number } = entry;
        this.#abandonBelow(Number.POSITIVE_INFINITY);
        this.#open({
          kind: 'systemCall',
          name: systemCallName(number),
          stackPointer: Number.POSITIVE_INFINITY,
          arguments: () => signatures.arguments(signatures.ofSystemCall(number), entry.arguments, texts),
        });
        if (this.#options.allSystemCalls) this.#show(this.#current);
        break;
      }
      case 'leave':
        this.#left(entry);
    }
  }

  #call(
    { stackPointer, isKernelStack }: LogEntry,
    functionNumber: number,
    name: string,
    values: () => readonly TraceValue[],
  ): void {
    const isUser = this.#isUser(functionNumber);
    const hasStack = isKernelStack || isUser || this.#options.lowStacks === true;
    const pointer = hasStack ? stackPointer : Number.POSITIVE_INFINITY;
    if (isUser) this.#leaveKernel();
    if (hasStack) this.#abandonBelow(pointer, isUser);
    const { top } = this.#current;
    // An instruction that faulted is executed, and logged, once more.
    if (top?.function === functionNumber && top.stackPointer === pointer) return;
    this.#open({
      kind: 'function',
      name,
      function: functionNumber,
      isUser,
      stackPointer: pointer,
      arguments: values,
    });
    if (this.#options.isShown(functionNumber)) this.#show(this.#current);
  }

  #isUser(functionNumber: number): boolean {
    return this.#options.functions[functionNumber]?.program !== undefined;
  }

  /** User code runs: whatever was open in the kernel is over. */
  #leaveKernel(): void {
    this.#abandonBelow(Number.POSITIVE_INFINITY, false);
  }

  #returned(entry: Extract<LogEntry, { kind: 'return' }>): void {
    if (entry.function === this.#switchFunction && this.#next !== undefined) this.#switch(this.#next);
    const current = this.#current;
    const isUser = this.#isUser(entry.function);
    if (isUser) this.#leaveKernel();
    for (
      let { top } = current;
      top?.isUser === isUser && top.stackPointer <= entry.stackPointer;
      { top } = current
    ) {
      const isOwn = top.stackPointer === entry.stackPointer;
      this.#leave(
        current,
        isOwn ? 'returned' : 'abandoned',
        isOwn ? () => this.#result(entry, top) : undefined,
      );
    }
  }

  #result({ result }: { readonly result: bigint }, call: OpenCall | undefined): TraceValue | undefined {
    const { signatures } = this.#options;
    return call?.kind === 'function'
      ? signatures.result(signatures.ofFunction(call.name), result)
      : undefined;
  }

  /** IRET or SYSRET: to user mode, all is over; else what lies up to the frame that was popped. */
  #left({ privilege, stackPointer, carry, result }: Extract<LogEntry, { kind: 'leave' }>): void {
    const current = this.#current;
    const limit = privilege === USER_PRIVILEGE ? Number.POSITIVE_INFINITY : stackPointer;
    for (let { top } = current; top?.isUser === false && top.stackPointer <= limit; { top } = current) {
      const { kind } = top;
      this.#leave(
        current,
        'returned',
        kind === 'systemCall' ? () => this.#options.signatures.systemResult(result, carry) : undefined,
      );
    }
    if (privilege !== USER_PRIVILEGE || !current.hasNewProgram) return;
    current.hasNewProgram = false;
    while (current.top !== undefined) this.#leave(current, 'abandoned');
  }

  /** Calls of the kernel or of the user's program, down to a stack pointer, as long as they are the innermost. */
  #abandonBelow(stackPointer: number, isUser = false): void {
    const current = this.#current;
    for (
      let { top } = current;
      top?.isUser === isUser && top.stackPointer < stackPointer;
      { top } = current
    ) {
      this.#leave(current, 'abandoned');
    }
  }

  #switch({ address, identity }: ThreadPlace): void {
    this.#next = undefined;
    const from = this.#current;
    from.stops(this.#moment);
    this.#current = this.#threadOf(address, identity);
    this.#current.goesOn(this.#moment);
    if (this.#current !== from)
      this.#options.visitor.switched(this.#moment, from.thread, this.#current.thread);
  }

  /** What has run since power-on turns out to have been a thread. */
  #name(address: bigint, identity: ThreadIdentity | undefined): void {
    if (address === 0n || identity === undefined) return;
    this.#current.thread.identity = identity;
    this.#threads.set(keyOf(address, identity), this.#current);
  }

  #threadOf(address: bigint, identity: ThreadIdentity | undefined): ThreadCalls {
    const key = keyOf(address, identity);
    let known = this.#threads.get(key);
    if (known === undefined) {
      known = new ThreadCalls({ number: this.#threads.size + 1, identity });
      this.#threads.set(key, known);
    } else if (identity !== undefined) known.thread.identity = identity;
    return known;
  }

  #open(call: Pick<OpenCall, 'kind' | 'name' | 'stackPointer'> & Partial<OpenCall>): void {
    const { position, time } = this.#moment;
    this.#current.open.push({
      function: NO_FUNCTION,
      isUser: false,
      arguments: () => [],
      call: undefined,
      ...call,
      position,
      time,
      ran: this.#current.ran(position),
    });
  }

  /** Shows the innermost call, and the deliveries and system calls it is in. */
  #show({ open, thread }: ThreadCalls): void {
    const { visitor, depth = Number.POSITIVE_INFINITY } = this.#options;
    let parent: TraceCall | undefined;
    for (const [index, one] of open.entries()) {
      const isLast = index === open.length - 1;
      if (one.call === undefined && (isLast || one.kind !== 'function')) {
        const level = parent === undefined ? 0 : parent.depth + 1;
        if (level >= depth) return;
        const { kind, name, position, time } = one;
        const values = one.arguments();
        one.call = {
          id: ++this.#calls,
          kind,
          name,
          thread,
          parent,
          depth: level,
          position,
          time,
          arguments: values,
        };
        visitor.enter(one.call);
      }
      parent = one.call ?? parent;
    }
  }

  #leave(from: ThreadCalls, how: TraceLeave['how'], result?: () => TraceValue | undefined): void {
    const left = from.open.pop();
    if (left?.call === undefined) return;
    const { position, time } = this.#moment;
    const steps = from.ran(position) - left.ran;
    this.#options.visitor.leave(left.call, { position, time, steps, how, result: result?.() });
  }
}

const keyOf = (address: bigint, identity: ThreadIdentity | undefined): string =>
  `${address} ${identity?.tid}`;
