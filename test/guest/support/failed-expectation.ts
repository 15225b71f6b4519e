import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';

/** What a failed expectation says. */
export function failure(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the expectation held');
}

/** What a failed expectation says first; what helps to find the reason follows. */
export function reason(expectation: () => void): string {
  return failure(expectation).split('\n\n')[0] ?? '';
}

/** In a file of tests that fail on purpose: their recordings go to a directory of their own, which is gone afterwards. */
export function useOwnResults(): void {
  let results: string | undefined;
  beforeAll(() => {
    results = mkdtempSync(join(tmpdir(), 'puffer-results-'));
    vi.stubEnv('PUFFER_TEST_RESULTS', results);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    if (results !== undefined) rmSync(results, { recursive: true });
  });
}
