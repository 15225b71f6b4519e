import { DirtyPageTracker } from '../dirty-pages.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';

const ENTRY_COUNT = layout.TLB_ENTRIES * 2;
const PAGE_MASK = 0xffff_f000;
const PAGE_SHIFT = 12;

/** What `DataTlb.hides` answers: tags of the page that generated code must not see. */
export const HIDE_READS = 1;
export const HIDE_WRITES = 2;

/** A tag: a page's address halves, or nothing. */
type Tag = { readonly low: number; readonly high: number } | undefined;

/**
 * The data TLBs that generated code looks into. An entry's write tag is set only where a store may go straight to RAM:
 * the page is writable, its D bit is set, it has no decoded records, and the host knows that it may be written;
 * any tag only where nobody watches the page.
 */
export class DataTlb {
  readonly #state: State;
  /** 1 for entries of global pages; indexed supervisor first, then user. */
  readonly #global = new Uint8Array(ENTRY_COUNT);
  /** The entries that may hold a translation, each once: a flush costs what was filled, not the size of the TLB. */
  readonly #filled = new Uint16Array(ENTRY_COUNT);
  #filledCount = 0;
  readonly #isFilled = new Uint8Array(ENTRY_COUNT);
  /**
   * Tags that are valid but hidden from generated code, by offset of the tag. All accesses to such a page take the slow path, which finds
   * them here: what is watched changes neither when tables are walked nor which translation is used.
   */
  readonly #hidden = new Map<number, NonNullable<Tag>>();
  /** Which tags of a page of RAM are to be hidden (HIDE_READS, HIDE_WRITES). */
  hides: (low: number, high: number, physicalPage: number) => number = () => 0;
  /** 1 for physical pages that have decoded records. */
  readonly #codePages: Uint8Array;
  /** The pages of RAM that may have been written. Those that a write tag opens are always among them. */
  readonly dirtyPages: DirtyPageTracker;

  constructor(state: State) {
    this.#state = state;
    const pageCount = state.ram.length >>> PAGE_SHIFT;
    this.#codePages = new Uint8Array(pageCount);
    this.dirtyPages = new DirtyPageTracker(pageCount, (mark) => this.#eachWritable((_, page) => mark(page)));
    for (let index = 0; index < ENTRY_COUNT; index++) this.#drop(index);
    for (let index = 0; index < layout.TLB_ENTRIES; index++) {
      const entry = layout.TLB_NONE + index * layout.TLB_ENTRY_SIZE;
      this.#invalidateTag(entry + layout.TLB_READ_TAG);
      this.#invalidateTag(entry + layout.TLB_WRITE_TAG);
    }
  }

  /** Offset of the entry that a linear page would occupy. */
  entryOf(low: number, user: boolean): number {
    const base = user ? layout.TLB_USER : layout.TLB_SUPERVISOR;
    return base + ((low >>> PAGE_SHIFT) & (layout.TLB_ENTRIES - 1)) * layout.TLB_ENTRY_SIZE;
  }

  /** Offset in the linear memory of the byte at the address when the TLB allows the access, else 0. */
  lookup(low: number, high: number, user: boolean, write: boolean): number {
    const state = this.#state;
    const entry = this.entryOf(low, user);
    const tag = entry + (write ? layout.TLB_WRITE_TAG : layout.TLB_READ_TAG);
    const page = (low & PAGE_MASK) >>> 0;
    if (state.get32(tag) !== page || state.high(tag) !== high >>> 0) {
      const hidden = this.#hidden.size === 0 ? undefined : this.#hidden.get(tag);
      if (hidden === undefined || hidden.low !== page || hidden.high !== high >>> 0) return 0;
    }
    return (low + state.get32(entry + layout.TLB_ADDEND)) >>> 0;
  }

  /** Enters the translation of a page of RAM. `writable`: writable by this privilege and dirty. */
  fill(
    low: number,
    high: number,
    user: boolean,
    physicalPage: number,
    writable: boolean,
    global: boolean,
  ): void {
    const state = this.#state;
    const entry = this.entryOf(low, user);
    const pageLow = (low & PAGE_MASK) >>> 0;
    const hidden = this.hides(pageLow, high >>> 0, physicalPage);
    this.#setTag(entry + layout.TLB_READ_TAG, pageLow, high, (hidden & HIDE_READS) !== 0);
    if (writable && this.#codePages[physicalPage >>> PAGE_SHIFT] === 0) {
      this.#setTag(entry + layout.TLB_WRITE_TAG, pageLow, high, (hidden & HIDE_WRITES) !== 0);
      this.dirtyPages.mark(physicalPage >>> PAGE_SHIFT);
    } else {
      this.#invalidateTag(entry + layout.TLB_WRITE_TAG);
    }
    state.set32(entry + layout.TLB_ADDEND, (layout.RAM + physicalPage - pageLow) >>> 0);
    const index = this.#indexOf(entry);
    this.#global[index] = global ? 1 : 0;
    if (this.#isFilled[index] === 1) return;
    this.#isFilled[index] = 1;
    this.#filled[this.#filledCount++] = index;
  }

  /** Drops every translation, or all but those of global pages. */
  flush(keepGlobal: boolean): void {
    let kept = 0;
    for (let at = 0; at < this.#filledCount; at++) {
      const index = this.#filled[at] as number;
      if (keepGlobal && this.#global[index] === 1) {
        this.#filled[kept++] = index;
        continue;
      }
      this.#drop(index);
      this.#isFilled[index] = 0;
    }
    this.#filledCount = kept;
  }

  /** Drops one page's translation, global or not. */
  invalidate(low: number): void {
    this.#drop(this.#indexOf(this.entryOf(low, false)));
    this.#drop(this.#indexOf(this.entryOf(low, true)));
  }

  /** Hides and shows tags as `hides` now says. */
  hideAgain(): void {
    const state = this.#state;
    for (let at = 0; at < this.#filledCount; at++) {
      const entry = this.#entryAt(this.#filled[at] as number);
      const read = this.#tagAt(entry + layout.TLB_READ_TAG);
      if (read === undefined) continue;
      const write = this.#tagAt(entry + layout.TLB_WRITE_TAG);
      const page = ((read.low + state.get32(entry + layout.TLB_ADDEND)) >>> 0) - layout.RAM;
      const hidden = this.hides(read.low, read.high, page);
      this.#setTag(entry + layout.TLB_READ_TAG, read.low, read.high, (hidden & HIDE_READS) !== 0);
      if (write === undefined) continue;
      this.#setTag(entry + layout.TLB_WRITE_TAG, write.low, write.high, (hidden & HIDE_WRITES) !== 0);
    }
  }

  isCodePage(frame: number): boolean {
    return this.#codePages[frame] === 1;
  }

  /** Notes whether a physical page has decoded records; when it first gets one, its aliases lose their write tags. */
  setCodePage(frame: number, hasRecords: boolean): void {
    const before = this.#codePages[frame];
    this.#codePages[frame] = hasRecords ? 1 : 0;
    if (!hasRecords || before === 1) return;
    this.#eachWritable((entry, page) => {
      if (page === frame) this.#invalidateTag(entry + layout.TLB_WRITE_TAG);
    });
  }

