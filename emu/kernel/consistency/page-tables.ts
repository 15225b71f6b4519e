import type { Structures } from './structures.ts';

/** Bits of a page table's entry (Intel SDM vol. 3A, 4.5). */
export const PTE = {
  valid: 1n,
  writable: 2n,
  user: 4n,
  noExecute: 1n << 63n,
  frame: 0x000f_ffff_ffff_f000n,
} as const;

const ENTRIES = 512;
const ENTRY_SIZE = 8;
/** Slots of the top level that are user space. */
const USER_ENTRIES = 256;
const LEVEL_SHIFT = 9n;
const PAGE_SHIFT = 12n;
const LEVELS = 4;

/** What an address space maps in user space, in pages of 4 KiB: the kernel maps no others there. */
export interface UserPages {
  /** In the order of addresses. */
  readonly pages: readonly { readonly address: bigint; readonly entry: bigint }[];
  /** Entries in use of each table below the top level, by its physical address. */
  readonly tables: ReadonlyMap<number, number>;
}

/** Walks all page tables of user space as they lie in memory. `root`: physical address of the top level. */
export function userPages(s: Structures, root: number): UserPages {
  const pages: { address: bigint; entry: bigint }[] = [];
  const tables = new Map<number, number>();
  const walk = (table: number, level: number, base: bigint, entries: number): number => {
    const shift = PAGE_SHIFT + LEVEL_SHIFT * BigInt(level - 1);
    let used = 0;
    for (const index of s.occupied(table, entries)) {
      const entry = s.physicalWord(table + index * ENTRY_SIZE);
      if ((entry & PTE.valid) === 0n) continue;
      used++;
      const address = base + (BigInt(index) << shift);
      if (level === 1) pages.push({ address, entry });
      else {
        const below = Number(entry & PTE.frame);
        tables.set(below, walk(below, level - 1, address, ENTRIES));
      }
    }
    return used;
  };
  walk(root, LEVELS, 0n, USER_ENTRIES);
  return { pages, tables };
}
