import type { Snapshot } from '../machine/index.ts';
import type { Machine } from '../puffer-machine.ts';
import type { Beginning, RanKernel } from './failure/recording.ts';
import type { Faults } from './faults/faults.ts';

/** What matchers ask of whatever runs: our guest, or another kernel. */
export interface Observed {
  readonly machine: Machine;
  /** What has been booted. */
  readonly ran: RanKernel;
  /** All the console has printed since the test began. */
  readonly output: string;
  /** The moment that it was last put back to; undefined before it ever was. */
  readonly origin: Snapshot | undefined;
  /** Faults of its machine. */
  readonly faults: Faults;
  /** The position at which what the test did last began: a failure shows the calls from there on. */
  readonly lastAction: number;
  /** The test does something now. */
  noteAction(): void;
  /** Where a recording of what it does now begins. */
  beginning(): Beginning;
  /** Whether there is a process that system calls are made from. */
  readonly hasScratch: boolean;
  /** The position from which on that process has been ready; undefined when it is not there. */
  readonly scratchSince?: number | undefined;
  /** Brings that process to rest. */
  settle(): void;
  /** Globs of the functions whose calls a failure shows; those on the way of a fork, and all system calls, if not given. */
  readonly shownFunctions?: readonly string[] | undefined;
}
