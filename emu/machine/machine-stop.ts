import type { WatchHit } from '../cpu/index.ts';
import type { Ending } from './ending.ts';

/** Why `run` returned. */
export type StopCause =
  | Ending
  /** The processor waits for an interrupt. */
  | {
      readonly reason: 'idle';
      /** Guest time of the deadline that would go on with the run; undefined when nothing will without input. */
      readonly deadline: number | undefined;
    }
  /** The step budget is used up. */
  | { readonly reason: 'budget' }
  /** The position asked for is reached. */
  | { readonly reason: 'position' }
  /** The guest time asked for is reached. */
  | { readonly reason: 'time' }
  /** The next instruction has a breakpoint. */
  | { readonly reason: 'breakpoint' }
  /** The step just taken accessed watched memory. */
  | { readonly reason: 'watchpoint'; readonly hits: readonly WatchHit[] }
  /** The awaited text has been printed completely by the step just taken. */
  | { readonly reason: 'consoleText' }
  /** The script has been typed completely and the guest waits for more. */
  | { readonly reason: 'inputEnd' }
  /** Someone called `requestStop`. */
  | { readonly reason: 'requested' };

/** Why and when a run stopped. */
export type MachineStop = StopCause & {
  /** Steps since power-on. */
  readonly position: number;
  /** Guest time in ns. */
  readonly time: number;
};

/** How far to run. All limits hold together; the first one reached ends the run. */
export interface RunOptions {
  /** At most this many steps. */
  readonly budget?: number | undefined;
  /** Up to this position. */
  readonly untilPosition?: number | undefined;
  /** Up to this guest time (ns), idle time included. */
  readonly untilTime?: number | undefined;
  /** Until the console has printed this text; what was printed before the run may be its beginning. */
  readonly untilText?: string | undefined;
  /** Returns 'idle' instead of skipping idle time, so that the host can pace it. */
  readonly pauseWhenIdle?: boolean | undefined;
}
