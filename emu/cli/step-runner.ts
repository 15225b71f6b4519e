import type { Machine, MachineStop } from '../machine/index.ts';
import { IdleTime } from './idle-time.ts';

/** Steps between two looks at the keyboard. */
const CHUNK = 2_000_000;

/** Runs the machine in pieces, so that a person can interrupt it. */
export class StepRunner {
  readonly #machine: Machine;
  readonly #idle: IdleTime;
  #interrupted = false;

  /** On a terminal, idle guest time passes with the host's clock and without an end; elsewhere it is skipped. */
  constructor(machine: Machine, terminal: boolean) {
    this.#machine = machine;
    this.#idle = new IdleTime(machine, terminal);
  }

  /** Forgets earlier interrupts: a new command begins. */
  begin(): void {
    this.#interrupted = false;
  }

  /** Ends the command in progress. */
  interrupt(): void {
    this.#interrupted = true;
    this.#idle.interrupt();
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
    this.#idle.begin();
    for (;;) {
      const left = budget === undefined ? CHUNK : Math.min(CHUNK, begin + budget - machine.position);
      const stop = machine.run({ budget: left, pauseWhenIdle: true });
      onPiece();
      // The breakpoint of the instruction itself has now been reported, and is passed.
      if (stop.reason === 'breakpoint' && stop.position === begin) continue;
      if (stop.reason === 'idle') {
        if (stop.deadline === undefined || !(await this.#idle.pass(stop.deadline))) return stop;
      } else if (stop.reason !== 'budget') return stop;
      else if (budget !== undefined && machine.position - begin >= budget) return stop;
      await this.breathe();
      if (this.#interrupted)
        return { reason: 'requested', position: machine.position, time: machine.guestTime };
    }
  }
}
