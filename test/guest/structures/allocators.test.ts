import { describe, expect } from 'vitest';
import { type Kernel, listElements } from '../../../emu/index.ts';
import { guestTest as it } from '../../../emu/vitest/index.ts';

/** machine/intr.h. */
const IPL_NONE = 0;
const IPL_VM = 10;
/** subr_pool.c: items begin at multiples of this. */
const POOL_ALIGN = 16;
/** sys/syslimits.h. */
const MAXPATHLEN = 1024;

/** The pools of structures, with the structure or the bytes of an item, and the level below which nobody may use it. */
const POOLS: Readonly<Record<string, readonly [item: string | number, level: number]>> = {
  anonpl: ['vm_anon', IPL_NONE],
  amapchunkpl: ['vm_amap_chunk', IPL_NONE],
  amappl: ['vm_amap', IPL_NONE],
  fdescpl: ['filedesc0', IPL_NONE],
  filepl: ['file', IPL_NONE],
  knotepl: ['knote', IPL_NONE],
  kqueuepl: ['kqueue', IPL_NONE],
  namei: [MAXPATHLEN, IPL_NONE],
  pgrppl: ['pgrp', IPL_NONE],
  pipepl: ['pipe', IPL_NONE],
  plimitpl: ['plimit', IPL_NONE],
  pmappl: ['pmap', IPL_NONE],
  processpl: ['process', IPL_NONE],
  procpl: ['proc', IPL_NONE],
  sessionpl: ['session', IPL_NONE],
  sigapl: ['sigacts', IPL_NONE],
  tmpfs_dirent: ['tmpfs_dirent', IPL_NONE],
  tmpfs_node: ['tmpfs_node', IPL_NONE],
  ucredpl: ['ucred', IPL_NONE],
  vmmpepl: ['vm_map_entry', IPL_VM],
  vmsppl: ['vmspace', IPL_NONE],
  vnodes: ['vnode', IPL_NONE],
  zombiepl: ['rusage', IPL_NONE],
};

const OF_MALLOC = /^kmem(\d+)$/;

/** Name, size and alignment of items and the interrupt level of all pools, by name. */
function pools(kernel: Kernel): readonly (readonly [string, number, number, number])[] {
  const all = [...listElements(kernel.global('pool_head'), kernel.struct('pool'), 'pr_poollist')];
  const found = all.map(
    (pool) =>
      [
        pool.text('pr_wchan') ?? '',
        pool.number('pr_origsize'),
        pool.number('pr_align'),
        pool.number('pr_ipl'),
      ] as const,
  );
  return found.sort(([left], [right]) => (left < right ? -1 : 1));
}

/** sys/malloc.h: the types of which something is in use at the first prompt. */
const TYPES: Readonly<Record<string, number>> = {
  M_VNODE: 34,
  M_UVMAMAP: 35,
  M_PROC: 43,
  M_TTYS: 47,
  M_TMPFS: 51,
};
/** What of M_PROC is there from the beginning: four hash tables, and what is known about root. */
const OF_PROCINIT = 5;

/** Pieces that malloc(9) has handed out of each type of which there are any. */
function inUse(kernel: Kernel): ReadonlyMap<number, number> {
  const statistics = kernel.global('kmemstats');
  const types = statistics.get();
  if (!Array.isArray(types)) throw new TypeError('kmemstats is no array');
  const counts = types.map((_, type) => [type, statistics.at(`[${type}]`).number('ks_inuse')] as const);
  return new Map(counts.filter(([, count]) => count !== 0));
}

describe('the pools of the kernel', () => {
  it('should each have items of their structure’s size, and be protected from the interrupts that use them', ({
    guest,
  }) => {
    const { kernel } = guest;
    const expected = Object.entries(POOLS).map(([name, [item, level]]) => {
      const size = typeof item === 'number' ? item : (kernel.struct(item).type.size ?? 0);
      return [name, size, POOL_ALIGN, level];
    });
    const structures = pools(kernel).filter(([name]) => !OF_MALLOC.test(name));
    expect(structures).toEqual(expected.sort(([left = ''], [right = '']) => (left < right ? -1 : 1)));
  });

  it('should be of malloc(9) for each size that it has, at the level of who allocates in interrupts', ({
    guest,
  }) => {
    const ofMalloc = pools(guest.kernel).filter(([name]) => OF_MALLOC.test(name));
    expect(ofMalloc.length).toBeGreaterThan(8);
    for (const [name, size, align, level] of ofMalloc) {
      expect([name, align, level]).toEqual([`kmem${size}`, POOL_ALIGN, IPL_VM]);
    }
  });
});

describe('malloc(9)', () => {
  it('should count what it hands out by its type: at the first prompt there are these', ({ guest }) => {
    const counts = inUse(guest.kernel);
    expect([...counts.keys()]).toEqual(Object.values(TYPES));
    expect(counts.get(TYPES.M_PROC ?? 0)).toBe(OF_PROCINIT);
  });
});
