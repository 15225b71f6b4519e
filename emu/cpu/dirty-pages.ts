/** Which pages of RAM may have been written. Whoever translates stores can know; without it every page is compared. */
export interface DirtyPages {
  /** Calls `visit` for each page of which a byte may have been written since `clear`, in order. */
  eachDirty(visit: (page: number) => void): void;
  /** Pages count as unwritten from now on, but for those that can be written unseen. */
  clear(): void;
}

/** Flags that one word holds. */
const PAGES_IN_WORD = 4;

/** Notes pages as they are written, or as stores to them are let through unseen. */
export class DirtyPageTracker implements DirtyPages {
  /** 1 for pages that may have been written. */
  readonly #flags: Uint8Array;
  /** The same, to be looked through faster; a page beyond RAM has room and never a mark. */
  readonly #words: Uint32Array;
  readonly #eachUnseen: (mark: (page: number) => void) => void;

  /** `eachUnseen` marks the pages to which stores go unseen: they are dirty from the start. */
  constructor(pageCount: number, eachUnseen: (mark: (page: number) => void) => void) {
    this.#words = new Uint32Array(Math.ceil(pageCount / PAGES_IN_WORD));
    this.#flags = new Uint8Array(this.#words.buffer, 0, pageCount);
    this.#eachUnseen = eachUnseen;
  }

  /** A page is about to be written, or stores to it are let through. Pages beyond RAM are ignored. */
  mark(page: number): void {
    this.#flags[page] = 1;
  }

  eachDirty(visit: (page: number) => void): void {
    const words = this.#words;
    for (let index = 0; index < words.length; index++) {
      if (words[index] === 0) continue;
      const first = index * PAGES_IN_WORD;
      for (let page = first; page < first + PAGES_IN_WORD; page++) if (this.#flags[page] === 1) visit(page);
    }
  }

  clear(): void {
    this.#flags.fill(0);
    this.#eachUnseen((page) => this.mark(page));
  }
}
