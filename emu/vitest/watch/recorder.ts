import { readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import { absolute, fromRoot, guestPaths } from '../../../scripts/guest/paths.ts';
import { executedFunctions } from '../../debug/coverage/index.ts';
import { KernelImage } from '../../kernel/index.ts';
import { countInWorker } from '../coverage/worker-counts.ts';
import { writeReach } from './reach-records.ts';

/** Counts from now on, and when the test file has run, keeps what it ran of the guest. */
export function recordReach(): void {
  const taker = countInWorker();
  afterAll(() => {
    const data = taker.take();
    taker.end();
    const file = expect.getState().testPath;
    if (file === undefined) return;
    const kernel = KernelImage.open(new Uint8Array(readFileSync(absolute(guestPaths.kernel))));
    writeReach({
      test: fromRoot(file),
      functions: executedFunctions(data, kernel),
      programs: [...data.programs].map(({ name }) => name),
    });
  });
}
