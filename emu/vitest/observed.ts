import type { Snapshot } from '../machine/index.ts';
import type { Machine } from '../puffer-machine.ts';
import type { Beginning, RanKernel } from './failure/recording.ts';

/** What matchers ask of whatever runs: our guest, or another kernel. */
export interface Observed {
  readonly machine: Machine;
  /** What has been booted. */
  readonly ran: RanKernel;
  /** All the console has printed since the test began. */
  readonly output: string;
  /** The moment that it was last put back to; undefined before it ever was. */
  readonly origin: Snapshot | undefined;
  /** Where a recording of what it does now begins. */
  beginning(): Beginning;
  /** Whether there is a process that system calls are made from. */
  readonly hasScratch: boolean;
  /** Brings that process to rest. */
  settle(): void;
  /** Globs of the functions whose calls a failure shows; those on the way of a fork, and all system calls, if not given. */
  readonly shownFunctions?: readonly string[] | undefined;
}
