import { expect } from 'vitest';
import { GuestTestError } from '../errors.ts';
import { explain, type Stretch } from '../failure/context.ts';
import { Observation } from '../observation.ts';

/** What vitest asks of a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What `guest.during(() => …)` has returned. Throws GuestTestError 'bad-expectation' for anything else. */
export function observationOf(received: unknown, matcher: string): Observation {
  if (received instanceof Observation) {
    received.noteJudged();
    return received;
  }
  throw new GuestTestError('bad-expectation', `${matcher} needs what guest.during(() => …) returns`);
}

/** A matcher's answer, with what helps to understand a failure: made once, and only when it is shown. */
export function judged(
  pass: boolean,
  stretch: Stretch,
  why: string,
  position?: number | undefined,
): MatcherResult {
  const test = expect.getState().currentTestName ?? 'test';
  let message: string | undefined;
  return {
    pass,
    message: () => {
      message ??= `${why}\n\n${explain(stretch, test, position)}`;
      return message;
    },
  };
}
