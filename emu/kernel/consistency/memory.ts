import { hex } from '../hexadecimal.ts';
import type { Findings } from './findings.ts';
import { tailqMembers } from './lists.ts';
import type { Structures } from './structures.ts';

const PAGE_LISTS = ['pr_emptypages', 'pr_partpages', 'pr_fullpages'] as const;
/** What a free item of a pool holds behind its link: the low half of POOL_MAGIC (sys/pool.h). */
const MAGIC_LOW = 0xbaad_f00d;
const MAGIC_OFFSET = 8;
const PAGE_MASK = 0xfff;

/** Pools: pages on the right list, free items as many as counted, and untouched. */
export function checkPools(s: Structures, findings: Findings): void {
  for (const pool of poolsOf(s, findings)) checkPool(s, pool, findings);
}

/** All pools. */
export function poolsOf(s: Structures, findings: Findings): bigint[] {
  const link = s.field('pool', 'pr_poollist').offset;
  return tailqMembers(s, { name: 'pool_head', head: s.global('pool_head'), link }, findings);
}

/** For reports: `procpl`. */
export function poolName(s: Structures, pool: bigint): string {
  return s.constantText(s.pointer(pool, s.field('pool', 'pr_wchan')));
}

function checkPool(s: Structures, pool: bigint, findings: Findings): void {
  const field = (path: string) => s.field('pool', path);
  const perPage = s.number(pool, field('pr_itemsperpage'));
  let out = 0;
  let free = 0;
  let pages = 0;
  for (const name of PAGE_LISTS) {
    const place = {
      name: `pool ${name}`,
      head: pool + BigInt(field(name).offset),
      link: s.field('pool_page_header', 'ph_entry').offset,
    };
    for (const page of tailqMembers(s, place, findings)) {
      pages++;
      const missing = s.number(page, s.field('pool_page_header', 'ph_nmissing'));
      const items = freeItems(s, pool, page, perPage, findings);
      out += missing;
      free += items;
      const right = missing === 0 ? PAGE_LISTS[0] : missing === perPage ? PAGE_LISTS[2] : PAGE_LISTS[1];
      if (missing + items !== perPage || right !== name) {
        findings.add(
          'pool page',
          `a page of ${poolName(s, pool)} on ${name} has ${items} free of ${perPage} items, and ${missing} missing`,
        );
      }
    }
  }
  const what = (member: string): string => `${member} of ${poolName(s, pool)}`;
  findings.compare('pr_nout', what('pr_nout'), s.number(pool, field('pr_nout')), out);
  findings.compare('pr_nitems', what('pr_nitems'), s.number(pool, field('pr_nitems')), free);
  findings.compare('pr_npages', what('pr_npages'), s.number(pool, field('pr_npages')), pages);
}

function freeItems(s: Structures, pool: bigint, page: bigint, perPage: number, findings: Findings): number {
  const base = s.physical(page);
  const low = Number(page & 0xffff_f000n);
  const high = Number(page >> 32n);
  let count = 0;
  let link = base + s.field('pool_page_header', 'ph_items').offset;
  for (;;) {
    const next = s.physicalInt(link);
    const nextHigh = s.physicalInt(link + 4);
    if (next === 0 && nextHigh === 0) return count;
    const item = base + (next & PAGE_MASK);
    const inPage = nextHigh === high && (next & ~PAGE_MASK) >>> 0 === low && count <= perPage;
    if (!inPage || s.physicalInt(item + MAGIC_OFFSET) !== MAGIC_LOW) {
      findings.add(
        'pool item',
        `a free item of ${poolName(s, pool)} on the page at ${hex(page)} was written to`,
      );
      return count;
    }
    link = item;
    count++;
  }
}
