import type { MachineStop } from '../machine/index.ts';

/** Exit statuses of the puffer command. The first ending of a run decides; a guest program's own status is data. */
export const ExitCode = {
  Ok: 0,
  /** A defect of puffer itself. */
  Internal: 1,
  /** Wrong usage, or a file that cannot be used. */
  Usage: 2,
  /** An expected text did not appear, or a forbidden one did. */
  Expectation: 3,
  /** The guest kernel panicked. */
  Panic: 4,
  /** Triple fault. */
  Shutdown: 5,
  /** The step budget is used up. */
  Budget: 42,
  /** Ctrl-C ended it: 128 and the number of SIGINT, as a shell has it. */
  Interrupted: 130,
} as const;

/** The exit status of a run that ended so; `otherwise` is that of one that came to no bad end. */
export function exitCodeOf(stop: MachineStop, otherwise: number = ExitCode.Ok): number {
  switch (stop.reason) {
    case 'panic':
      return ExitCode.Panic;
    case 'shutdown':
      return ExitCode.Shutdown;
    case 'budget':
      return ExitCode.Budget;
    case 'debugExit':
      return stop.code;
    default:
      return otherwise;
  }
}

/** Something the user gave cannot be used. The message names it and says what to do; the exit status is 2. */
export class UsageError extends Error {
  readonly code = 'usage';

  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
