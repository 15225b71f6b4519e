import { defineConfig } from 'vitest/config';
import { watchGuest } from './emu/vitest/watch/index.ts';
import { filesBelow } from './scripts/guest/sources.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    // vitest leaves a core to itself, and it has little to do.
    maxWorkers: '100%',
    // Guest time and step budgets bound the tests; this only catches a host that hangs.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // With --watch, a change of the guest runs the tests again that reach what changed.
    ...watchGuest(() => filesBelow('test').filter((path) => path.endsWith('.test.ts'))),
    // --coverage tells what the tests run of the guest.
    coverage: {
      provider: 'custom',
      customProviderModule: './emu/vitest/coverage/index.ts',
      reporter: ['text', 'lcovonly', 'json'],
      include: ['guest/**'],
    },
  },
});
