import { describe, expect } from 'vitest';
import type { Kernel } from '../../../emu/index.ts';
import { guestTest as it } from '../../../emu/vitest/index.ts';

const PAGE_SIZE = 4096n;
const KERNBASE = 0xffff_ffff_8000_0000n;
/** uvm/uvm_page.h: what a page is used for. */
const PG_PTP = 0x1;
const PG_KMEM = 0x2;
const PG_POOL = 0x4;
const PG_KMAP = 0x8;
const PQ_FREE = 0x1_0000;
const PQ_ANON = 0x8_0000;
const USES = [PG_PTP, PG_KMEM, PG_POOL, PG_KMAP, PQ_FREE, PQ_ANON];

/** All physical pages that the kernel knows, as [address, flags]. */
function pages(kernel: Kernel): readonly (readonly [bigint, number])[] {
  const struct = kernel.struct('vm_page');
  const size = BigInt(struct.type.size ?? 0);
  const first = kernel.global('vm_pages').pointer();
  return Array.from({ length: kernel.global('vm_page_count').number() }, (_, index) => {
    const page = struct.at(first + BigInt(index) * size);
    return [page.integer('phys_addr'), page.number('pg_flags')] as const;
  });
}

describe('the pages of memory', () => {
  it('should each be of one use, and of none only what the kernel began with', ({ guest }) => {
    const { kernel, machine } = guest;
    const all = pages(kernel);
    const first = kernel.global('vm_page_first').integer() * PAGE_SIZE;
    expect(all.map(([address]) => address)).toEqual(all.map((_, index) => first + BigInt(index) * PAGE_SIZE));
    expect(
      [...new Set(all.map(([, flags]) => flags))].filter((flags) => ![0, ...USES].includes(flags)),
    ).toEqual([]);

    // The kernel's image, what it took to boot, and the table of the pages itself.
    const begin = machine.image.address('kernel_text') - KERNBASE;
    const fixed = all.filter(([, flags]) => flags === 0).map(([address]) => address);
    expect(fixed[0]).toBe(begin);
    expect(fixed.map((address) => address - begin)).toEqual(
      fixed.map((_, index) => BigInt(index) * PAGE_SIZE),
    );

    const count = (use: number): number => all.filter(([, flags]) => flags === use).length;
    const uvmexp = kernel.global('uvmexp');
    expect(count(PQ_FREE)).toBe(uvmexp.number('free'));
    expect(count(PQ_ANON)).toBe(uvmexp.number('active'));
    expect(count(PG_KMAP)).toBe(uvmexp.number('wired'));
    expect(all.length - fixed.length).toBeGreaterThanOrEqual(uvmexp.number('npages'));
  });
});
