import { describe, expect, it } from 'vitest';
import type { DirtyPages } from '../../emu/cpu/index.ts';
import { StateHash } from '../../emu/machine/hash.ts';
import { PageStore } from '../../emu/machine/page-store.ts';
import { countUnsharedPages, GROUP_PAGES, PAGE_SIZE, pageAt, presentPages } from '../../emu/machine/pages.ts';

const PAGES = 8;

function ramWith(bytes: Record<number, number>): Uint8Array {
  const ram = new Uint8Array(PAGES * PAGE_SIZE);
  for (const [at, value] of Object.entries(bytes)) ram[Number(at)] = value;
  return ram;
}

/** Knows what the test says was written. */
class ListedPages implements DirtyPages {
  readonly listed = new Set<number>();

  eachDirty(visit: (page: number) => void): void {
    for (const page of this.listed) visit(page);
  }

  clear(): void {
    this.listed.clear();
  }
}

describe('the page store', () => {
  it('should keep the pages that are not all zeros', () => {
    const ram = new Uint8Array(PAGES * PAGE_SIZE);
    const store = new PageStore(ram);
    ram[3 * PAGE_SIZE + 4095] = 1;
    const pages = store.capture();
    expect(presentPages(pages).map(([page, bytes]) => [page, bytes[4095]])).toEqual([[3, 1]]);
    expect(pageAt(pages, 2)).toBeUndefined();
  });

  it('should share what has not changed, and never change what it gave out', () => {
    const ram = new Uint8Array(PAGES * PAGE_SIZE);
    const store = new PageStore(ram);
    ram[0] = 1;
    ram[PAGE_SIZE] = 2;
    const first = store.capture();
    ram[PAGE_SIZE] = 3;
    const second = store.capture();
    expect(pageAt(second, 0)).toBe(pageAt(first, 0));
    expect(pageAt(first, 1)?.[0]).toBe(2);
    expect(pageAt(second, 1)?.[0]).toBe(3);
    expect(countUnsharedPages(first, second)).toBe(1);
  });

  it('should share the lists of pages of which none has changed', () => {
    const ram = new Uint8Array(3 * GROUP_PAGES * PAGE_SIZE);
    const store = new PageStore(ram);
    const first = store.capture();
    ram[GROUP_PAGES * PAGE_SIZE] = 1;
    const second = store.capture();
    expect(second.groups.map((group, index) => group === first.groups[index])).toEqual([true, false, true]);
    expect(presentPages(second).map(([page]) => page)).toEqual([GROUP_PAGES]);
  });

  it('should look at no page that is not dirty, and at all of them when RAM was filled by another', () => {
    const ram = new Uint8Array(PAGES * PAGE_SIZE);
    const dirty = new ListedPages();
    const store = new PageStore(ram, dirty);
    ram[2 * PAGE_SIZE] = 1;
    const first = store.capture();
    expect(presentPages(first)).toEqual([]);
    store.forget();
    expect(presentPages(store.capture()).map(([page]) => page)).toEqual([2]);
    ram[3 * PAGE_SIZE] = 1;
    store.forget();
    const changed: number[] = [];
    store.restore(first, (page) => changed.push(page));
    expect(changed).toEqual([2, 3]);
    // Known again: what is written unseen from here on is not looked for.
    ram[4 * PAGE_SIZE] = 1;
    expect(presentPages(store.capture())).toEqual([]);
  });

  it.each([false, true])('should put back exactly the pages that differ (dirty pages known: %s)', (known) => {
    const ram = new Uint8Array(PAGES * PAGE_SIZE);
    const dirty = new ListedPages();
    const store = new PageStore(ram, known ? dirty : undefined);
    const write = (page: number, value: number) => {
      ram[page * PAGE_SIZE] = value;
      dirty.listed.add(page);
    };
    write(0, 1);
    write(1, 2);
    const first = store.capture();
    write(1, 3);
    write(2, 4);
    const second = store.capture();
    write(0, 9);
    write(5, 9);

    const changed: number[] = [];
    store.restore(first, (page) => changed.push(page));
    expect(changed.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 5]);
    expect(ram).toEqual(ramWith({ 0: 1, [PAGE_SIZE]: 2 }));
    changed.length = 0;
    store.restore(second, (page) => changed.push(page));
    expect(changed).toEqual([1, 2]);
    expect(ram).toEqual(ramWith({ 0: 1, [PAGE_SIZE]: 3, [2 * PAGE_SIZE]: 4 }));
  });
});

describe('the state hash', () => {
  function hashOf(ram: Uint8Array): string {
    const hash = new StateHash();
    hash.pages(ram);
    return hash.digest();
  }

  it('should change with any single bit of RAM', () => {
    const seen = new Set([hashOf(ramWith({}))]);
    let tried = 1;
    for (const at of [0, 1, 4095, 4096, 4097, 3 * PAGE_SIZE + 17, PAGES * PAGE_SIZE - 1]) {
      for (let bit = 0; bit < 8; bit++) {
        seen.add(hashOf(ramWith({ [at]: 1 << bit })));
        tried++;
      }
    }
    expect(seen.size).toBe(tried);
  });

  it('should change when pages or words change places', () => {
    const hashes = [
      { 0: 1, [PAGE_SIZE]: 2 },
      { 0: 2, [PAGE_SIZE]: 1 },
      { 0: 1, 4: 2 },
      { 0: 2, 4: 1 },
      { [PAGE_SIZE]: 1, [2 * PAGE_SIZE]: 2 },
    ].map((bytes) => hashOf(ramWith(bytes)));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('should tell numbers above 32 bits and texts apart', () => {
    const digest = (fill: (hash: StateHash) => void) => {
      const hash = new StateHash();
      fill(hash);
      return hash.digest();
    };
    expect(digest((hash) => hash.integer(2 ** 40))).not.toBe(digest((hash) => hash.integer(2 ** 41)));
    expect(digest((hash) => hash.text('ab'))).not.toBe(digest((hash) => hash.text('ba')));
    expect(digest((hash) => hash.text('a'))).toMatch(/^[0-9a-f]{16}$/);
  });
});
