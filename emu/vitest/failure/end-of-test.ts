import type { OnTestFailedHandler, RunnerTask } from 'vitest';
import { forgetObservations, requireJudged } from '../observation.ts';
import type { Observed } from '../observed.ts';
import { explainFailedTest } from './failed-test.ts';

/** What of a test's context tells of its end. */
interface Ends {
  readonly onTestFinished: (handler: OnTestFailedHandler) => void;
  readonly onTestFailed: (handler: OnTestFailedHandler) => void;
}

/**
 * Begins a test with a guest, and has its end looked after: a test that is good so far fails when a fault that it planned never happened, or
 * when no matcher was given what the guest was to do; one that fails is explained.
 */
export function beginTest(guest: Observed, { onTestFinished, onTestFailed }: Ends): void {
  guest.faults.cancel();
  guest.faults.forget();
  forgetObservations(guest);
  onTestFinished(({ task }) => {
    // A test that has failed may not have come to these.
    if (hasFailed(task)) {
      guest.faults.cancel();
      return;
    }
    guest.faults.finish();
    requireJudged(guest);
  });
  onTestFailed(({ task }) => explainFailedTest(guest, task));
}

const hasFailed = ({ result }: Readonly<RunnerTask>): boolean => result?.state === 'fail';
