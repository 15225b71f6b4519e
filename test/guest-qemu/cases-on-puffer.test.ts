import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Machine } from '../../emu/index.ts';
import { expectedTranscript, PROMPT } from '../guest/guest-case.ts';
import { kshCases } from '../guest/ksh-cases.ts';
import { Typist } from '../guest/typist.ts';
import { utilityCases } from '../guest/utility-cases.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc, machineWith, readGuest } from './support/guest.ts';

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
    expect(typist.play(one)).toBe(expectedTranscript(one));
  });

  afterAll(() => expect(machine.ending).toBeUndefined());
});
