import type { InputEntry, Machine } from '../../machine/index.ts';

/**
 * Whether the guest still goes the way it has gone before. In the past, recorded input comes in again; a debugger's write, or a key,
 * is the beginning of another course, and what was known of the moments after it no longer holds.
 */
export class Course {
  readonly #machine: Machine;
  readonly #listeners = new Set<(position: number) => void>();
  #last: InputEntry | undefined;
  #frontier: number;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#last = machine.input.entries.at(-1);
    this.#frontier = machine.position;
  }

  /** Calls `listener` with the position from which on another course is taken. */
  onChange(listener: (position: number) => void): void {
    this.#listeners.add(listener);
  }

  /** Lets a debugger write: recorded input that has not come in again is dropped. */
  change(write: () => void): void {
    const { input } = this.#machine;
    if (input.replaying) input.dropRest();
    write();
    this.look();
  }

  /** Looks whether input has come in that was not there before. To be called after each run. */
  look(): void {
    const { input, position } = this.#machine;
    const last = input.entries.at(-1);
    if (last !== this.#last) {
      this.#last = last;
      if (last !== undefined && last.position < this.#frontier) {
        this.#frontier = last.position;
        for (const listener of this.#listeners) listener(last.position);
      }
    }
    this.#frontier = Math.max(this.#frontier, position);
  }
}
