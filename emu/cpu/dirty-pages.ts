/** Which pages of RAM may have been written. Whoever translates stores can know; without it every page is compared. */
export interface DirtyPages {
  /** False only when no byte of the page was written since `clear`. */
  mayBeDirty(page: number): boolean;
  /** Pages count as unwritten from now on, but for those that can be written unseen. */
  clear(): void;
}

/** Notes pages as they are written, or as stores to them are let through unseen. */
export class DirtyPageTracker implements DirtyPages {
  /** 1 for pages that may have been written. */
  readonly #flags: Uint8Array;
  readonly #eachUnseen: (mark: (page: number) => void) => void;

  /** `eachUnseen` marks the pages to which stores go unseen: they are dirty from the start. */
  constructor(pageCount: number, eachUnseen: (mark: (page: number) => void) => void) {
    this.#flags = new Uint8Array(pageCount);
    this.#eachUnseen = eachUnseen;
  }

  /** A page is about to be written, or stores to it are let through. Pages beyond RAM are ignored. */
  mark(page: number): void {
    this.#flags[page] = 1;
  }

  mayBeDirty(page: number): boolean {
    return this.#flags[page] === 1;
  }

  clear(): void {
    this.#flags.fill(0);
    this.#eachUnseen((page) => this.mark(page));
  }
}
