import type { TraceCall, TraceCallKind, TraceMoment, TraceThread, TraceValue } from './items.ts';

/** A call in progress. */
export interface OpenCall {
  readonly kind: TraceCallKind;
  readonly name: string;
  /** Of a function its number, of the others -1. */
  readonly function: number;
  /** It is a user program's function, which lies on the user's stack. */
  readonly isUser: boolean;
  /** Where its return address, or the frame of its delivery, lies; Infinity for what was entered from user mode on the user's stack. */
  readonly stackPointer: number;
  readonly position: number;
  readonly time: number;
  /** Steps the thread had taken. */
  readonly ran: number;
  arguments: () => readonly TraceValue[];
  /** Set once the call has been shown. */
  call: TraceCall | undefined;
}

/** A thread and the calls it is in, the innermost last. */
export class ThreadCalls {
  readonly thread: TraceThread;
  readonly open: OpenCall[] = [];
  /** It executes another program now: what it was in of the old one will not return. */
  hasNewProgram = false;
  /** Steps that it has taken up to `since`. */
  #ran = 0;
  #since: number | undefined;
  #last: TraceMoment = { position: 0, time: 0 };

  constructor(thread: TraceThread) {
    this.thread = thread;
  }

  get top(): OpenCall | undefined {
    return this.open.at(-1);
  }

  /** When it last left the processor. */
  get last(): TraceMoment {
    return this.#last;
  }

  goesOn({ position }: TraceMoment): void {
    this.#since = position;
  }

  stops(moment: TraceMoment): void {
    this.#ran = this.ran(moment.position);
    this.#since = undefined;
    this.#last = moment;
  }

  /** Steps that it has taken, at a position. */
  ran(position: number): number {
    return this.#ran + (this.#since === undefined ? 0 : position - this.#since);
  }
}
