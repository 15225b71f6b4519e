import type { Kernel } from '../../../../emu/index.ts';

/** A page that is mapped (Intel SDM vol. 3, 4.5: 4-level paging, 4 KiB pages). */
export interface PageTableEntry {
  readonly address: bigint;
  /** Physical address. */
  readonly page: bigint;
  readonly writable: boolean;
  readonly user: boolean;
  readonly executable: boolean;
}

export interface PageTableWalk {
  readonly entries: readonly PageTableEntry[];
  /** Entries in use by the physical address of each table, but for the root. */
  readonly tables: ReadonlyMap<bigint, number>;
}

const ENTRIES = 512;
const USER_ENTRIES_OF_ROOT = 256;
const ENTRY_SIZE = 8;
const TOP_SHIFT = 39n;
const SHIFT_OF_LEVEL = 9n;
const PAGE_SHIFT = 12n;
const PRESENT = 1n;
const WRITABLE = 2n;
const USER = 4n;
const NO_EXECUTE = 1n << 63n;
const FRAME = 0x000f_ffff_ffff_f000n;

/** All that the user half of an address space maps. */
export function userEntries(kernel: Kernel, root: bigint): PageTableWalk {
  const { ram } = kernel.machine.state;
  const memory = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  const entries: PageTableEntry[] = [];
  const tables = new Map<bigint, number>();

  const walk = (table: bigint, base: bigint, shift: bigint, limit: number): number => {
    let used = 0;
    for (let index = 0; index < limit; index++) {
      const entry = memory.getBigUint64(Number(table) + index * ENTRY_SIZE, true);
      if ((entry & PRESENT) === 0n) continue;
      used++;
      const address = base + (BigInt(index) << shift);
      const next = entry & FRAME;
      if (shift > PAGE_SHIFT) {
        tables.set(next, walk(next, address, shift - SHIFT_OF_LEVEL, ENTRIES));
      } else {
        entries.push({
          address,
          page: next,
          writable: (entry & WRITABLE) !== 0n,
          user: (entry & USER) !== 0n,
          executable: (entry & NO_EXECUTE) === 0n,
        });
      }
    }
    return used;
  };
  walk(root & FRAME, 0n, TOP_SHIFT, USER_ENTRIES_OF_ROOT);
  return { entries, tables };
}
