import { programFile } from '../../scripts/guest/index.ts';
import { attempt } from '../debug/programs/programs.ts';
import { type Kernel, KernelImage } from '../kernel/index.ts';
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

/** What sbin/init prints when a shell has ended that it had started. */
const SHELL_ENDED = /^init: ksh exited with status (\d+)$/m;
const INIT = 1;

/** The pid of the shell that init has started on the console: the leader of a session, and init's child. */
export function loginShell(kernel: Kernel): number | undefined {
  return attempt(() => {
    for (const process of kernel.processes()) {
      const leads = process.pointer('ps_pgrp.pg_session.s_leader') === process.address;
      const isOfInit = process.number('ps_pptr.ps_pid') === INIT;
      if (leads && isOfInit && process.text('ps_comm') === SHELL) return process.number('ps_pid');
    }
    return undefined;
  });
}

/** Whether a shell that was there is gone. */
export function hasEnded(kernel: Kernel, shell: number | undefined): boolean {
  return shell !== undefined && loginShell(kernel) !== shell;
}

/** What a command printed that ended the shell, and the shell's status, as init tells; undefined when it does not. */
export function endOfShell(output: string): { readonly output: string; readonly status: number } | undefined {
  const told = SHELL_ENDED.exec(output);
  return told === null ? undefined : { output: output.slice(0, told.index), status: Number(told[1]) };
}
