import { afterAll, beforeAll, expect, test } from 'vitest';
import { qemu, readGuest } from '../guest-qemu/support/guest.ts';
import { QemuGuest } from '../oracles/qemu-guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { expectedTranscript, type GuestCase, PROMPT } from './guest-case.ts';
import { kshCases } from './ksh-cases.ts';
import { utilityCases } from './utility-cases.ts';

/** Plays a case and gives its transcript. */
async function play(console: QemuGuest, one: GuestCase): Promise<string> {
  let transcript = '';
  for (const step of one.script) {
    if (typeof step === 'string') {
      console.type(`${step}\n`);
      await console.until((shown) => shown.includes('\n') && PROMPT.test(shown));
    } else {
      console.type(step.send);
      await console.until((shown) => shown.endsWith(step.until));
    }
    transcript += console.take();
  }
  return transcript;
}

describeWithOracle(qemu, 'the guest on QEMU', () => {
  let console: QemuGuest;

  beforeAll(async () => {
    console = await QemuGuest.start(await readGuest());
    await console.until((shown) => PROMPT.test(shown));
    console.take();
  });

  afterAll(() => console.close());

  test.each([...utilityCases, ...kshCases].map((one) => [one.name, one] as const))(
    '%s',
    async (_name, one) => {
      expect(await play(console, one)).toBe(expectedTranscript(one));
    },
  );
});
