import { createHash } from 'node:crypto';
import type { Machine } from '../../../emu/index.ts';
import { PTE, Structures, userPages } from '../../../emu/kernel/consistency/index.ts';

const PAGE_SIZE = 4096;

/** The user pages of the address space in use: a hash of the contents of each, by linear address. */
export function userMemory(machine: Machine): ReadonlyMap<bigint, string> {
  const { ram } = machine.core.state;
  const { pages } = userPages(new Structures(machine.kernel), Number(machine.register('cr3') & PTE.frame));
  return new Map(
    pages.map(({ address, entry }) => {
      const at = Number(entry & PTE.frame);
      return [address, hash(ram.subarray(at, at + PAGE_SIZE))];
    }),
  );
}

function hash(page: Uint8Array): string {
  return createHash('sha256').update(page).digest('base64');
}
