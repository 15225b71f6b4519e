import { KernelError } from '../errors.ts';
import type { Kernel } from '../kernel.ts';
import { checkAddressSpaces } from './address-spaces.ts';
import { takeCensus } from './census.ts';
import { checkDescriptors } from './descriptors.ts';
import { Findings, type Inconsistency } from './findings.ts';
import { checkGroups } from './groups.ts';
import { checkPools } from './memory.ts';
import { checkProcesses } from './processes.ts';
import { checkReferences } from './references.ts';
import { checkScheduler } from './scheduler.ts';
import { Structures } from './structures.ts';

export { changedCounts, type KernelCounts, kernelCounts } from './counts.ts';
export type { Inconsistency } from './findings.ts';
export { type Field, Structures } from './structures.ts';

/** How much can be asked of a moment. */
export interface ConsistencyOptions {
  /**
   * No process is in the middle of a system call that takes references for its duration (read, write): then reference counts must be
   * exactly what is found; otherwise at least that. True if not given.
   */
  readonly settled?: boolean | undefined;
}

/**
 * Walks the lists, hashes and tables of the kernel: links lead there and back, members belong where they are, counts and reference
 * counts are what there is. For moments at which no thread is inside a change: the processor is in user mode, or idle.
 * Damage that cannot be walked any further is reported as the last inconsistency.
 */
export function checkConsistency(structures: Structures, options: ConsistencyOptions = {}): Inconsistency[] {
  const findings = new Findings();
  const exact = options.settled ?? true;
  structures.forget();
  try {
    const census = takeCensus(structures, findings);
    checkProcesses(structures, census, findings);
    checkGroups(structures, census, findings);
    checkScheduler(structures, census, findings);
    const tables = checkDescriptors(structures, census, findings, exact);
    checkReferences(structures, census, tables, findings, exact);
    checkAddressSpaces(structures, census, findings);
    checkPools(structures, findings);
  } catch (error) {
    if (!(error instanceof KernelError && error.code === 'unmapped')) throw error;
    findings.add('wild pointer', error.message);
  }
  return findings.all;
}

/** The fast reader of a kernel's structures; `translate` is the processor's `inspector.translateAny`. */
export function structuresOf(kernel: Kernel, translate: (address: bigint) => number | undefined): Structures {
  return new Structures(kernel, translate);
}
