import { describe, expect } from 'vitest';
import { guestTest } from '../../../emu/vitest/index.ts';
import { regressPrograms } from '../../../scripts/guest/sources.ts';
import { Auditor } from '../support/auditor.ts';

const it = guestTest.extend({ guestSetup: { regress: true } });
/** Audits that the shortest program is worth. */
const FEW = 10;

describe('the kernel’s structures', () => {
  it.for(regressPrograms().map(({ path }) => path))('should agree at all times: /%s', (path, { guest }) => {
    const auditor = new Auditor(guest.machine);
    try {
      guest.start(`/${path}`);
      const stop = guest.machine.run({ text: '# ' });
      expect(auditor.wrong).toBeUndefined();
      expect(stop.reason).toBe('consoleText');
      expect(auditor.audits).toBeGreaterThan(FEW);
    } finally {
      auditor.stop();
    }
  });
});
