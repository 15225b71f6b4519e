import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildGuest } from '../../scripts/guest/build.ts';
import { guestPaths } from '../../scripts/guest/paths.ts';
import { regressPrograms } from '../../scripts/guest/sources.ts';
import { PROMPT } from '../guest/guest-case.ts';
import { QemuGuest } from '../oracles/qemu-guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc, qemu, readGuest } from './support/guest.ts';

/** The processors differ in what the kernel saves of a thread's floating point state: FXSAVE's part, or XSAVE's. */
const PROCESSORS = ['qemu64', 'max'];

/** The programs that test/guest/life/regress.test.ts runs on puffer. */
describeWithOracle([gcc, qemu], 'the regress programs of the guest on QEMU', () => {
  beforeAll(async () => {
    await buildGuest();
    await buildGuest({ part: 'regress' });
  });

  describe.each(PROCESSORS)('with the processor %s', (processor) => {
    let console: QemuGuest;

    beforeAll(async () => {
      console = await QemuGuest.start(await readGuest(guestPaths.regressInitrd), { processor });
      await console.until((shown) => PROMPT.test(shown));
      console.take();
    });

    afterAll(() => console.close());

    test.each(regressPrograms().map(({ path }) => path))('should pass: /%s', async (path) => {
      console.type(`/${path}; echo status $?\n`);
      await console.until((shown) => shown.includes('\n') && PROMPT.test(shown));
      const lines = console.take().split('\n');
      expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
      expect(lines.some((line) => line.startsWith('pass '))).toBe(true);
      expect(lines).toContain('status 0');
    });
  });
});
