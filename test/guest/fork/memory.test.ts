import { describe, expect } from 'vitest';
import type { View } from '../../../emu/index.ts';
import {
  COPY_PAGE,
  type ForkMoment,
  type ForkScene,
  forkTest as it,
  NONE_PAGE,
  SHARE_PAGE,
  ZERO_PAGE,
} from '../support/fork-scene.ts';
import { type Mapping, mappingOf } from '../support/page-tables.ts';

const SIZES = ['vm_tsize', 'vm_dsize', 'vm_ssize', 'vm_maxsaddr', 'vm_minsaddr', 'vm_taddr', 'vm_daddr'];
const BOUNDS = ['vm_map.min_offset', 'vm_map.max_offset'];

interface BothMappings {
  readonly parent: Mapping | undefined;
  readonly child: Mapping | undefined;
}

/** Where the two have a page at a moment. */
function mappings(fork: ForkScene, moment: ForkMoment, address: bigint): BothMappings {
  fork.at(moment);
  const find = (thread: View): Mapping | undefined => {
    const root = thread.integer('p_addr.u_pcb.pcb_cr3');
    return root === 0n ? undefined : mappingOf(fork.guest.machine, root, address);
  };
  return { parent: find(fork.parentsThread), child: find(fork.childsThread) };
}

/** The first word of a page. */
function wordOf(fork: ForkScene, mapping: Mapping | undefined): number | undefined {
  const { ram } = fork.guest.machine.core.state;
  if (mapping === undefined) return undefined;
  return new DataView(ram.buffer, ram.byteOffset).getInt32(Number(mapping.page), true);
}

/** The entry of a process's map that an address belongs to. */
function entryOf(process: View, address: bigint): View | undefined {
  let path = 'ps_vmspace.vm_map.addr.tqh_first';
  while (process.pointer(path) !== 0n) {
    const entry = process.at(path);
    if (entry.integer('start') <= address && address < entry.integer('end')) return entry;
    path += '.daddrs.tqe_next';
  }
  return undefined;
}

describe('the memory of a forked process', () => {
  it('should have an address space and page tables of its own that nobody shares', ({ fork }) => {
    fork.at('parent in user mode');
    expect(fork.child.pointer('ps_vmspace')).not.toBe(fork.parent.pointer('ps_vmspace'));
    expect(fork.child.number('ps_vmspace.vm_refcnt')).toBe(1);
    expect(fork.childsThread.pointer('p_vmspace')).toBe(fork.child.pointer('ps_vmspace'));
    const pmap = 'ps_vmspace.vm_map.pmap';
    expect(fork.child.pointer(pmap)).not.toBe(fork.parent.pointer(pmap));
    expect(fork.child.number(`${pmap}.pm_count`)).toBe(1);
  });

  it('should have the bounds and sizes of the parent’s address space', ({ fork }) => {
    fork.at('parent in user mode');
    for (const name of [...BOUNDS, ...SIZES]) {
      expect([name, fork.child.integer(`ps_vmspace.${name}`)]).toEqual([
        name,
        fork.parent.integer(`ps_vmspace.${name}`),
      ]);
    }
  });

  it('should have the same private page, read-only on both sides, until one writes', ({ fork }) => {
    const before = mappings(fork, 'after thread_new', COPY_PAGE);
    expect(before.parent?.writable).toBe(true);
    expect(before.child).toBeUndefined();
    const { parent, child } = mappings(fork, 'after cpu_fork', COPY_PAGE);
    expect(parent?.page).toBe(before.parent?.page);
    expect(parent).toMatchObject({ writable: false, user: true });
    // The child may also have no mapping yet: its first access then makes one to the same page.
    expect(child ?? parent).toEqual(parent);
  });

  it('should give the child a page of its own when it writes to a private one', ({ fork }) => {
    const { parent, child } = mappings(fork, 'at exit1', COPY_PAGE);
    expect(child?.page).not.toBe(parent?.page);
    expect([wordOf(fork, parent), wordOf(fork, child)]).toEqual([1, 2]);
  });

  it('should show what the child writes to a page inherited as shared', ({ fork }) => {
    const { parent, child } = mappings(fork, 'at exit1', SHARE_PAGE);
    expect(child).toEqual(parent);
    expect(wordOf(fork, parent)).toBe(2);
  });

  it('should leave out what is not to be inherited', ({ fork }) => {
    fork.at('parent in user mode');
    expect(entryOf(fork.parent, NONE_PAGE)).toBeDefined();
    expect(entryOf(fork.child, NONE_PAGE)).toBeUndefined();
  });

  it('should have zeros where zeros are to be inherited', ({ fork }) => {
    const { parent, child } = mappings(fork, 'at exit1', ZERO_PAGE);
    expect([wordOf(fork, parent), wordOf(fork, child)]).toEqual([1, 0]);
  });

  it('should tell the program what its own eyes see', ({ fork }) => {
    fork.at('waited');
    expect(fork.guest.finish()).toContain('status 7, copied 1, shared 2, caught 0\n');
  });
});
