import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildGuest } from '../../scripts/guest/build.ts';
import { guestPaths } from '../../scripts/guest/paths.ts';
import { commandProbe, describeWithOracle, oracle } from '../oracles/require.ts';
import { expectedTranscript, type GuestCase, PROMPT } from './guest-case.ts';
import { kshCases } from './ksh-cases.ts';
import { QemuConsole } from './qemu-console.ts';
import { utilityCases } from './utility-cases.ts';

const qemu = oracle('QEMU', commandProbe('qemu-system-x86_64', ['--version'], 'qemu-system-x86'));

/** Plays a case and gives its transcript. */
async function play(console: QemuConsole, one: GuestCase): Promise<string> {
  let transcript = '';
  for (const step of one.script) {
    if (typeof step === 'string') {
      console.send(`${step}\n`);
      await console.until((shown) => shown.includes('\n') && PROMPT.test(shown));
    } else {
      console.send(step.send);
      await console.until((shown) => shown.endsWith(step.until));
    }
    transcript += console.take();
  }
  return transcript;
}

describeWithOracle(qemu, 'the guest on QEMU', () => {
  let console: QemuConsole;

  beforeAll(async () => {
    await buildGuest();
    console = new QemuConsole({
      kernel: guestPaths.kernel,
      initrd: guestPaths.initrd,
      commandLine: 'seed=1 time=1700000000',
    });
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
