import { NEVER } from './clock.ts';
import { MachineError } from './errors.ts';
import type { RunOptions, StopCause } from './machine-stop.ts';

/** The limits of one run, counted from where it begins. Throws MachineError 'badArgument'. */
export class RunLimit {
  readonly pauseWhenIdle: boolean;
  /** Guest time in ns, or `NEVER`. */
  readonly time: number;
  readonly #budgetEnd: number;
  readonly #position: number;

  constructor(options: RunOptions, position: number) {
    for (const [name, value] of [
      ['budget', options.budget],
      ['untilPosition', options.untilPosition],
      ['untilTime', options.untilTime],
    ] as const) {
      if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
        throw new MachineError('badArgument', `${name} is ${value}; it must be a whole number, 0 or more`);
      }
    }
    this.pauseWhenIdle = options.pauseWhenIdle ?? false;
    this.time = options.untilTime ?? NEVER;
    this.#budgetEnd = position + (options.budget ?? NEVER);
    this.#position = options.untilPosition ?? NEVER;
  }

  /** The limit that is reached, if one is. */
  reached(position: number, time: number): StopCause | undefined {
    if (position >= this.#position) return { reason: 'position' };
    if (position >= this.#budgetEnd) return { reason: 'budget' };
    return time >= this.time ? { reason: 'time' } : undefined;
  }

  /** How many steps may be taken before a limit is reached. */
  stepsLeft(position: number, time: number): number {
    return Math.min(this.#budgetEnd - position, this.#position - position, this.time - time);
  }
}
