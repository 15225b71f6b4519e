import { programFile } from '../../scripts/guest/index.ts';
import { attempt } from '../debug/programs/programs.ts';
import { KernelImage } from '../kernel/index.ts';
import type { Machine } from '../puffer-machine.ts';

/** The shell's name, and its variable for `$?` (guest/bin/ksh/exec.c). */
const SHELL = 'ksh';
const STATUS = 'exstat';
const INT_SIZE = 4;

let statusAddress: bigint | undefined;

/** `$?` of the shell that runs now, read from its memory; undefined when it is another program that runs. */
export function shellStatus(machine: Machine): number | undefined {
  if (attempt(() => machine.kernel.currentProcess()?.text('ps_comm')) !== SHELL) return undefined;
  const file = statusAddress === undefined ? programFile(SHELL) : undefined;
  if (file !== undefined) statusAddress = KernelImage.open(file).address(STATUS);
  const bytes =
    statusAddress === undefined ? undefined : machine.kernel.memory.tryRead(statusAddress, INT_SIZE);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}
