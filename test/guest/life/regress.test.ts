import { describe, expect } from 'vitest';
import { guestTest } from '../../../emu/vitest/index.ts';
import { regressPrograms } from '../../../scripts/guest/sources.ts';

const it = guestTest.extend({ guestSetup: { regress: true } });

describe('the regress programs of the guest', () => {
  it.for(regressPrograms().map(({ path }) => path))('should pass: /%s', (path, { guest }) => {
    const { output, status } = guest.sh(`/${path}`);
    expect(output.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(output).toMatch(/^pass /m);
    expect(status).toBe(0);
  });
});
