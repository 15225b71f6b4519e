import { describe, expect, it } from 'vitest';
import { StateHash } from '../../emu/machine/hash.ts';
import { type DirtyPages, PAGE_SIZE, PageStore } from '../../emu/machine/page-store.ts';

const PAGES = 8;

function ramWith(bytes: Record<number, number>): Uint8Array {
  const ram = new Uint8Array(PAGES * PAGE_SIZE);
  for (const [at, value] of Object.entries(bytes)) ram[Number(at)] = value;
  return ram;
}

/** Knows what the test says was written. */
class ListedPages implements DirtyPages {
  readonly listed = new Set<number>();

  mayBeDirty(page: number): boolean {
    return this.listed.has(page);
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
    expect(pages.map((page) => page?.[4095])).toEqual([
      undefined,
      undefined,
      undefined,
      1,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('should share what has not changed, and never change what it gave out', () => {
    const ram = new Uint8Array(PAGES * PAGE_SIZE);
    const store = new PageStore(ram);
    ram[0] = 1;
    ram[PAGE_SIZE] = 2;
    const first = store.capture();
    ram[PAGE_SIZE] = 3;
    const second = store.capture();
    expect(second[0]).toBe(first[0]);
    expect(first[1]?.[0]).toBe(2);
    expect(second[1]?.[0]).toBe(3);
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
    expect(changed).toEqual([0, 1, 2, 5]);
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
