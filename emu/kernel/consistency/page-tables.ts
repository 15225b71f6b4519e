import type { Structures } from './structures.ts';

/** Bits of a page table's entry (Intel SDM vol. 3A, 4.5). */
export const PTE = {
  valid: 1n,
  writable: 2n,
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

/** The page tables of an address space, as they lie in memory. */
export class PageTables {
  readonly #structures: Structures;
  readonly #root: number;

  /** `root`: physical address of the top level. */
  constructor(structures: Structures, root: number) {
    this.#structures = structures;
    this.#root = root;
  }

  /** The pages that are mapped in user space, by address. */
  userPages(): { readonly address: bigint; readonly entry: bigint }[] {
    const pages: { address: bigint; entry: bigint }[] = [];
    this.#walk(this.#root, LEVELS, 0n, USER_ENTRIES, pages);
    return pages;
  }

  #walk(
    table: number,
    level: number,
    base: bigint,
    entries: number,
    pages: { address: bigint; entry: bigint }[],
  ): void {
    const shift = PAGE_SHIFT + LEVEL_SHIFT * BigInt(level - 1);
    for (const index of this.#structures.occupied(table, entries)) {
      const entry = this.#structures.physicalWord(table + index * ENTRY_SIZE);
      if ((entry & PTE.valid) === 0n) continue;
      const address = base + (BigInt(index) << shift);
      if (level === 1) pages.push({ address, entry });
      else this.#walk(Number(entry & PTE.frame), level - 1, address, ENTRIES, pages);
    }
  }
}
