import { describe, expect } from 'vitest';
import { guestTest } from '../../../emu/vitest/index.ts';
import { regressPrograms } from '../../../scripts/guest/sources.ts';
import { poolItems } from '../support/census.ts';
import { remains } from '../support/remains.ts';

const it = guestTest.extend({ guestSetup: { regress: true } });

describe('a regress program that runs again', () => {
  it.for(regressPrograms().map(({ path }) => path))(
    'should leave no structure, page or reference behind: /%s',
    (path, { guest }) => {
      const left = (): Readonly<Record<string, unknown>> => {
        guest.sh(`/${path}`);
        // Orphans are init's business, which may come after the prompt.
        guest.sh('sleep 1');
        return remains(guest.kernel);
      };
      // The first run fills caches, makes files in /tmp and lets the shell's heap grow.
      guest.sh(`/${path}`);
      expect(left()).toEqual(left());
    },
  );
});

it('should be told by name which pool is whose', ({ guest }) => {
  const names = Object.keys(poolItems(guest.kernel));
  expect(names).toEqual(expect.arrayContaining(['procpl', 'processpl', 'vmsppl']));
  expect(names).not.toContain('');
});
