import type { Structures } from '../consistency/structures.ts';
import { allocations, pageCounts, poolItems, processesOfUsers, timeouts } from './quantities.ts';

/** What the kernel has given out, by name: whatever a process that is gone has left behind shows here. */
export type KernelCounts = ReadonlyMap<string, number>;

/** Counts of processes, threads, files, pages, pool items, allocations and timeouts. */
export function kernelCounts(s: Structures): KernelCounts {
  const counts = new Map<string, number>();
  for (const name of ['nprocesses', 'nthreads', 'numfiles', 'numvnodes', 'npipes']) {
    counts.set(name, s.int(s.global(name)));
  }
  for (const [pool, items] of Object.entries(poolItems(s))) counts.set(`pool ${pool}`, items);
  const { free, inPools } = pageCounts(s);
  counts.set('free pages, and those of pools', free + inPools);
  counts.set('anonpages', s.number(s.global('uvmexp'), s.field('uvmexp', 'anonpages')));
  const kernelMap = s.global('kernel_map_store');
  counts.set('kernel_map entries', s.number(kernelMap, s.field('vm_map', 'nentries')));
  counts.set('kernel_map bytes', s.number(kernelMap, s.field('vm_map', 'size')));
  counts.set('timeouts', timeouts(s));
  allocations(s).forEach(({ pieces, bytes }, type) => {
    counts.set(`malloc type ${type}`, pieces);
    counts.set(`malloc type ${type}, bytes`, bytes);
  });
  for (const [uid, processes] of Object.entries(processesOfUsers(s))) {
    counts.set(`ui_proccnt of user ${uid}`, processes);
  }
  return counts;
}

/** The counts that differ: `nprocesses: 9, was 8`. */
export function changedCounts(
  before: KernelCounts,
  after: KernelCounts,
): { readonly name: string; readonly up: boolean; readonly text: string }[] {
  const changed: { name: string; up: boolean; text: string }[] = [];
  for (const [name, count] of after) {
    const was = before.get(name);
    if (was !== undefined && was !== count)
      changed.push({ name, up: count > was, text: `${name}: ${count}, was ${was}` });
  }
  return changed;
}
