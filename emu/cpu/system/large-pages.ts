const PAGE_MASK = 0xffff_f000;
const SMALL_PAGE = 4096;

/** The large pages (2 MiB, 4 MiB, 1 GiB) of which the TLBs may hold pieces of 4 KiB: INVLPG of any address in one drops all of them. */
export class LargePages {
  /** By the pages' size: their numbers. */
  readonly #bySize = new Map<number, Set<number>>();

  /** A piece is about to be kept, of a page with this size, at a linear address given by its unsigned halves. */
  add(low: number, high: number, pageSize: number): void {
    if (pageSize === SMALL_PAGE) return;
    let pages = this.#bySize.get(pageSize);
    if (pages === undefined) {
      pages = new Set();
      this.#bySize.set(pageSize, pages);
    }
    pages.add(pageNumber(low, high, pageSize));
  }

  /** Whether an address lies in one. */
  has(low: number, high: number): boolean {
    for (const [size, pages] of this.#bySize) if (pages.has(pageNumber(low, high, size))) return true;
    return false;
  }

  clear(): void {
    this.#bySize.clear();
  }
}

/** Doubles hold multiples of 4 KiB below 2^64 exactly. */
function pageNumber(low: number, high: number, size: number): number {
  return Math.floor((high * 2 ** 32 + ((low & PAGE_MASK) >>> 0)) / size);
}
