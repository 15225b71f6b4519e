import { createHash } from 'node:crypto';
import type { Machine } from '../../../emu/index.ts';

const PAGE_SIZE = 4096;
const ENTRIES = 512;
const ENTRY_SIZE = 8;
/** Top-level entries below this one are the user's half. */
const USER_ENTRIES = 256;
const LOWEST_LEVEL = 3;
const INDEX_BITS = 9n;
const PAGE_BITS = 12n;
const PRESENT = 1n;
const ADDRESS = 0x000f_ffff_ffff_f000n;

/** The user pages of the address space in use: a hash of the contents of each, by linear address. */
export function userMemory(machine: Machine): ReadonlyMap<bigint, string> {
  const { ram } = machine.core.state;
  const memory = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  const pages = new Map<bigint, string>();
  const walk = (table: number, level: number, base: bigint): void => {
    for (let index = 0; index < (level === 0 ? USER_ENTRIES : ENTRIES); index++) {
      const entry = memory.getBigUint64(table + index * ENTRY_SIZE, true);
      if ((entry & PRESENT) === 0n) continue;
      const at = Number(entry & ADDRESS);
      const address = (base << INDEX_BITS) | BigInt(index);
      if (level < LOWEST_LEVEL) walk(at, level + 1, address);
      else pages.set(address << PAGE_BITS, hash(ram.subarray(at, at + PAGE_SIZE)));
    }
  };
  walk(Number(machine.register('cr3') & ADDRESS), 0, 0n);
  return pages;
}

function hash(page: Uint8Array): string {
  return createHash('sha256').update(page).digest('base64');
}
