import type { DirtyPages } from '../cpu/dirty-pages.ts';
import {
  GROUP_PAGES,
  isZeroPage,
  PAGE_SIZE,
  PAGE_WORDS,
  type PageGroup,
  type Pages,
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
    const groups = this.#base.groups.map((group, index) => this.#captureGroup(group, index * GROUP_PAGES));
    this.#known({ count, groups });
    return this.#base;
  }

  /** Puts pages back into RAM and calls `written` for each page that this changed. */
  restore(pages: Pages, written: (page: number) => void): void {
    pages.groups.forEach((group, index) => {
      const first = index * GROUP_PAGES;
      const base = this.#base.groups[index];
      const end = Math.min(GROUP_PAGES, pages.count - first);
      for (let at = 0; at < end; at++) {
        const page = first + at;
        const wanted = group[at];
        if (wanted === base?.[at] && !this.#mayBeDirty(page)) continue;
        if (!this.#differs(page, wanted)) continue;
        this.#put(page, wanted);
        written(page);
      }
    });
    this.#known(pages);
  }

  /** The group as it is now: the same one when none of its pages has changed. */
  #captureGroup(group: PageGroup, first: number): PageGroup {
    let changed: (Uint8Array | undefined)[] | undefined;
    const end = Math.min(GROUP_PAGES, this.#base.count - first);
    for (let at = 0; at < end; at++) {
      const page = first + at;
      if (!this.#mayBeDirty(page) || !this.#differs(page, group[at])) continue;
      changed ??= [...group];
      changed[at] = this.#isZero(page)
        ? undefined
        : this.#ram.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
    }
    return changed ?? group;
  }

  /** RAM holds these pages now. */
  #known(pages: Pages): void {
    this.#base = pages;
    this.#forgotten = false;
    this.#dirty?.clear();
  }

  #mayBeDirty(page: number): boolean {
    return this.#dirty === undefined || this.#forgotten || this.#dirty.mayBeDirty(page);
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
