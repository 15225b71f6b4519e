import type { Machine } from '../../emu/index.ts';
import type { GuestCase } from './guest-case.ts';
import { PROMPT } from './guest-case.ts';

/** Steps: many times what a case needs. */
const BUDGET = 2_000_000_000;

/** A person at the console of a machine: types, and watches until enough is shown. */
export class Typist {
  readonly #machine: Machine;
  #shown = '';
  #enough: (shown: string) => boolean = () => false;

  constructor(machine: Machine) {
    this.#machine = machine;
    machine.console.onOutput((bytes) => {
      this.#shown += String.fromCharCode(...bytes).replaceAll('\r', '');
      if (this.#enough(this.#shown)) machine.core.requestStop();
    });
  }

  /** Types `text` and gives what is shown until `enough` holds. Throws when it never does. */
  type(text: string, enough: (shown: string) => boolean): string {
    this.#shown = '';
    this.#enough = enough;
    if (text !== '') this.#machine.console.write(text);
    const stop = this.#machine.run({ budget: BUDGET });
    if (stop.reason !== 'requested') throw new Error(`${stop.reason} after: ${this.#shown.slice(-500)}`);
    return this.#shown;
  }

  /** Plays a case from prompt to prompt and gives its transcript. */
  play(one: GuestCase): string {
    return one.script
      .map((step) =>
        typeof step === 'string'
          ? this.type(`${step}\n`, (shown) => shown.includes('\n') && PROMPT.test(shown))
          : this.type(step.send, (shown) => shown.endsWith(step.until)),
      )
      .join('');
  }
}
