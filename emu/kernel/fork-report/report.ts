import type { ThreadIdentity } from '../kernel.ts';

export const FORK_REPORT_SCHEMA = 'puffer-fork-report';
export const FORK_REPORT_VERSION = 1;

/** Numbers and ids are numbers, addresses and registers bigint, names text; undefined when it could not be read. */
export type FactValue = bigint | number | string | undefined;

/** One thing that was seen. */
export interface Fact {
  readonly label?: string;
  /** What it is; or what it became, when `from` is there. */
  readonly value?: FactValue;
  /** What it was before. */
  readonly from?: FactValue;
  readonly note?: string;
  /** Belongs on a line of its own, as a row of a table. */
  readonly row?: true;
}

/** Whose step it is. */
export type ForkRole = 'parent' | 'child' | 'other';

/** One line of the report, with what was seen there. */
export interface ForkStep {
  /** 'enter' a function, 'leave' it, or something else that happened. */
  readonly kind: 'enter' | 'leave' | 'user';
  /** The function, or what user mode did. */
  readonly name: string;
  /** Path as given to the compiler. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** Steps since power-on. */
  readonly position: number;
  readonly role: ForkRole;
  /** How many reported functions the thread is in. */
  readonly depth: number;
  readonly facts: readonly Fact[];
  /** What could not be read, in sentences. */
  readonly missing: readonly string[];
}

/** How far a fork was seen. */
export type ForkOutcome =
  /** The parent has waited for the child. */
  | 'waited'
  /** The call failed; there is no child. */
  | 'failed'
  /** The recording ended before the child was waited for. */
  | 'unfinished';

/** The birth of one process, in the order things happened. Plain data: `toJson` writes it. */
export interface ForkReport {
  readonly schema: typeof FORK_REPORT_SCHEMA;
  readonly version: typeof FORK_REPORT_VERSION;
  readonly outcome: ForkOutcome;
  /** The call in user mode, or 'fork1' for a process that the kernel makes by itself. */
  readonly call: string;
  readonly parent: ThreadIdentity | undefined;
  /** The child's first thread; undefined when it was never handed to the scheduler, as an idle thread is not. */
  readonly child: ThreadIdentity | undefined;
  /** undefined when there is no new process. */
  readonly childPid: number | undefined;
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly steps: readonly ForkStep[];
  /** What the report should have and does not, in sentences. */
  readonly missing: readonly string[];
}
