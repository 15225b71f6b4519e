import { type Check, checkArgument, listOf, text } from '../checks.ts';
import { judged, type MatcherResult, observationOf } from './result.ts';

const NAMES: Check = (value) =>
  (value as { readonly length?: unknown } | undefined)?.length === 0
    ? 'the names of functions'
    : listOf(text)(value);

/** The action calls a kernel function. */
export function reaches(received: unknown, name: string): MatcherResult {
  const observation = observationOf(received, 'toReach');
  checkArgument('toReach', name, text);
  const seen = observation.calls([name]);
  const { stretch } = observation;
  const pass = seen.length > 0;
  const why = pass
    ? `expected ${name} not to be called, but it was, first at position ${seen[0]?.position}`
    : `expected ${name} to be called, but it was not`;
  return judged(pass, stretch, why, seen[0]?.position);
}

/** The action calls kernel functions in this order (others, and more calls of these, may come between). */
export function calls(received: unknown, names: readonly string[]): MatcherResult {
  const observation = observationOf(received, 'toCallInOrder');
  checkArgument('toCallInOrder', names, NAMES);
  const seen = observation.calls([...new Set(names)]);
  let found = 0;
  let last: number | undefined;
  for (const call of seen) {
    if (call.function !== names[found]) continue;
    found++;
    last = call.position;
  }
  const pass = found === names.length;
  const list = seen.map((call) => `  ${call.position}  ${call.function}`).join('\n');
  const why = pass
    ? `expected the calls not to come in the order ${names.join(', ')}`
    : `expected the calls ${names.join(', ')} in this order; ${names[found]} did not come after ${
        found === 0 ? 'the start' : names[found - 1]
      }. Calls seen:\n${list || '  (none)'}`;
  return judged(pass, observation.stretch, why, last);
}
