import { Findings } from './findings.ts';
import { chains, listMembers, tailqMembers } from './lists.ts';
import { poolName, poolsOf } from './memory.ts';
import type { Structures } from './structures.ts';

/** `M_LAST` of sys/malloc.h is where kmemstats ends; the symbol's size tells. */
const TYPE_PREFIX = 'malloc type ';

/** What the kernel has given out, by name: whatever a process that is gone has left behind shows here. */
export type KernelCounts = ReadonlyMap<string, number>;

/** Counts of processes, threads, files, pages, pool items, allocations and timeouts. */
export function kernelCounts(s: Structures): KernelCounts {
  const counts = new Map<string, number>();
  const ignored = new Findings();
  for (const name of ['nprocesses', 'nthreads', 'numfiles', 'numvnodes', 'npipes']) {
    counts.set(name, s.int(s.global(name)));
  }
  let poolPages = 0;
  for (const pool of poolsOf(s, ignored)) {
    counts.set(`pool ${poolName(s, pool)}`, s.number(pool, s.field('pool', 'pr_nout')));
    poolPages += s.number(pool, s.field('pool', 'pr_npages'));
  }
  const uvmexp = s.global('uvmexp');
  const free = s.number(uvmexp, s.field('uvmexp', 'free'));
  // How many pages pools hold depends on the order in which items came back; with the free ones it is constant.
  counts.set('free pages, and those of pools', free + poolPages);
  counts.set('anonpages', s.number(uvmexp, s.field('uvmexp', 'anonpages')));
  const kernelMap = s.global('kernel_map_store');
  counts.set('kernel_map entries', s.number(kernelMap, s.field('vm_map', 'nentries')));
  counts.set('kernel_map bytes', s.number(kernelMap, s.field('vm_map', 'size')));
  const due = {
    name: 'timeout_due',
    head: s.global('timeout_due'),
    link: s.field('timeout', 'to_list').offset,
  };
  counts.set('timeouts', tailqMembers(s, due, ignored).length);
  const size = s.sizeOf('kmemstats');
  const types = (s.kernel.image.symbols.byName('kmemstats')?.size ?? 0) / size;
  for (let type = 0; type < types; type++) {
    const at = s.global('kmemstats') + BigInt(type * size);
    counts.set(`${TYPE_PREFIX}${type}`, s.number(at, s.field('kmemstats', 'ks_inuse')));
    counts.set(`${TYPE_PREFIX}${type}, bytes`, s.number(at, s.field('kmemstats', 'ks_memuse')));
  }
  countUsers(s, counts, ignored);
  return counts;
}

function countUsers(s: Structures, counts: Map<string, number>, ignored: Findings): void {
  const link = s.field('uidinfo', 'ui_hash').offset;
  for (const { head } of chains(s, s.word(s.global('uihashtbl')), s.word(s.global('uihash')))) {
    for (const info of listMembers(s, { name: 'uihash', head, link }, ignored)) {
      const uid = s.number(info, s.field('uidinfo', 'ui_uid'));
      counts.set(`ui_proccnt of user ${uid}`, s.number(info, s.field('uidinfo', 'ui_proccnt')));
    }
  }
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
