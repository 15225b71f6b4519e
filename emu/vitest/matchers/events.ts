import { decodeForkFlags, type EventOf, FORK_FLAGS } from '../../kernel/index.ts';
import {
  type Check,
  checkArgument,
  checkOptions,
  either,
  listOf,
  oneOf,
  text,
  wholeNumber,
} from '../checks.ts';
import { GuestTestError } from '../errors.ts';
import { judged, type MatcherResult, observationOf } from './result.ts';

/** What is expected of forks; what is not named may be anything. */
export interface ExpectedFork {
  /** The command or the pid of whoever forks. */
  readonly parent?: string | number | undefined;
  /** The child's pid. */
  readonly child?: number | undefined;
  /** Flags of fork1() that are set: `['FORK_FORK']`. */
  readonly flags?: readonly string[] | undefined;
  /** How many; at least one if not given. */
  readonly times?: number | undefined;
}

const PID = wholeNumber(0);
const EXPECTED: Readonly<Record<keyof ExpectedFork, Check>> = {
  parent: either(text, PID),
  child: PID,
  flags: listOf(oneOf(FORK_FLAGS.map(([, name]) => name))),
  times: wholeNumber(0),
};

function isExpected(event: EventOf<'sched:fork'>, { parent, child, flags }: ExpectedFork): boolean {
  const names = decodeForkFlags(event.flags);
  return (
    (parent === undefined || parent === event.thread?.comm || parent === event.thread?.pid) &&
    (child === undefined || child === event.child?.pid) &&
    (flags ?? []).every((flag) => names.includes(flag))
  );
}

/** The action makes a thread or process. */
export function forked(received: unknown, expected: ExpectedFork = {}): MatcherResult {
  const observation = observationOf(received, 'toHaveForked');
  checkOptions('toHaveForked', expected, EXPECTED);
  const events = observation.events('sched:fork');
  const found = events.filter((event) => isExpected(event, expected));
  const { times } = expected;
  const pass = times === undefined ? found.length > 0 : found.length === times;
  const seen = events.map(
    ({ position, thread, child, flags }) =>
      `  ${position}  ${thread?.comm} (${thread?.pid}) → ${child?.pid}, ${decodeForkFlags(flags).join(' | ')}`,
  );
  const count = times === undefined ? (pass ? 'no' : 'a') : `${pass ? 'not ' : ''}${times}`;
  const wanted = `${count} fork${times === undefined || times === 1 ? '' : 's'} ${JSON.stringify(expected)}`;
  const why = `expected ${wanted}; ${found.length} of ${events.length} are such. Forks seen:\n${
    seen.join('\n') || '  (none)'
  }`;
  return judged(pass, observation.stretch, why, events[0]?.position);
}

const TEXT_OR_PATTERN = either(text, (value) =>
  value instanceof RegExp ? undefined : 'a regular expression',
);

/** The kernel panics during the action, with a message that matches. */
export function panics(received: unknown, message: RegExp | string = ''): MatcherResult {
  const observation = observationOf(received, 'toPanic');
  checkArgument('toPanic', message, TEXT_OR_PATTERN);
  const seen: EventOf<'kernel:panic'>[] = [];
  const detach = observation.machine.on('kernel:panic', (event) => {
    seen.push(event);
    observation.machine.core.requestStop();
  });
  try {
    observation.run({
      // Calls that a panic has cut short.
      forgives: (error) => seen.length > 0 && error instanceof GuestTestError,
    });
  } finally {
    detach();
  }
  const [first] = seen;
  const fits = (text: string): boolean =>
    typeof message === 'string' ? text.includes(message) : message.test(text);
  const pass = first !== undefined && fits(first.message);
  const found = first === undefined ? 'it does not' : `it says: ${first.message}`;
  const why = `expected the kernel ${pass ? 'not ' : ''}to panic${message === '' ? '' : ` with ${message}`}; ${found}`;
  return judged(pass, observation.stretch, why, first?.position);
}
