import { type Kernel, listElements, type View } from '../../../emu/index.ts';
import {
  poolItems as itemsOfPools,
  pageCounts,
  processesOfUsers,
  type Tally,
} from '../../../emu/kernel/census/index.ts';
import { Structures } from '../../../emu/kernel/consistency/index.ts';

const POINTER_SIZE = 8;

/** How many threads and processes the kernel counts, and processes of each real user id. */
export interface Counts {
  readonly nthreads: number;
  readonly nprocesses: number;
  readonly processesOfUser: Tally;
}

/** The kernel's counts. */
export function counts(kernel: Kernel): Counts {
  return {
    nthreads: kernel.global('nthreads').number(),
    nprocesses: kernel.global('nprocesses').number(),
    processesOfUser: processesOfUsers(new Structures(kernel)),
  };
}

/** The processes that the kernel counts for a real user id; 0 for a user it has not met. */
export function processesOf(kernel: Kernel, uid: number): number {
  return counts(kernel).processesOfUser[uid] ?? 0;
}

/** What is on the kernel's lists of threads and processes, as addresses, in order. */
export function lists(kernel: Kernel): Readonly<Record<string, readonly bigint[]>> {
  return {
    allproc: addressesOf(kernel.threads()),
    allprocess: addressesOf(kernel.processes()),
    zombprocess: addressesOf(kernel.zombies()),
    deadproc: addressesOf(listElements(kernel.global('deadproc'), kernel.struct('proc'), 'p_hash')),
    threadsById: addressesOf(hashed(kernel, 'tidhashtbl', 'tidhash', 'proc', 'p_hash')),
    processesById: addressesOf(hashed(kernel, 'pidhashtbl', 'pidhash', 'process', 'ps_hash')),
    groupsById: addressesOf(hashed(kernel, 'pgrphashtbl', 'pgrphash', 'pgrp', 'pg_hash')),
  };
}

/** What processes that are gone, and calls that fail, must leave as it was. */
export interface Inventory {
  readonly counts: Counts;
  readonly lists: ReturnType<typeof lists>;
  /** Items that each pool has handed out. */
  readonly pools: Tally;
  /** Which of its pages a pool empties, and gives back, depends on the order of things. */
  readonly pages: { readonly freeOrInPools: number; readonly wired: number };
}

/** All that the kernel counts or lists of processes and of memory. */
export function inventory(kernel: Kernel): Inventory {
  const structures = new Structures(kernel);
  const { free, inPools, wired } = pageCounts(structures);
  return {
    counts: counts(kernel),
    lists: lists(kernel),
    pools: itemsOfPools(structures),
    pages: { freeOrInPools: free + inPools, wired },
  };
}

/** Items that each pool has handed out, by the pool's name. */
export function poolItems(kernel: Kernel): Tally {
  return itemsOfPools(new Structures(kernel));
}

/** Statistics of the fork family. */
export function forkStatistics(kernel: Kernel): Readonly<Record<string, number>> {
  const forkstat = kernel.global('forkstat');
  const uvmexp = kernel.global('uvmexp');
  const names = ['cntfork', 'cntvfork', 'cnttfork', 'cntkthread', 'sizfork', 'sizvfork'];
  return {
    ...Object.fromEntries(names.map((name) => [name, forkstat.number(name)])),
    forks: uvmexp.number('forks'),
    forks_ppwait: uvmexp.number('forks_ppwait'),
    forks_sharevm: uvmexp.number('forks_sharevm'),
  };
}

/** Reference counts of what a process shares with others, and its children. */
export function holdings(process: View): Readonly<Record<string, unknown>> {
  const vnode = (path: string): number | undefined =>
    process.pointer(path) === 0n ? undefined : process.number(`${path}.v_usecount`);
  return {
    credentials: process.number('ps_ucred.cr_ref'),
    limits: process.number('ps_limit.pl_refcnt'),
    text: vnode('ps_textvp'),
    currentDirectory: vnode('ps_fd.fd_cdir'),
    descriptorTable: process.number('ps_fd.fd_refcnt'),
    files: openFiles(process).map((file) => file?.number('f_count')),
    addressSpace: process.number('ps_vmspace.vm_refcnt'),
    signalActions: process.number('ps_sigacts.ps_refcnt'),
    threads: process.number('ps_refcnt'),
    children: childAddresses(process),
  };
}

/** The open files of a process by descriptor; undefined where none is. */
export function openFiles(process: View): (View | undefined)[] {
  const slots = process.number('ps_fd.fd_lastfile') + 1;
  return Array.from({ length: slots }, (_, fd) =>
    process.pointer(`ps_fd.fd_ofiles[${fd}]`) === 0n ? undefined : process.at(`ps_fd.fd_ofiles[${fd}]`),
  );
}

/** The addresses of the children of a process, first to last. */
export function childAddresses(process: View): bigint[] {
  const children: bigint[] = [];
  let child = process.pointer('ps_children.lh_first');
  let link = 'ps_children.lh_first';
  while (child !== 0n) {
    children.push(child);
    link = `${link}.ps_sibling.le_next`;
    child = process.pointer(link);
  }
  return children;
}

/** All elements of a hash table of lists, bucket by bucket. */
export function* hashed(
  kernel: Kernel,
  table: string,
  mask: string,
  struct: string,
  field: string,
): Generator<View, void, undefined> {
  const heads = kernel.global(table);
  const buckets = kernel.global(mask).number() + 1;
  const first = heads.pointer();
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (kernel.memory.word(first + BigInt(bucket * POINTER_SIZE)) === 0n) continue;
    yield* listElements(heads.at(`[${bucket}]`), kernel.struct(struct), field);
  }
}

/** The addresses of structures. */
export function addressesOf(views: Iterable<View>): bigint[] {
  return [...views].map((view) => view.address);
}
