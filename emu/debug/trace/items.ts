import type { KernelEvent, ThreadIdentity } from '../../kernel/index.ts';

/** A moment of a trace. */
export interface TraceMoment {
  /** Steps since power-on. */
  readonly position: number;
  /** Guest ns. */
  readonly time: number;
}

/** A thread of the guest as a trace knows it. */
export interface TraceThread {
  /** Its number in this trace, from 1 on: a guest's own numbers are given to others again. */
  readonly number: number;
  /** Who it is now; undefined before there are threads. An execve(2) changes the name. */
  identity: ThreadIdentity | undefined;
}

/** An argument or a result: its value as a number of 64 bits, and as the guest's types show it. */
export interface TraceValue {
  readonly name: string;
  readonly value: bigint;
  readonly text: string;
}

export type TraceCallKind = 'function' | 'systemCall' | 'interrupt' | 'exception';

/** Something that was entered, and will probably be left. */
export interface TraceCall extends TraceMoment {
  /** Its number in this trace, from 1 on. */
  readonly id: number;
  readonly kind: TraceCallKind;
  readonly name: string;
  readonly thread: TraceThread;
  /** The call it is in; undefined for the outermost. */
  readonly parent: TraceCall | undefined;
  /** How many calls of the trace it is in. */
  readonly depth: number;
  readonly arguments: readonly TraceValue[];
}

/** How a call ended. */
export interface TraceLeave extends TraceMoment {
  readonly result: TraceValue | undefined;
  /** Steps that the thread itself took meanwhile; what other threads did is not among them. */
  readonly steps: number;
  /** 'returned'; 'abandoned': its stack was given up; 'open': the trace ended first, or the thread never ran again. */
  readonly how: 'returned' | 'abandoned' | 'open';
}

/** What a trace consists of, in the order of the guest's time. */
export interface TraceVisitor {
  enter(call: TraceCall): void;
  leave(call: TraceCall, leave: TraceLeave): void;
  /** Another thread goes on; undefined for the first. */
  switched(moment: TraceMoment, from: TraceThread | undefined, to: TraceThread): void;
  event(event: KernelEvent, thread: TraceThread): void;
  counters(moment: TraceMoment, values: Readonly<Record<string, number>>): void;
  /** Nothing more will come. */
  end(moment: TraceMoment, threads: readonly TraceThread[]): void;
}

/** `ksh (74130)`; `boot` for what runs before there are threads. */
export function threadName({ identity }: TraceThread): string {
  return identity === undefined ? 'boot' : `${identity.comm} (${identity.pid})`;
}
