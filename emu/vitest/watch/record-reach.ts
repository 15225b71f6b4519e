/** A setup file of vitest: in watch mode, records what each test file runs of the guest. Elsewhere it loads nothing. */
if (process.env.VITEST_MODE === 'WATCH') {
  const { recordReach } = await import('./recorder.ts');
  recordReach();
}

export {};
