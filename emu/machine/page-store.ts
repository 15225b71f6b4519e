/** Bytes of a physical page. */
export const PAGE_SIZE = 4096;
const PAGE_WORDS = PAGE_SIZE / 4;

/** RAM as pages that are never changed; one that is all zeros is undefined. Snapshots share the pages they have in common. */
export type Pages = readonly (Uint8Array | undefined)[];

/** Which pages of RAM may have been written. Whoever translates stores can know; without it every page is compared. */
export interface DirtyPages {
  /** False only when no byte of the page was written since `clear`. */
  mayBeDirty(page: number): boolean;
  /** All pages count as unwritten from now on. */
  clear(): void;
}

/**
 * Takes RAM into pages and puts pages back. It remembers what RAM held the last time, so that only pages that have
 * changed are copied.
 */
export class PageStore {
  readonly #ram: Uint8Array;
  readonly #words: Uint32Array;
  readonly #dirty: DirtyPages | undefined;
  /** What RAM held at the last capture or restore. */
  #base: Pages;

  /** `ram` must be all zeros. */
  constructor(ram: Uint8Array, dirty?: DirtyPages) {
    this.#ram = ram;
    this.#words = new Uint32Array(ram.buffer, ram.byteOffset, ram.length >>> 2);
    this.#dirty = dirty;
    this.#base = new Array<undefined>(ram.length / PAGE_SIZE).fill(undefined);
  }

  /** The pages that RAM holds now. */
  capture(): Pages {
    this.#base = this.#base.map((known, page) => {
      if (!this.#changed(page, known)) return known;
      return this.#isZero(page) ? undefined : this.#ram.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
    });
    this.#dirty?.clear();
    return this.#base;
  }

  /** Puts pages back into RAM and calls `written` for each page that this changed. */
  restore(pages: Pages, written: (page: number) => void): void {
    const base = this.#base;
    for (let page = 0; page < base.length; page++) {
      const wanted = pages[page];
      const same = wanted === base[page] && !(this.#dirty?.mayBeDirty(page) ?? true);
      if (same || !this.#changed(page, wanted, false)) continue;
      const at = page * PAGE_SIZE;
      if (wanted === undefined) this.#ram.fill(0, at, at + PAGE_SIZE);
      else this.#ram.set(wanted, at);
      written(page);
    }
    this.#base = pages;
    this.#dirty?.clear();
  }

  /** Whether the page in RAM differs from `known`. */
  #changed(page: number, known: Uint8Array | undefined, trustDirty = true): boolean {
    if (trustDirty && this.#dirty !== undefined && !this.#dirty.mayBeDirty(page)) return false;
    if (known === undefined) return !this.#isZero(page);
    const words = this.#words;
    const start = page * PAGE_WORDS;
    const other = new Uint32Array(known.buffer, known.byteOffset, PAGE_WORDS);
    for (let index = 0; index < PAGE_WORDS; index++) {
      if (words[start + index] !== other[index]) return true;
    }
    return false;
  }

  #isZero(page: number): boolean {
    return isZeroPage(this.#words, page * PAGE_WORDS);
  }
}

/** Whether the page that begins at a word index is all zeros. */
export function isZeroPage(words: Uint32Array, start: number): boolean {
  const end = start + PAGE_WORDS;
  for (let at = start; at < end; at += 8) {
    const any =
      (words[at] as number) |
      (words[at + 1] as number) |
      (words[at + 2] as number) |
      (words[at + 3] as number) |
      (words[at + 4] as number) |
      (words[at + 5] as number) |
      (words[at + 6] as number) |
      (words[at + 7] as number);
    if (any !== 0) return false;
  }
  return true;
}
