import type { DataTlb } from './tlb.ts';
import { HIDE_READS, HIDE_WRITES } from './tlb.ts';

const PAGE_SHIFT = 12;
const PAGE_SHIFT_BIG = 12n;
/** A page number from the two halves of an address: below 2^52. */
const PAGES_IN_HIGH_UNIT = 2 ** 20;

/** What the host wants to see: accesses of one kind, or of both. */
export type WatchedAccess = 'read' | 'write' | 'access';

/** Memory that the host watches. */
export interface WatchedRange {
  /** Whether `address` is a linear address (in whatever address space) or a physical one. */
  readonly space: 'linear' | 'physical';
  readonly address: bigint;
  /** Bytes, at least 1. */
  readonly length: number;
  readonly access: WatchedAccess;
}

/** An access that met a watched range. A read-modify-write is a read and a write. */
export interface WatchHit {
  readonly range: WatchedRange;
  readonly kind: 'read' | 'write';
  /** The access's first byte, in the range's space; of an access across a page, the part that met the range. */
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
  /** Linear address of the instruction that made it, or that was interrupted by the event whose delivery made it. */
  readonly instruction: bigint;
}

/** A data breakpoint of the guest's debug registers. */
export interface DataBreakpoint {
  /** Its bit in DR6. */
  readonly bit: number;
  /** Linear address, aligned to the length. */
  readonly address: bigint;
  readonly length: number;
  readonly writesOnly: boolean;
}

/** One page's worth of an access: where its bytes are. */
export interface AccessPart {
  readonly low: number;
  readonly high: number;
  readonly physical: number;
  readonly size: number;
}

interface Watched {
  readonly firstPage: number;
  readonly lastPage: number;
  readonly physical: boolean;
  readonly start: bigint;
  readonly end: bigint;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly range: WatchedRange | undefined;
  readonly bit: number;
}

/**
 * Watched memory: the host's ranges and the guest's data breakpoints. The tags of watched pages are hidden from generated code, so that
 * each access to them comes here through the slow path, and others pay nothing.
 */
export class DataWatch {
  readonly #tlb: DataTlb;
  readonly #instruction: () => bigint;
  readonly #endStep: () => void;
  #host: Watched[] = [];
  #guest: Watched[] = [];
  #all: readonly Watched[] = [];
  #hits: WatchHit[] = [];
  #guestHits = 0;

  /** `instruction`: address of the one in progress; `endStep` makes the run look at the hits after it. */
  constructor(tlb: DataTlb, instruction: () => bigint, endStep: () => void) {
    this.#tlb = tlb;
    this.#instruction = instruction;
    this.#endStep = endStep;
    tlb.hides = (low, high, physical) => this.#hides(low, high, physical);
  }

  /** False when nothing is watched: then there is nothing to note. */
  get active(): boolean {
    return this.#all.length > 0;
  }

  /** Replaces what the host watches. */
  setRanges(ranges: Iterable<WatchedRange>): void {
    this.#host = Array.from(ranges, (range) => ({
      ...placed(range.address, range.length),
      physical: range.space === 'physical',
      reads: range.access !== 'write',
      writes: range.access !== 'read',
      range,
      bit: 0,
    }));
    this.#changed();
  }

  /** Replaces the guest's data breakpoints. */
  setBreakpoints(breakpoints: readonly DataBreakpoint[]): void {
    if (breakpoints.length === 0 && this.#guest.length === 0) return;
    this.#guest = breakpoints.map(({ bit, address, length, writesOnly }) => ({
      ...placed(address, length),
      physical: false,
      reads: !writesOnly,
      writes: true,
      range: undefined,
      bit,
    }));
    this.#changed();
  }

  /** Looks at an access that may go ahead. `explicit`: the program's own, which alone the guest's breakpoints see. */
  note(part: AccessPart, write: boolean, explicit: boolean): void {
    const linearPage = pageOf(part.low, part.high);
    const physicalPage = Math.floor(part.physical / 2 ** PAGE_SHIFT);
    for (const watched of this.#all) {
      const page = watched.physical ? physicalPage : linearPage;
      if (page < watched.firstPage || page > watched.lastPage) continue;
      if (!(write ? watched.writes : watched.reads)) continue;
      const address = watched.physical
        ? BigInt(part.physical)
        : (BigInt(part.high) << 32n) | BigInt(part.low);
      if (address >= watched.end || address + BigInt(part.size) <= watched.start) continue;
      this.#hit(watched, address, part.size, write, explicit);
    }
  }

  /** A port of the guest's I/O breakpoints was accessed. */
  noteGuestHits(bits: number): void {
    if (bits === 0) return;
    this.#guestHits |= bits;
    this.#endStep();
  }

  /** What the host saw in the step just taken. */
  get hits(): readonly WatchHit[] {
    return this.#hits;
  }

  /** Bits of DR6 for what the guest's breakpoints saw; they are forgotten then. */
  takeGuestHits(): number {
    const bits = this.#guestHits;
    this.#guestHits = 0;
    return bits;
  }

  /** The instruction did not complete, or a new step begins. */
  forgetHits(): void {
    this.#guestHits = 0;
    if (this.#hits.length > 0) this.#hits = [];
  }

  #hit({ range, bit }: Watched, address: bigint, size: number, write: boolean, explicit: boolean): void {
    if (range === undefined) {
      if (!explicit) return;
      this.#guestHits |= bit;
    } else {
      const kind = write ? 'write' : 'read';
      // A frame is probed before it is written: the same access comes here more than once.
      const known = this.#hits.some((hit) => hit.range === range && hit.kind === kind);
      if (!known) this.#hits.push({ range, kind, address, size, instruction: this.#instruction() });
    }
    this.#endStep();
  }

  #changed(): void {
    this.#all = [...this.#host, ...this.#guest];
    this.#tlb.hideAgain();
  }

  /** Which tags of a page generated code must not see. A read-modify-write looks at the write tag alone. */
  #hides(low: number, high: number, physical: number): number {
    let hidden = 0;
    const linearPage = pageOf(low, high);
    const physicalPage = physical >>> PAGE_SHIFT;
    for (const watched of this.#all) {
      const page = watched.physical ? physicalPage : linearPage;
      if (page < watched.firstPage || page > watched.lastPage) continue;
      hidden |= watched.reads ? HIDE_READS | HIDE_WRITES : HIDE_WRITES;
    }
    return hidden;
  }
}

function pageOf(low: number, high: number): number {
  return high * PAGES_IN_HIGH_UNIT + (low >>> PAGE_SHIFT);
}

function placed(address: bigint, length: number): Pick<Watched, 'firstPage' | 'lastPage' | 'start' | 'end'> {
  const end = address + BigInt(length);
  return {
    start: address,
    end,
    firstPage: Number(address >> PAGE_SHIFT_BIG),
    lastPage: Number((end - 1n) >> PAGE_SHIFT_BIG),
  };
}
