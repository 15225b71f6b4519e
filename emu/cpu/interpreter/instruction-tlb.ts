import * as layout from '../layout.ts';
import type { State } from '../state.ts';

const PAGE_SHIFT = 12;
const PAGE_MASK = 0xffff_f000;
const ENTRY_WORDS = layout.ITLB_ENTRY_SIZE >>> 2;
const FIRST_WORD = layout.ITLB >>> 2;
const TAG_WORD = layout.ITLB_TAG >>> 2;
const MAP_WORD = layout.ITLB_MAP >>> 2;

/** The instruction TLB that generated code looks into: from linear pages to the maps of their decoded instructions. */
export class InstructionTlb {
  readonly #state: State;
  /** 1 for entries of global pages. */
  readonly #global = new Uint8Array(layout.ITLB_ENTRIES);
  /** It never goes back, also when a restored snapshot brings an old one: records remember it. */
  #generation = 0;

  constructor(state: State) {
    this.#state = state;
  }

  /** Changes whenever a translation may have changed. */
  get generation(): number {
    return this.#generation;
  }

  /** Enters the map of a linear page for the present privilege and code size (FETCH_TAG). */
  fill(low: number, high: number, map: number, isGlobal: boolean): void {
    const { u32 } = this.#state;
    const index = indexOf(low);
    const entry = FIRST_WORD + index * ENTRY_WORDS;
    u32[entry + TAG_WORD] = ((low & PAGE_MASK) | (u32[layout.FETCH_TAG >>> 2] as number)) >>> 0;
    u32[entry + TAG_WORD + 1] = high;
    u32[entry + MAP_WORD] = map;
    this.#global[index] = isGlobal ? 1 : 0;
  }

  /** Drops every entry, or all but those of global pages. */
  flush(keepGlobal: boolean): void {
    for (let index = 0; index < layout.ITLB_ENTRIES; index++) {
      if (!keepGlobal || this.#global[index] === 0) this.#drop(index);
    }
    this.#nextGeneration();
  }

  /** Drops the entry of a linear page of 4 KiB. */
  flushPage(low: number): void {
    this.#drop(indexOf(low));
    this.#nextGeneration();
  }

  /** Drops the entries that lead to a map. */
  flushMap(map: number): void {
    const { u32 } = this.#state;
    for (let index = 0; index < layout.ITLB_ENTRIES; index++) {
      if (u32[FIRST_WORD + index * ENTRY_WORDS + MAP_WORD] === map) this.#drop(index);
    }
    this.#nextGeneration();
  }

  #drop(index: number): void {
    this.#state.u32[FIRST_WORD + index * ENTRY_WORDS + TAG_WORD] = 0;
  }

  #nextGeneration(): void {
    this.#generation++;
    this.#state.u32[layout.FETCH_GENERATION >>> 2] = this.#generation;
  }
}

function indexOf(low: number): number {
  return (low >>> PAGE_SHIFT) & (layout.ITLB_ENTRIES - 1);
}
