import * as entry from './interpreter/call-entry.ts';
import * as layout from './layout.ts';
import type { State } from './state.ts';
import { CF, readArithmeticFlags } from './system/flags.ts';
import { currentPrivilege } from './system/mode.ts';
import { Status } from './system/status.ts';

/** What the host is told of the call log. It may look at the guest, and must change nothing in it. */
export interface CallLogListener {
  /** All entries since the last time (see `interpreter/call-entry.ts`), as 32-bit words; they are valid during the call. */
  entries(words: Uint32Array): void;
  /** The entry that begins at a word of the next `entries` is of now: the guest stands where it tells of. */
  now(words: Uint32Array, at: number): void;
}

/** Room that an entry finds when the log was not full after the one before. */
const LIMIT = layout.CALL_LOG_END - entry.LARGEST_ENTRY;
const RSP = layout.GPR + 4 * 8;
const HIGH_WORD = 2 ** 32;

/**
 * The log of calls: generated code appends to it where the code cache has put it in the way, and system instructions and deliveries do so
 * here. It is no part of the processor's state, and what it holds the guest cannot see.
 */
export class CallLog {
  readonly #state: State;
  readonly #position: () => number;
  #listener: CallLogListener | undefined;

  constructor(state: State, position: () => number) {
    this.#state = state;
    this.#position = position;
  }

  get active(): boolean {
    return this.#listener !== undefined;
  }

  /** Begins an empty log, or ends the one that there is; what has not been read is dropped. */
  listen(listener: CallLogListener | undefined): void {
    this.#listener = listener;
    this.#state.set32(layout.CALL_LOG_NEXT, layout.CALL_LOG);
    this.#state.set32(layout.CALL_LOG_LIMIT, LIMIT);
  }

  /** A slice begins that may go on to a position. */
  beginSlice(end: number): void {
    this.#state.setPair(layout.CALL_LOG_SLICE_END, end >>> 0, Math.floor(end / HIGH_WORD));
  }

  /** Generated code has made an entry that fills the log, or that the host wants to look at. */
  logged(): void {
    // Returns never ask for it, so the entry is a call's, or nobody looks at it.
    this.#now(entry.entrySize(entry.CALL_REGISTERS));
    if (this.#next >= LIMIT) this.read();
  }

  /** An exception or interrupt has been delivered. */
  delivered(vector: number, isInterrupt: boolean): void {
    // Idle time may have passed: what was logged before it is read before it counts.
    if (isInterrupt) this.read();
    this.#append(entry.CallEntry.Delivery, vector, this.#position(), this.#stackPointer, []);
  }

  /** Logs a system instruction if it succeeds. */
  transfer(name: 'syscall' | 'sysret' | 'iret', execute: () => number): number {
    const position = this.#position();
    const stackPointer = this.#stackPointer;
    const status = execute();
    if (status !== Status.Lookup) return status;
    if (name === 'syscall') {
      this.#append(entry.CallEntry.SystemCall, 0, position, stackPointer, entry.SYSTEM_CALL_REGISTERS);
      this.#now(entry.entrySize(entry.SYSTEM_CALL_REGISTERS));
    } else {
      const state = this.#state;
      const carry = (readArithmeticFlags(state) & CF) === 0 ? 0 : entry.DETAIL_CARRY;
      const kind = name === 'iret' ? entry.CallEntry.InterruptReturn : entry.CallEntry.SystemReturn;
      this.#append(kind, currentPrivilege(state) | carry, position, stackPointer, entry.RESULT_REGISTERS);
    }
    return status;
  }

  /** Hands all entries to the listener. */
  read(): void {
    const words = this.#words;
    this.#state.set32(layout.CALL_LOG_NEXT, layout.CALL_LOG);
    this.#listener?.entries(words);
  }

  get #next(): number {
    return this.#state.get32(layout.CALL_LOG_NEXT);
  }

  get #words(): Uint32Array {
    return this.#state.u32.subarray(layout.CALL_LOG >>> 2, this.#next >>> 2);
  }

  get #stackPointer(): bigint {
    return this.#state.get64(RSP);
  }

  /** Tells of the last entry, by its size in bytes. */
  #now(size: number): void {
    const words = this.#words;
    this.#listener?.now(words, words.length - (size >>> 2));
  }

  #append(
    kind: number,
    detail: number,
    position: number,
    stackPointer: bigint,
    registers: readonly number[],
  ): void {
    const state = this.#state;
    const at = this.#next;
    state.set32(at + entry.KIND, kind);
    state.set32(at + entry.DETAIL, detail);
    state.setPair(at + entry.POSITION, position >>> 0, Math.floor(position / HIGH_WORD));
    state.set64(at + entry.STACK_POINTER, stackPointer);
    for (const [index, slot] of registers.entries()) {
      state.set64(at + entry.REGISTERS + 8 * index, state.get64(slot));
    }
    state.set32(layout.CALL_LOG_NEXT, at + entry.entrySize(registers));
    if (this.#next >= LIMIT) this.read();
  }
}
