import type { CallDescription } from './description.ts';
import { FILE_CALLS } from './files.ts';
import { IDENTITY_CALLS, MEMORY_CALLS } from './memory.ts';
import { PROCESS_CALLS } from './processes.ts';
import { SIGNAL_CALLS } from './signals.ts';

export { type CallDescription, USUAL_WEIGHT } from './description.ts';

/** Every system call that programs are made of. */
export const CALLS: readonly CallDescription[] = [
  ...PROCESS_CALLS,
  ...FILE_CALLS,
  ...SIGNAL_CALLS,
  ...MEMORY_CALLS,
  ...IDENTITY_CALLS,
];

/** Calls that the guest has and that are left out, and why. */
export const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['reboot', 'it ends the machine'],
  ['syscall', 'it is another name for the rest'],
  ['__syscall', 'it is another name for the rest'],
]);
