/** When a campaign is over: so many programs, or so much time from its beginning on; the boot of its guest is before that. */
export class Limits {
  readonly #cases: number;
  readonly #deadline: number;
  readonly #now: () => number;

  /** The time runs from now on. `time`: ms; `now`: a clock in ms. */
  constructor({ cases, time }: { readonly cases: number; readonly time: number }, now = Date.now) {
    this.#cases = cases;
    this.#now = now;
    this.#deadline = now() + time;
  }

  /** Whether a campaign is over that has run so many programs. */
  reached(executions: number): boolean {
    return executions >= this.#cases || this.#now() >= this.#deadline;
  }
}
