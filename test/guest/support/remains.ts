import type { Kernel, View } from '../../../emu/index.ts';
import { allocations, vnodes } from '../../../emu/kernel/census/index.ts';
import { Structures } from '../../../emu/kernel/consistency/index.ts';
import { inventory } from './census.ts';

/** What processes that are gone must not have changed: two of these are compared. */
export function remains(kernel: Kernel): Readonly<Record<string, unknown>> {
  const structures = new Structures(kernel);
  return {
    ...inventory(kernel),
    vnodes: vnodes(structures),
    references: references(kernel.processes()),
    allocations: allocations(structures),
  };
}

/** References to what the processes that live on share. */
function references(processes: Iterable<View>): Record<string, readonly number[]> {
  return Object.fromEntries(
    [...processes].map((process) => [
      process.text('ps_comm') ?? '',
      ['ps_ucred.cr_ref', 'ps_limit.pl_refcnt', 'ps_fd.fd_refcnt', 'ps_vmspace.vm_refcnt'].map((path) =>
        process.number(path),
      ),
    ]),
  );
}