  /** Forgets which pages have records (they were all dropped). */
  clearCodePages(): void {
    this.#codePages.fill(0);
  }

  /** Visits the entries with a write tag, and the physical page of each. */
  #eachWritable(visit: (entry: number, page: number) => void): void {
    const state = this.#state;
    for (let at = 0; at < this.#filledCount; at++) {
      const entry = this.#entryAt(this.#filled[at] as number);
      const tag = this.#tagAt(entry + layout.TLB_WRITE_TAG);
      if (tag === undefined) continue;
      const offset = (tag.low + state.get32(entry + layout.TLB_ADDEND)) >>> 0;
      visit(entry, (offset - layout.RAM) >>> PAGE_SHIFT);
    }
  }

  #drop(index: number): void {
    const entry = this.#entryAt(index);
    this.#invalidateTag(entry + layout.TLB_READ_TAG);
    this.#invalidateTag(entry + layout.TLB_WRITE_TAG);
    this.#global[index] = 0;
  }

  #invalidateTag(tag: number): void {
    if (this.#hidden.size > 0) this.#hidden.delete(tag);
    this.#state.setPair(tag, layout.TLB_INVALID_LOW, 0);
  }

  #setTag(tag: number, low: number, high: number, hidden: boolean): void {
    this.#invalidateTag(tag);
    if (hidden) this.#hidden.set(tag, { low, high: high >>> 0 });
    else this.#state.setPair(tag, low, high);
  }

  /** A valid tag, hidden or not. */
  #tagAt(tag: number): Tag {
    const low = this.#state.get32(tag);
    if (low === layout.TLB_INVALID_LOW) return this.#hidden.get(tag);
    return { low, high: this.#state.high(tag) };
  }

  #entryAt(index: number): number {
    const half = layout.TLB_ENTRIES;
    return index < half
      ? layout.TLB_SUPERVISOR + index * layout.TLB_ENTRY_SIZE
      : layout.TLB_USER + (index - half) * layout.TLB_ENTRY_SIZE;
  }

  #indexOf(entry: number): number {
    return entry >= layout.TLB_USER
      ? layout.TLB_ENTRIES + (entry - layout.TLB_USER) / layout.TLB_ENTRY_SIZE
      : (entry - layout.TLB_SUPERVISOR) / layout.TLB_ENTRY_SIZE;
  }
}
