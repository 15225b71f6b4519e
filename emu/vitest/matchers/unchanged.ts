import { GuestTestError } from '../errors.ts';
import { ALL_QUANTITIES, census, differences, type Quantity } from '../looking/census.ts';
import { judged, type MatcherResult, observationOf } from './result.ts';

/** What the kernel counts is the same after the action as before it. */
export function leavesUnchanged(
  received: unknown,
  ...names: readonly (Quantity | (string & {}))[]
): MatcherResult {
  const observation = observationOf(received, 'toLeaveUnchanged');
  const { kernel } = observation.machine;
  const counted = names.length === 0 ? ALL_QUANTITIES : names;
  const { guest } = observation;
  const inScratch = guest.hasScratch;
  if (inScratch) guest.settle();
  const before = census(kernel, counted);
  observation.run();
  if (guest.hasScratch !== inScratch) {
    throw new GuestTestError(
      'bad-expectation',
      inScratch
        ? 'the action ends the process that system calls are made from, as guest.sh does: do not use guest.scratch before it, or use guest.syscall in it instead'
        : 'the action starts the process that system calls are made from: name guest.scratch before it',
    );
  }
  if (inScratch) guest.settle();
  const changes = differences(before, census(kernel, counted));
  const why =
    changes.length === 0
      ? `expected one of ${counted.join(', ')} to change`
      : `expected nothing to change, but\n${changes.map((line) => `  ${line}`).join('\n')}`;
  return judged(changes.length === 0, observation.stretch, why);
}
