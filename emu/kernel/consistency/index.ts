import { KernelError } from '../errors.ts';
import { checkAddressSpaces } from './address-spaces.ts';
import { checkDescriptors } from './descriptors.ts';
import { Findings, type Inconsistency } from './findings.ts';
import { checkGroups } from './groups.ts';
import { checkPools } from './memory.ts';
import { findPopulation } from './population.ts';
import { checkProcesses } from './processes.ts';
import { checkReferences } from './references.ts';
import { checkRunningThread } from './running-thread.ts';
import { checkScheduler } from './scheduler.ts';
import { checkSignals } from './signals.ts';
import type { Structures } from './structures.ts';
import { checkThreads } from './threads.ts';

export type { Inconsistency } from './findings.ts';
export { PTE, type UserPages, userPages } from './page-tables.ts';
export { type Field, Structures } from './structures.ts';

/** How much can be asked of a moment. */
export interface ConsistencyOptions {
  /**
   * No process is in the middle of a system call that takes references for its duration (read, write): then reference counts must be
   * exactly what is found; otherwise at least that. True if not given.
   */
  readonly settled?: boolean | undefined;
  /** The running thread is in user mode, or has made no step in the kernel yet: it holds no lock. True if not given. */
  readonly inUserMode?: boolean | undefined;
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
    const population = findPopulation(structures, findings);
    checkThreads(structures, population, findings);
    checkProcesses(structures, population, findings);
    checkGroups(structures, population, findings);
    checkScheduler(structures, population, findings);
    if (options.inUserMode ?? true) checkRunningThread(structures, findings);
    checkSignals(structures, population, findings);
    const tables = checkDescriptors(structures, population, findings, exact);
    checkReferences(structures, population, tables, findings, exact);
    checkAddressSpaces(structures, population, findings);
    checkPools(structures, findings);
  } catch (error) {
    if (!(error instanceof KernelError && error.code === 'unmapped')) throw error;
    findings.add('wild pointer', error.message);
  }
  return findings.all;
}
