import { errorName, type Kernel } from '../kernel/index.ts';
import { GuestTestError } from './errors.ts';
import { Observation } from './observation.ts';

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

function observationOf(received: unknown, matcher: string): Observation {
  if (received instanceof Observation) return received;
  throw new GuestTestError('bad-expectation', `${matcher} needs what guest.during(() => …) returns`);
}

/** Errors that a system call can end with: ERESTART and EJUSTRETURN below 0, then up to ELAST (sys/errno.h). */
const FIRST_ERROR = -2;
const LAST_ERROR = 95;
/** SYS_MAXSYSCALL (sys/syscall.h). */
const SYSTEM_CALLS = 331;

/** Names that nothing has would make an expectation of the contrary hold for ever. */
function requireKnown(kernel: Kernel, systemCall: string, errno: string): void {
  const errors = Array.from({ length: LAST_ERROR - FIRST_ERROR + 1 }, (_, index) =>
    errorName(index + FIRST_ERROR),
  );
  if (!errors.includes(errno)) throw new GuestTestError('bad-expectation', `there is no error ${errno}`);
  for (let number = 0; number < SYSTEM_CALLS; number++) {
    if (kernel.systemCallName(number) === systemCall) return;
  }
  throw new GuestTestError('bad-expectation', `there is no system call ${systemCall}`);
}

/** Matchers for `expect.extend(pufferMatchers)`; they take what `guest.during(() => …)` returns. */
export const pufferMatchers = {
  /** The action calls a kernel function. */
  toReach(received: unknown, name: string): MatcherResult {
    const calls = observationOf(received, 'toReach').calls([name]);
    const pass = calls.length > 0;
    return {
      pass,
      message: () =>
        pass
          ? `expected ${name} not to be called, but it was, first at position ${calls[0]?.position}`
          : `expected ${name} to be called, but it was not`,
    };
  },

  /** The action calls kernel functions in this order (others, and more calls of these, may come between). */
  toCallInOrder(received: unknown, names: readonly string[]): MatcherResult {
    const observation = observationOf(received, 'toCallInOrder');
    if (names.length === 0) {
      throw new GuestTestError('bad-expectation', 'toCallInOrder needs the names of functions');
    }
    const calls = observation.calls([...new Set(names)]);
    let found = 0;
    for (const call of calls) if (call.function === names[found]) found++;
    const pass = found === names.length;
    const seen = calls.map((call) => `  ${call.position}  ${call.function}`).join('\n');
    return {
      pass,
      message: () =>
        pass
          ? `expected the calls not to come in the order ${names.join(', ')}`
          : `expected the calls ${names.join(', ')} in this order; ${names[found]} did not come after ${
              found === 0 ? 'the start' : names[found - 1]
            }. Calls seen:\n${seen || '  (none)'}`,
    };
  },

  /** A system call of this name ends with this error during the action: `toReturnErrno('fork', 'EAGAIN')`. */
  toReturnErrno(received: unknown, systemCall: string, errno: string): MatcherResult {
    const observation = observationOf(received, 'toReturnErrno');
    requireKnown(observation.machine.kernel, systemCall, errno);
    const calls = observation.systemCalls();
    const ofName = calls.filter(({ name }) => name === systemCall);
    const pass = ofName.some(({ error }) => errorName(error) === errno);
    const seen = ofName.map(
      ({ error, position }) => `  ${position}  ${systemCall}: ${error === 0 ? 'no error' : errorName(error)}`,
    );
    return {
      pass,
      message: () =>
        pass
          ? `expected no ${systemCall}(2) to return ${errno}`
          : `expected a ${systemCall}(2) to return ${errno}. Calls seen:\n${seen.join('\n') || '  (none)'}`,
    };
  },
};

declare module 'vitest' {
  interface Matchers<T> {
    /** The action calls a kernel function. */
    toReach(name: string): void;
    /** The action calls kernel functions in this order. */
    toCallInOrder(names: readonly string[]): void;
    /** A system call of this name ends with this error during the action. */
    toReturnErrno(systemCall: string, errno: string): void;
  }
}
