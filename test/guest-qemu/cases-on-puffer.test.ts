import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Machine } from '../../emu/index.ts';
import { expectedTranscript, type GuestCase, PROMPT } from '../guest/guest-case.ts';
import { kshCases } from '../guest/ksh-cases.ts';
import { utilityCases } from '../guest/utility-cases.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { BUDGET, gcc, machineWith, readGuest } from './support/guest.ts';

/** A person at the console: types, and watches until enough is shown. */
class Typist {
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

  /** Types `text` and gives what is shown until `enough` holds. */
  type(text: string, enough: (shown: string) => boolean): string {
    this.#shown = '';
    this.#enough = enough;
    if (text !== '') this.#machine.console.write(text);
    const stop = this.#machine.run({ budget: BUDGET });
    if (stop.reason !== 'requested') throw new Error(`${stop.reason} after: ${this.#shown.slice(-500)}`);
    return this.#shown;
  }
}

function play(typist: Typist, one: GuestCase): string {
  return one.script
    .map((step) =>
      typeof step === 'string'
        ? typist.type(`${step}\n`, (shown) => shown.includes('\n') && PROMPT.test(shown))
        : typist.type(step.send, (shown) => shown.endsWith(step.until)),
    )
    .join('');
}

/** The sessions that test/guest/cases-on-qemu.test.ts replays on QEMU: both must give what the cases expect. */
describeWithOracle(gcc, 'the guest on puffer', () => {
  let typist: Typist;
  let machine: Machine;

  beforeAll(async () => {
    machine = machineWith(await readGuest());
    typist = new Typist(machine);
    typist.type('', (shown) => PROMPT.test(shown));
  });

  test.each([...utilityCases, ...kshCases].map((one) => [one.name, one] as const))('%s', (_name, one) => {
    expect(play(typist, one)).toBe(expectedTranscript(one));
  });

  afterAll(() => expect(machine.ending).toBeUndefined());
});
