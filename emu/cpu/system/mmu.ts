import type { Bus } from '../bus.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import type { SlowPaths, SystemHooks } from './contract.ts';
import { DataWatch } from './data-watch.ts';
import { generalProtection, raiseWithError, Vector } from './exception.ts';
import { LargePages } from './large-pages.ts';
import { is64BitCode, isAlignmentChecked } from './mode.ts';
import {
  ACCESS_FETCH,
  ACCESS_IMPLICIT,
  ACCESS_READ,
  ACCESS_USER,
  ACCESS_WRITE,
  PageWalker,
} from './paging.ts';
import { PhysicalMemory } from './physical.ts';
import { CR4_SMAP, EFER_LMA, isCanonical } from './registers.ts';
import { segmentAllows, Through } from './segment-checks.ts';
import { DataTlb } from './tlb.ts';

const PAGE_SIZE = 4096;
const PAGE_MASK = 0xffff_f000;
const OFFSET_MASK = 0xfff;
const USER_PRIVILEGE = 3;
const LARGEST_ALIGNMENT = 16;

/** A page-table entry is written by its physical address: no watch on linear addresses sees it (it is not canonical). */
const NO_LINEAR_ADDRESS = { low: 0, high: 0x0001_0000 } as const;

/** On whose behalf memory is accessed. */
export const Privilege = {
  /** The program at the current privilege level. */
  Current: -1,
  /** The processor's implicit access to its tables, whatever the privilege level. */
  Implicit: 0,
  /** An explicit supervisor access: a frame pushed on an inner stack. */
  Supervisor: 1,
  /** A user access. */
  User: 2,
} as const;
export type Privilege = (typeof Privilege)[keyof typeof Privilege];

/** Linear memory as instructions see it: translation, faults, page crossings and devices. */
export class Mmu implements SlowPaths {
  readonly walker: PageWalker;
  readonly tlb: DataTlb;
  readonly physical: PhysicalMemory;
  /** What is watched; the accesses that come here are told to it. */
  readonly watch: DataWatch;
  /** Unaligned view of the shared linear memory, for values at the offsets that accesses return. */
  readonly view: DataView;
  readonly #state: State;
  readonly #hooks: SystemHooks;
  readonly #largePages = new LargePages();
  /** Physical addresses and lengths of the one or two parts of the access in the bounce buffer. */
  #firstAddress = 0;
  #firstSize = 0;
  #secondAddress = 0;
  /** High half of the second part's linear address. */
  #secondHigh = 0;

  constructor(state: State, bus: Bus, hooks: SystemHooks) {
    this.#state = state;
    this.#hooks = hooks;
    this.walker = new PageWalker(state, bus);
    this.tlb = new DataTlb(state);
    this.watch = new DataWatch(
      this.tlb,
      () => hooks.instructionAddress(),
      () => hooks.endStep(),
    );
    this.physical = new PhysicalMemory(state, bus);
    this.view = new DataView(state.memory.buffer);
    this.walker.onTableWrite = (address) => {
      this.#noteStore(address, 4);
      if (this.watch.active)
        this.watch.note({ ...NO_LINEAR_ADDRESS, physical: address, size: 4 }, true, false);
    };
  }

