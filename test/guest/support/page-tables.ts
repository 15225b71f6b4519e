import type { Machine } from '../../../emu/index.ts';

/** Where a page of an address space is. */
export interface Mapping {
  /** Physical address of the page. */
  readonly page: bigint;
  readonly writable: boolean;
  readonly user: boolean;
}

/** What a page table root maps a linear address to, as the processor walks the tables; undefined when nothing. */
export function mappingOf(machine: Machine, root: bigint, address: bigint): Mapping | undefined {
  const { inspector } = machine.cpu.system;
  // With SMAP the kernel may not read what is the user's.
  for (const user of [true, false]) {
    const found = inspector.within(root, () => inspector.translate(address, { kind: 'read', user }));
    if (found.kind === 'mapped')
      return { page: BigInt(found.physical), writable: found.writable, user: found.user };
  }
  return undefined;
}
