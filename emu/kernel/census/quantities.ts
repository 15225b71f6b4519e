import { Findings } from '../consistency/findings.ts';
import { chains, type ListPlace, listMembers, tailqMembers } from '../consistency/lists.ts';
import { poolName, poolsOf } from '../consistency/memory.ts';
import type { Structures } from '../consistency/structures.ts';

/** Counts by name. */
export type Tally = Readonly<Record<string, number>>;

/** Processes of each real user id that the kernel has met (`ui_proccnt`). */
export function processesOfUsers(s: Structures): Tally {
  const link = s.field('uidinfo', 'ui_hash').offset;
  const users: Record<string, number> = {};
  for (const { head } of chains(s, s.word(s.global('uihashtbl')), s.word(s.global('uihash')))) {
    for (const user of listed(s, { name: 'uihash', head, link })) {
      users[s.number(user, s.field('uidinfo', 'ui_uid'))] = s.number(user, s.field('uidinfo', 'ui_proccnt'));
    }
  }
  return users;
}

/** Items that each pool has handed out, by the pool's name. */
export function poolItems(s: Structures): Tally {
  const out = s.field('pool', 'pr_nout');
  return Object.fromEntries(
    poolsOf(s, new Findings()).map((pool) => [poolName(s, pool), s.number(pool, out)]),
  );
}

/** Where pages are that no process has: free, in pools (handed out or not), wired by the kernel. */
export interface PageCounts {
  readonly free: number;
  /** Which pages a pool empties, and gives back, depends on the order of things: with the free ones they are constant. */
  readonly inPools: number;
  readonly wired: number;
}

/** Counts pages. */
export function pageCounts(s: Structures): PageCounts {
  const uvmexp = s.global('uvmexp');
  const held = s.field('pool', 'pr_npages');
  let inPools = 0;
  for (const pool of poolsOf(s, new Findings())) inPools += s.number(pool, held);
  return {
    free: s.number(uvmexp, s.field('uvmexp', 'free')),
    inPools,
    wired: s.number(uvmexp, s.field('uvmexp', 'wired')),
  };
}

/** What malloc(9) has handed out and not got back of each type. */
export function allocations(s: Structures): { readonly pieces: number; readonly bytes: number }[] {
  const size = s.sizeOf('kmemstats');
  const types = (s.kernel.image.symbols.byName('kmemstats')?.size ?? 0) / size;
  return Array.from({ length: types }, (_, type) => {
    const at = s.global('kmemstats') + BigInt(type * size);
    return {
      pieces: s.number(at, s.field('kmemstats', 'ks_inuse')),
      bytes: s.number(at, s.field('kmemstats', 'ks_memuse')),
    };
  });
}

/** A vnode of one of the file systems that are mounted. */
export interface VnodeUse {
  readonly address: bigint;
  /** VREG, VDIR, … of sys/vnode.h. */
  readonly type: number;
  /** `v_usecount`. */
  readonly users: number;
}

/** The vnodes of all file systems. */
export function vnodes(s: Structures): VnodeUse[] {
  const mounts = {
    name: 'mountlist',
    head: s.global('mountlist'),
    link: s.field('mount', 'mnt_list').offset,
  };
  const link = s.field('vnode', 'v_mntvnodes').offset;
  const type = s.field('vnode', 'v_type');
  const users = s.field('vnode', 'v_usecount');
  return tailqMembers(s, mounts, new Findings()).flatMap((mount) => {
    const head = mount + BigInt(s.field('mount', 'mnt_vnodelist').offset);
    return listed(s, { name: 'mnt_vnodelist', head, link }).map((address) => ({
      address,
      type: s.number(address, type),
      users: s.number(address, users),
    }));
  });
}

/** Timeouts that are set. */
export function timeouts(s: Structures): number {
  const link = s.field('timeout', 'to_list').offset;
  return tailqMembers(s, { name: 'timeout_due', head: s.global('timeout_due'), link }, new Findings()).length;
}

/** Who counts does not judge: broken links are for `checkConsistency` to tell. */
function listed(s: Structures, place: ListPlace): bigint[] {
  return listMembers(s, place, new Findings());
}
