/**
 * A coverage provider for vitest: what the tests run of the guest's kernel and programs.
 *
 *     coverage: { provider: 'custom', customProviderModule: 'puffer/vitest/coverage' }
 */
import type { CoverageProviderModule } from 'vitest/node';
import { GuestCoverageProvider } from './provider.ts';
import { type CountsTaker, countInWorker } from './worker-counts.ts';

/** vitest loads this module anew for each test file. */
const TAKER = Symbol.for('puffer/vitest/coverage: taker');
const worker = globalThis as { [TAKER]?: CountsTaker | undefined };

const provider: CoverageProviderModule = {
  getProvider: () => new GuestCoverageProvider(),
  startCoverage: () => {
    worker[TAKER] ??= countInWorker();
  },
  takeCoverage: () => worker[TAKER]?.take().toJSON(),
  stopCoverage: () => {
    worker[TAKER]?.end();
    worker[TAKER] = undefined;
  },
};

export default provider;