  readSlow(low: number, high: number, size: number, through: number): number {
    if (!this.#checked(low, high >>> 0, size, through, false)) return 0;
    return this.prepareRead(low >>> 0, high >>> 0, size, Privilege.Current, through === Through.Stack);
  }

  writeSlow(low: number, high: number, size: number, through: number): number {
    if (!this.#checked(low, high >>> 0, size, through, true)) return 0;
    return this.prepareWrite(low >>> 0, high >>> 0, size, Privilege.Current, through === Through.Stack);
  }

  modifySlow(low: number, high: number, size: number, through: number): number {
    if (!this.#checked(low, high >>> 0, size, through, true)) return 0;
    const stack = through === Through.Stack;
    const offset = this.prepareWrite(low >>> 0, high >>> 0, size, Privilege.Current, stack);
    if (offset === 0) return 0;
    if (offset === layout.BOUNCE) this.#fillBounce(size);
    if (this.watch.active) this.#watched(low >>> 0, high >>> 0, size, false, Privilege.Current);
    return offset;
  }

  /** What comes before translation. False with the fault recorded. */
  #checked(low: number, high: number, size: number, through: number, write: boolean): boolean {
    if (this.#state.get32(layout.TLB_BASE) !== layout.TLB_NONE) return true;
    if (!this.isWithinSegment(low, size, through, write)) return false;
    // Eight registers at once (PUSHA, POPA) are still aligned as one.
    const many = through === Through.Stack && size >= 16 && !is64BitCode(this.#state);
    return this.isAligned(low, high, alignmentOf(many ? size / 8 : size));
  }

  /** Whether the segment of an access allows it, where that must be asked; false with the fault recorded. */
  isWithinSegment(low: number, size: number, through: number, write: boolean): boolean {
    const state = this.#state;
    return state.get32(layout.SEGMENT_CHECKS) === 0 || segmentAllows(state, through, low, size, write);
  }

  /**
   * Whether an access of the program may lie at this address; false with #AC recorded. An address that is not canonical has another
   * fault, which comes first; page faults come after.
   */
  isAligned(low: number, high: number, alignment: number): boolean {
    if ((low & (alignment - 1)) === 0 || !isAlignmentChecked(this.#state) || !isCanonical(high)) return true;
    raiseWithError(this.#state, Vector.AlignmentCheck, 0);
    return false;
  }

  commitBounce(): void {
    const state = this.#state;
    const size = state.get32(layout.BOUNCE_SIZE);
    if (size === 0) return;
    state.set32(layout.BOUNCE_SIZE, 0);
    this.physical.write(this.#firstAddress, layout.BOUNCE, this.#firstSize);
    if (this.#firstSize < size) {
      this.physical.write(this.#secondAddress, layout.BOUNCE + this.#firstSize, size - this.#firstSize);
    }
  }

  /** As `readSlow`, for the given privilege. `low` and `high` are unsigned. */
  prepareRead(low: number, high: number, size: number, privilege: Privilege, stack: boolean): number {
    const access = this.#accessBits(privilege);
    if (!this.#locate(low, high, size, access | ACCESS_READ, stack)) return 0;
    if (this.watch.active) this.#watched(low, high, size, false, privilege);
    if (this.#direct(size)) return layout.RAM + this.#firstAddress;
    this.#fillBounce(size);
    return layout.BOUNCE;
  }

  /** As `writeSlow`, for the given privilege. `low` and `high` are unsigned. */
  prepareWrite(low: number, high: number, size: number, privilege: Privilege, stack: boolean): number {
    const state = this.#state;
    state.set32(layout.BOUNCE_SIZE, 0);
    const access = this.#accessBits(privilege);
    if (!this.#locate(low, high, size, access | ACCESS_WRITE, stack)) return 0;
    if (this.watch.active) this.#watched(low, high, size, true, privilege);
    this.#noteStore(this.#firstAddress, this.#firstSize);
    if (this.#firstSize < size) this.#noteStore(this.#secondAddress, size - this.#firstSize);
    if (this.#direct(size)) return layout.RAM + this.#firstAddress;
    state.set32(layout.BOUNCE_SIZE, size);
    return layout.BOUNCE;
  }

  /** Reads a table of the processor's own at a linear address: offset of the bytes, or 0 with the fault recorded. */
  loadSystem(address: bigint, size: number): number {
    return this.prepareRead(lowHalf(address), highHalf(address), size, Privilege.Implicit, false);
  }

  /** As `loadSystem`, for writing; `commitBounce` must follow the store. */
  storeSystem(address: bigint, size: number): number {
    return this.prepareWrite(lowHalf(address), highHalf(address), size, Privilege.Implicit, false);
  }

  /** Physical address of an instruction byte, or -1 with the fault recorded. */
  fetchPhysical(low: number, high: number): number {
    const addressLow = low >>> 0;
    const addressHigh = high >>> 0;
    if (!isCanonical(addressHigh)) {
      generalProtection(this.#state);
      return -1;
    }
    const access = this.#accessBits(Privilege.Current) | ACCESS_FETCH;
    if (!this.walker.walk(addressLow, addressHigh, access, true)) {
      this.#pageFault(addressLow, addressHigh);
      return -1;
    }
    this.#largePages.add(addressLow, addressHigh, this.walker.pageSize);
    return this.walker.physicalPage + (addressLow & OFFSET_MASK);
  }

  /** Drops all translations (all but those of global pages), of data and of instructions. */
  flushAll(keepGlobal: boolean): void {
    this.flushData(keepGlobal);
    this.#hooks.flushFetch(keepGlobal);
  }

  /** Drops the translations of data alone. */
  flushData(keepGlobal: boolean): void {
    this.tlb.flush(keepGlobal);
    if (!keepGlobal) this.#largePages.clear();
  }

  /** INVLPG: drops the translation of one linear page, global or not. */
  invalidatePage(low: number, high: number): void {
    if (this.#largePages.has(low, high)) {
      // Which pieces of it are kept is not known.
      this.flushAll(false);
      return;
    }
    this.tlb.invalidate(low);
    this.#hooks.flushFetchOf(low);
  }

  #accessBits(privilege: Privilege): number {
    switch (privilege) {
      case Privilege.Implicit:
        return ACCESS_IMPLICIT;
      case Privilege.Supervisor:
        return 0;
      case Privilege.User:
        return ACCESS_USER;
      default:
        return this.#state.get32(layout.CPL) === USER_PRIVILEGE ? ACCESS_USER : 0;
    }
  }

  /** Finds the physical parts of an access. False with the fault recorded. */
  #locate(low: number, high: number, size: number, access: number, stack: boolean): boolean {
    const state = this.#state;
    const inPage = PAGE_SIZE - (low & OFFSET_MASK);
    let nextHigh = high;
    const nextLow = ((low & PAGE_MASK) + PAGE_SIZE) >>> 0;
    const crosses = size > inPage;
    if (crosses && nextLow === 0) {
      // Addresses of 64-bit code carry into the high half, those of 32-bit code wrap.
      const long = (state.get32(layout.EFER) & EFER_LMA) !== 0;
      const wraps = (access & ACCESS_IMPLICIT) === 0 && state.get32(layout.CODE_SIZE) !== 8;
      nextHigh = long && !wraps ? (high + 1) >>> 0 : high;
    }
    const nextIsCanonical = !crosses || isCanonical(nextHigh);
    if (!isCanonical(high) || (!nextIsCanonical && inPage < firstPartOf(size))) return this.#refuse(stack);
    const first = this.#translate(low, high, access);
    if (first < 0) return false;
    this.#firstAddress = first;
    this.#firstSize = crosses ? inPage : size;
    if (!crosses) return true;
    if (!nextIsCanonical) return this.#refuse(stack);
    const second = this.#translate(nextLow, nextHigh, access);
    if (second < 0) return false;
    this.#firstAddress = first;
    this.#secondAddress = second;
    this.#secondHigh = nextHigh;
    return true;
  }

  /** Records the fault of an address that is not canonical. */
  #refuse(stack: boolean): false {
    if (stack) raiseWithError(this.#state, Vector.StackFault, 0);
    else generalProtection(this.#state);
    return false;
  }

  /** Physical address, or -1 with the page fault recorded. Fills the TLB for pages of RAM. */
  #translate(low: number, high: number, access: number): number {
    const state = this.#state;
    const user = (access & ACCESS_USER) !== 0;
    const hit = this.tlb.lookup(low, high, user, (access & ACCESS_WRITE) !== 0);
    if (hit !== 0) return hit - layout.RAM;
    const walker = this.walker;
    if (!walker.walk(low, high, access, true)) {
      this.#pageFault(low, high);
      return -1;
    }
    const page = walker.physicalPage;
    // With SMAP a supervisor's right to a user page depends on RFLAGS.AC: such a translation is not kept.
    const keep = user || !walker.user || (state.get32(layout.CR4) & CR4_SMAP) === 0;
    if (keep && page < state.ram.length) {
      this.#largePages.add(low, high >>> 0, walker.pageSize);
      this.tlb.fill(low, high, user, page, walker.writable && walker.dirty, walker.global);
    }
    return page + (low & OFFSET_MASK);
  }

  /** Tells the watch about the access that `#locate` has just allowed. */
  #watched(low: number, high: number, size: number, write: boolean, privilege: Privilege): void {
    const explicit = privilege === Privilege.Current;
    const first = { low, high, physical: this.#firstAddress, size: this.#firstSize };
    this.watch.note(first, write, explicit);
    if (this.#firstSize === size) return;
    const secondLow = (low + this.#firstSize) >>> 0;
    const secondHigh = secondLow === 0 ? this.#secondHigh : high;
    const second = {
      low: secondLow,
      high: secondHigh,
      physical: this.#secondAddress,
      size: size - this.#firstSize,
    };
    this.watch.note(second, write, explicit);
  }

  #pageFault(low: number, high: number): void {
    this.#state.setPair(layout.CR2, low, high);
    raiseWithError(this.#state, Vector.PageFault, this.walker.errorCode);
  }

  #direct(size: number): boolean {
    return this.#firstSize === size && this.#firstAddress < this.#state.ram.length;
  }

  #fillBounce(size: number): void {
    this.physical.read(this.#firstAddress, layout.BOUNCE, this.#firstSize);
    if (this.#firstSize < size) {
      this.physical.read(this.#secondAddress, layout.BOUNCE + this.#firstSize, size - this.#firstSize);
    }
  }

  /** A store is about to change a page: it is dirty, and the interpreter is told when it has decoded records. */
  #noteStore(address: number, size: number): void {
    const frame = Math.floor(address / PAGE_SIZE);
    this.tlb.dirtyPages.mark(frame);
    if (!this.tlb.isCodePage(frame)) return;
    this.#hooks.codeWritten(frame * PAGE_SIZE, address & OFFSET_MASK, size);
  }
}

/**
 * The alignment that AMD's processors want of an operand when they check it, as an EPYC shows: its size, up to 16 (vectors of 32 bytes too);
 * 8 of the x87's 10 bytes; of x87 environments and far pointers that of their parts.
 */
function alignmentOf(size: number): number {
  if ((size & (size - 1)) === 0) return Math.min(size, LARGEST_ALIGNMENT);
  if (size === 10) return 8;
  return size === 6 || size % 4 === 0 ? 4 : 2;
}

/** Bytes of the x87's operands that are of no power of two, and of what AMD's processors access first of them. */
const FIRST_PARTS: Readonly<Record<number, number>> = { 10: 8, 14: 2, 28: 4 };

/**
 * How many bytes of an operand must have canonical addresses before the first of them is translated: x87 numbers and environments are
 * accessed in parts, so that a page fault of the first part comes before what is wrong with the address of the next, as an EPYC shows.
 */
function firstPartOf(size: number): number {
  return FIRST_PARTS[size] ?? size;
}

function lowHalf(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

function highHalf(value: bigint): number {
  return Number((value >> 32n) & 0xffff_ffffn);
}
