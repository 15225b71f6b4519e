import type { Machine } from '../../emu/index.ts';
import type { GuestCase } from './guest-case.ts';
import { COMMAND_PROMPT, PROMPT } from './guest-case.ts';

/** Steps: many times what a case needs. */
const BUDGET = 2_000_000_000;

/** A person at the console of a machine: types, and watches until enough is shown. */
export class Typist {
  readonly #machine: Machine;
  readonly #budget: number;
  readonly #leave: () => void;
  #shown = '';
  #enough: (shown: string) => boolean = () => false;

  /** `budget` is how many steps may pass from something typed until enough is shown. */
  constructor(machine: Machine, budget = BUDGET) {
    this.#machine = machine;
    this.#budget = budget;
    this.#leave = machine.console.onOutput((bytes) => {
      this.#shown += String.fromCharCode(...bytes).replaceAll('\r', '');
      if (this.#enough(this.#shown)) machine.core.requestStop();
    });
  }

  /** Watches no more. */
  leave(): void {
    this.#leave();
  }

  /** Types `text` and gives what is shown until `enough` holds. Throws when it never does. */
  type(text: string, enough: (shown: string) => boolean): string {
    this.#shown = '';
    this.#enough = enough;
    if (text !== '') this.#machine.console.write(text);
    const stop = this.#machine.run({ budget: this.#budget });
    if (stop.reason !== 'requested') throw new Error(`${stop.reason} after: ${this.#shown.slice(-500)}`);
    return this.#shown;
  }

  /** Types a command for the shell and gives what it prints. */
  command(line: string): string {
    const shown = this.type(`${line}\n`, (text) => text.includes('\n') && PROMPT.test(text));
    return shown.slice(shown.indexOf('\n') + 1, shown.length - COMMAND_PROMPT.length);
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
