import type { Machine } from '../../../emu/index.ts';

/** Where a page of an address space is (Intel SDM vol. 3, 4.5: 4-level paging, 4 KiB pages). */
export interface Mapping {
  /** Physical address of the page. */
  readonly page: bigint;
  readonly writable: boolean;
  readonly user: boolean;
}

const ENTRY_SIZE = 8n;
const LEVEL_SHIFTS = [39n, 30n, 21n, 12n];
const INDEX_MASK = 0x1ffn;
const PRESENT = 1n << 0n;
const WRITABLE = 1n << 1n;
const USER = 1n << 2n;
const LARGE = 1n << 7n;
const ADDRESS = 0x000f_ffff_ffff_f000n;

/** What a page table root maps a linear address to; undefined when nothing. The kernel maps user memory in 4 KiB pages alone. */
export function mappingOf(machine: Machine, root: bigint, address: bigint): Mapping | undefined {
  const { ram } = machine.core.state;
  const memory = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  let table = root & ADDRESS;
  let rights = WRITABLE | USER;
  for (const shift of LEVEL_SHIFTS) {
    const index = (address >> shift) & INDEX_MASK;
    const entry = memory.getBigUint64(Number(table + index * ENTRY_SIZE), true);
    if ((entry & PRESENT) === 0n) return undefined;
    if (shift !== 12n && (entry & LARGE) !== 0n) throw new RangeError('a large page in a user address space');
    rights &= entry;
    table = entry & ADDRESS;
  }
  return { page: table, writable: (rights & WRITABLE) !== 0n, user: (rights & USER) !== 0n };
}
