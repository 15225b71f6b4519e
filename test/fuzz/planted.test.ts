import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUGS, plantedBugs, seekPlanted } from '../../scripts/fuzz/planted.ts';
import { absolute } from '../../scripts/guest/paths.ts';

/** Long enough for a copy of the checkout, a build of its kernel, and programs. */
const TIMEOUT = 180_000;

describe('planted bugs', () => {
  const quick: readonly [string, number, RegExp][] = [
    ['off-by-one-limit', 2000, /plimit/],
    ['copyout-without-check', 400, /panic/],
  ];
  for (const [bug, cases, key] of quick) {
    it(`should be found: ${bug}`, { timeout: TIMEOUT }, async () => {
      const result = await seekPlanted(bug, { seed: 1, jobs: 1, cases });
      expect(result).toMatchObject({ found: true, key: expect.stringMatching(key) });
    });
  }

  it('should end when it is told to, and say how far it came', { timeout: TIMEOUT }, async () => {
    const limits = { seed: 1, jobs: 1, seconds: 36_000, signal: AbortSignal.abort() };
    const result = await seekPlanted('off-by-one-limit', limits);
    expect(result).toMatchObject({ found: false, interrupted: true });
  });

  it('should each be explained', () => {
    const text = readFileSync(absolute(`${BUGS}/README.md`), 'utf8');
    expect(plantedBugs()).toHaveLength(11);
    for (const bug of plantedBugs()) expect(text).toContain(`| \`${bug}\` |`);
  });
});
