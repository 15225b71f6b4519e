import type { EventName, KernelEvent } from '../../kernel/index.ts';
import type { Expression } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import type { CodeLocation } from './location.ts';

/** A condition of a stop point, parsed once. */
export interface Condition {
  readonly text: string;
  readonly syntax: Expression;
}

interface Common {
  readonly number: number;
  /** It goes with its first stop. */
  readonly isTemporary: boolean;
  isEnabled: boolean;
  condition: Condition | undefined;
  /** So many arrivals are passed over. */
  ignore: number;
  hits: number;
  /** Commands for each stop; a first line `silent` keeps the stop from being told. */
  commands: readonly string[];
  /** What these print, when they do nothing else than that and go on. */
  continues: PrintPlan | undefined;
}

export interface Breakpoint extends Common {
  readonly kind: 'breakpoint';
  /** What was typed. */
  readonly location: string;
  readonly places: readonly CodeLocation[];
  /** What a dprintf prints instead of stopping. */
  readonly print: PrintPlan | undefined;
}

/** A message with values in it. */
export interface PrintPlan {
  readonly format: string;
  readonly expressions: readonly { readonly text: string; readonly syntax: Expression }[];
}

export type WatchKind = 'write' | 'read' | 'access';

export interface Watchpoint extends Common {
  readonly kind: 'watchpoint';
  readonly access: WatchKind;
  readonly expression: string;
  readonly address: bigint;
  readonly size: number;
  /** The address space (CR3) it is in; undefined for the kernel's half, which all share. */
  readonly space: bigint | undefined;
}

/** What a catchpoint waits for: `syscall`, `fork`, `exec`, `exit`, `signal` and so on are each one or two events of the kernel. */
export interface Catchpoint extends Common {
  readonly kind: 'catchpoint';
  /** As it was typed: `syscall fork`. */
  readonly what: string;
  readonly events: readonly EventName[];
  readonly matches: (event: KernelEvent) => boolean;
}

export type StopPoint = Breakpoint | Watchpoint | Catchpoint;

/** Omit does not distribute over a union by itself. */
type New<T> = T extends StopPoint
  ? Omit<T, 'number' | 'isEnabled' | 'hits' | 'ignore' | 'commands' | 'continues'>
  : never;

/** The numbered stop points of a session. */
export class StopPoints {
  readonly #all = new Map<number, StopPoint>();
  #last = 0;

  add<T extends StopPoint>(point: New<T>): T {
    const number = ++this.#last;
    const added = {
      ...point,
      number,
      isEnabled: true,
      hits: 0,
      ignore: 0,
      commands: [],
      continues: undefined,
    } as unknown as T;
    this.#all.set(number, added);
    return added;
  }

  /** All, by number. */
  get all(): readonly StopPoint[] {
    return [...this.#all.values()];
  }

  get last(): StopPoint | undefined {
    return this.#all.get(this.#last);
  }

  /** Throws DebugError 'not-found'. */
  get(number: number): StopPoint {
    const point = this.#all.get(number);
    if (point === undefined) throw new DebugError('not-found', `there is no breakpoint number ${number}`);
    return point;
  }

  remove(number: number): void {
    this.get(number);
    this.#all.delete(number);
  }

  clear(): void {
    this.#all.clear();
  }
}
