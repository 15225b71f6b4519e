import { errorName, type Kernel } from '../../kernel/index.ts';
import { GuestTestError } from '../errors.ts';
import { stretchOf } from '../failure/context.ts';
import type { SyscallResult } from '../scratch/result.ts';
import { judged, type MatcherResult, observationOf } from './result.ts';

/** Errors that a system call can end with: ERESTART and EJUSTRETURN below 0, then up to ELAST (sys/errno.h). */
const FIRST_ERROR = -2;
const LAST_ERROR = 95;
/** SYS_MAXSYSCALL (sys/syscall.h). */
const SYSTEM_CALLS = 331;

/** Names that nothing has would make an expectation of the contrary hold for ever. */
function requireError(errno: string): void {
  for (let number = FIRST_ERROR; number <= LAST_ERROR; number++) if (errorName(number) === errno) return;
  throw new GuestTestError('bad-expectation', `there is no error ${errno}`);
}

function requireSystemCall(kernel: Kernel, name: string): void {
  for (let number = 0; number < SYSTEM_CALLS; number++) if (kernel.systemCallName(number) === name) return;
  throw new GuestTestError('bad-expectation', `there is no system call ${name}`);
}

/** A system call has failed with this error; or one of this name does, during the action: `toReturnErrno('fork', 'EAGAIN')`. */
export function returnsErrno(received: unknown, ...expected: readonly string[]): MatcherResult {
  const [first = '', second] = expected;
  if (second === undefined) return resultIs(received as SyscallResult, first);
  const observation = observationOf(received, 'toReturnErrno');
  requireError(second);
  requireSystemCall(observation.machine.kernel, first);
  const ofName = observation.systemCalls().filter(({ name }) => name === first);
  const found = ofName.find(({ error }) => errorName(error) === second);
  const seen = ofName.map(
    ({ error, position }) => `  ${position}  ${first}: ${error === 0 ? 'no error' : errorName(error)}`,
  );
  const why =
    found !== undefined
      ? `expected no ${first}(2) to return ${second}`
      : `expected a ${first}(2) to return ${second}. Calls seen:\n${seen.join('\n') || '  (none)'}`;
  return judged(found !== undefined, observation.stretch, why, (found ?? ofName.at(-1))?.position);
}

function resultIs(result: SyscallResult, errno: string): MatcherResult {
  requireError(errno);
  const stretch = typeof result === 'object' ? stretchOf(result) : undefined;
  if (stretch === undefined) {
    throw new GuestTestError(
      'bad-expectation',
      "toReturnErrno needs what guest.syscall(…) returns, or guest.during(() => …) and a call's name",
    );
  }
  const { name, value } = result;
  const pass = result.errno === errno;
  const why = pass
    ? `expected ${name}(2) not to return ${errno}`
    : `expected ${name}(2) to return ${errno}, but it returned ${result.errno === 0 ? value : result.errno}`;
  return judged(pass, stretch, why, stretch.began);
}
