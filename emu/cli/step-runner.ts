import type { Machine, MachineStop } from '../machine/index.ts';

/** Steps between two looks at the keyboard. */
const CHUNK = 2_000_000;
const NS_PER_MS = 1_000_000;
const NS_PER_S = 1e9;
/** The longest a sleeping guest is left alone before the keyboard is looked at again, in ms. */
const LONGEST_SLEEP = 100;
/**
 * So much idle guest time (ns) without console output means that the guest waits for input: its clock alone wakes it. Shorter
 * waits may be a program that sleeps.
 */
const LONGEST_IDLE = 60 * NS_PER_S;

/** Runs the machine in pieces, so that a person can interrupt it. */
export class StepRunner {
  readonly #machine: Machine;
  readonly #terminal: boolean;
  #interrupted = false;
  #idleTime = 0;
  #wake: (() => void) | undefined;

  /** On a terminal, idle guest time passes with the host's clock and without an end; elsewhere it is skipped. */
  constructor(machine: Machine, terminal: boolean) {
    this.#machine = machine;
    this.#terminal = terminal;
    machine.console.onOutput(() => {
      this.#idleTime = 0;
    });
  }

  /** Forgets earlier interrupts: a new command begins. */
  begin(): void {
    this.#interrupted = false;
  }

  /** Ends the command in progress. */
  interrupt(): void {
    this.#interrupted = true;
    this.#wake?.();
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** Lets the host look at the keyboard. */
  breathe(): Promise<void> {
    return new Promise((resume) => setImmediate(resume));
  }

  /** Runs so many steps, or without a limit. `onPiece` is called after each piece. */
  async run(budget: number | undefined, onPiece: () => void): Promise<MachineStop> {
    const machine = this.#machine;
    const begin = machine.position;
    this.#idleTime = 0;
    for (;;) {
      const left = budget === undefined ? CHUNK : Math.min(CHUNK, begin + budget - machine.position);
      const stop = machine.run({ budget: left, pauseWhenIdle: true });
      onPiece();
      // The breakpoint of the instruction itself has now been reported, and is passed.
      if (stop.reason === 'breakpoint' && stop.position === begin) continue;
      if (stop.reason === 'idle') {
        if (stop.deadline === undefined || !(await this.#passIdleTime(stop.deadline))) return stop;
      } else if (stop.reason !== 'budget') return stop;
      else if (budget !== undefined && machine.position - begin >= budget) return stop;
      await this.breathe();
      if (this.#interrupted)
        return { reason: 'requested', position: machine.position, time: machine.guestTime };
    }
  }

  /** Lets idle time pass up to a deadline, or a part of it; false when the guest has been idle for too long. */
  async #passIdleTime(deadline: number): Promise<boolean> {
    const machine = this.#machine;
    const gap = deadline - machine.guestTime;
    if (!this.#terminal) {
      this.#idleTime += machine.skipIdle(gap);
      return this.#idleTime < LONGEST_IDLE;
    }
    const before = performance.now();
    await this.#sleep(Math.min(LONGEST_SLEEP, Math.ceil(gap / NS_PER_MS)));
    machine.skipIdle(Math.max(NS_PER_MS, Math.round((performance.now() - before) * NS_PER_MS)));
    return true;
  }

  /** Resolves after a time (ms), or with an interrupt. */
  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resume) => {
      const timer = setTimeout(() => this.#wake?.(), milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resume();
      };
    });
  }
}
