import type { DirtyPages } from '../cpu/dirty-pages.ts';
import {
  GROUP_PAGES,
  isZeroPage,
  PAGE_SIZE,
  PAGE_WORDS,
  type PageGroup,
  type Pages,
  pageAt,
  zeroPages,
} from './pages.ts';

/**
 * Takes RAM into pages and puts pages back. It remembers what RAM held the last time, so that only pages that have
 * changed are copied, and only those that may have been written since are looked at.
 */
export class PageStore {
  readonly #ram: Uint8Array;
  readonly #words: Uint32Array;
  readonly #dirty: DirtyPages | undefined;
  /** What RAM held at the last capture or restore. */
  #base: Pages;
  /** RAM was written past the dirty pages since then: any page may have changed. */
  #forgotten = false;

  /** `ram` must be all zeros and no page dirty. */
  constructor(ram: Uint8Array, dirty?: DirtyPages) {
    this.#ram = ram;
    this.#words = new Uint32Array(ram.buffer, ram.byteOffset, ram.length >>> 2);
    this.#dirty = dirty;
    this.#base = zeroPages(ram.length / PAGE_SIZE);
  }

  /** RAM has been filled by someone who tells the dirty pages nothing: the next capture or restore looks at all of it. */
  forget(): void {
    this.#forgotten = true;
  }

  /** The pages that RAM holds now. */
  capture(): Pages {
    const { count } = this.#base;
    const groups = [...this.#base.groups];
    const copies = new Map<number, (Uint8Array | undefined)[]>();
    this.#eachSuspect((page) => {
      const index = Math.floor(page / GROUP_PAGES);
      const at = page % GROUP_PAGES;
      if (!this.#differs(page, groups[index]?.[at])) return;
      let copy = copies.get(index);
      if (copy === undefined) {
        copy = [...(groups[index] as PageGroup)];
        copies.set(index, copy);
        groups[index] = copy;
      }
      copy[at] = this.#isZero(page) ? undefined : this.#ram.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
    });
    this.#known({ count, groups });
    return this.#base;
  }

  /** Puts pages back into RAM and calls `written` for each page that this changed. */
  restore(pages: Pages, written: (page: number) => void): void {
    const put = (page: number, wanted: Uint8Array | undefined): void => {
      if (!this.#differs(page, wanted)) return;
      this.#put(page, wanted);
      written(page);
    };
    this.#eachSuspect((page) => {
      put(page, pageAt(pages, page));
    });
    // Pages that nobody has written are other pages now when the two moments do not share them.
    pages.groups.forEach((group, index) => {
      const base = this.#base.groups[index];
      if (group === base) return;
      const first = index * GROUP_PAGES;
      const end = Math.min(GROUP_PAGES, pages.count - first);
      for (let at = 0; at < end; at++) if (group[at] !== base?.[at]) put(first + at, group[at]);
    });
    this.#known(pages);
  }

  /** Calls `visit` for each page that may have been written since the last capture or restore. */
  #eachSuspect(visit: (page: number) => void): void {
    if (this.#dirty !== undefined && !this.#forgotten) {
      this.#dirty.eachDirty(visit);
      return;
    }
    for (let page = 0; page < this.#base.count; page++) visit(page);
  }

  /** RAM holds these pages now. */
  #known(pages: Pages): void {
    this.#base = pages;
    this.#forgotten = false;
    this.#dirty?.clear();
  }

  #put(page: number, bytes: Uint8Array | undefined): void {
    const at = page * PAGE_SIZE;
    if (bytes === undefined) this.#ram.fill(0, at, at + PAGE_SIZE);
    else this.#ram.set(bytes, at);
  }

  /** Whether the page in RAM holds other bytes. */
  #differs(page: number, bytes: Uint8Array | undefined): boolean {
    if (bytes === undefined) return !this.#isZero(page);
    const words = this.#words;
    const start = page * PAGE_WORDS;
    const other = new Uint32Array(bytes.buffer, bytes.byteOffset, PAGE_WORDS);
    for (let index = 0; index < PAGE_WORDS; index++) {
      if (words[start + index] !== other[index]) return true;
    }
    return false;
  }

  #isZero(page: number): boolean {
    return isZeroPage(this.#words, page * PAGE_WORDS);
  }
}
