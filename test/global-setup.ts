import type { TestProject } from 'vitest/node';
import { buildGuest, GuestBuildError } from '../scripts/guest/index.ts';

/** Brings the guest up to date once, before the workers look at it side by side. */
async function build(): Promise<void> {
  await buildGuest();
  await buildGuest({ part: 'regress' });
  await buildGuest({ part: 'kit' });
}

/** Builds the guest, and in watch mode again before tests run again. */
export default async function setup(project: TestProject): Promise<void> {
  project.onTestsRerun(async () => {
    try {
      await build();
    } catch (error) {
      // The tests will fail; what the compiler says is said here, once.
      if (!(error instanceof GuestBuildError)) throw error;
      process.stderr.write(`${error.message}\n`);
    }
  });
  await build();
}
