import { type Decoder, MAX_INSTRUCTION_LENGTH } from '../decode/decoder.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import {
  addressOfPage,
  type CountedRun,
  ExecutionCounts,
  type ExecutionListener,
} from './execution-counts.ts';
import { InstructionTlb } from './instruction-tlb.ts';
import * as record from './record.ts';
import { RecordWriter } from './record-writer.ts';
import { type RunTemplate, RunTemplates } from './run-templates.ts';

/** What the cache asks of the memory management unit. */
export interface FetchUnit {
  /** Physical address of an instruction byte, or -1 with the fault recorded. */
  fetchPhysical(low: number, high: number): number;
  /** Whether the last translation was of a global page. */
  readonly isGlobal: boolean;
  /** Tells that a physical page has, or no longer has, decoded instructions: stores to it must report. */
  setCodePage(physicalPage: number, hasCode: boolean): void;
}

/** Where calls and returns are logged. */
export interface CallPoints {
  /** The number of the function that begins at a linear address; undefined when none does that is to be logged. */
  entryAt(linear: bigint): number | undefined;
  /** The number of the logged function that a RET at a linear address belongs to. */
  returnAt(linear: bigint): number | undefined;
  /** Whether the host wants to look at the guest at each entry of a function. */
  tells(functionNumber: number): boolean;
}

/** The records of one physical page under one code size. */
interface CodePage {
  readonly map: number;
  /** The number of the linear page whose breakpoints its records have. */
  linear: number;
  /** Whose code it is, for those who count executions. */
  owners: readonly number[];
  /** Each decoded run that lies in this page or reaches into it. */
  readonly runs: CodeRun[];
  /** One bit per byte of the page that an instruction occupies. */
  readonly occupied: Uint8Array;
}

/** Consecutive records; `start` is the first and `end` behind the last. */
interface CodeRun extends CountedRun {
  readonly page: CodePage;
}

const PAGE = 4096;
const NO_OWNERS: readonly number[] = [];
const PAGE_SHIFT = 12;
/** Linear pages that the high half of an address tells apart. */
const PAGES_PER_HIGH = 2 ** (32 - PAGE_SHIFT);
/** An instruction run is decoded ahead at most this far. */
const MAX_RUN = 32;
/** Room that decoding one run may need at most. */
const RUN_ROOM = (MAX_RUN + 1) * 8 * record.RECORD_SIZE;

/**
 * Decoded instructions, as records in linear memory, keyed by physical page and code size. A store to a page with records
 * turns the records it changes into lookups, so that the next instruction is always decoded from the present bytes.
 */
export class CodeCache {
  readonly #state: State;
  readonly #decoder: Decoder;
  readonly #fetch: FetchUnit;
  readonly #pages = new Map<number, CodePage>();
  readonly #freeMaps: number[] = [];
  readonly #writer: RecordWriter;
  #linearLow = 0;
  #linearHigh = 0;
  #breakpoints = new Set<bigint>();
  /** All that have been breakpoints, by the numbers that their records have; and these numbers. */
  readonly #breakpointAddresses: bigint[] = [];
  readonly #breakpointNumbers = new Map<bigint, number>();
  /** The breakpoints of the guest's own debug registers. */
  #guestBreakpoints = new Set<bigint>();
  /** The numbers of the linear pages with breakpoints. */
  #brokenPages: ReadonlySet<number> = new Set();
  readonly #templates = new RunTemplates();
  readonly #tlb: InstructionTlb;
  /** Stops the run, or passes when it has stopped there already; it takes no step. */
  readonly #breakpointHandler: number;
  /** Raises #DB, or passes; it takes no step. */
  readonly #guestBreakpointHandler: number;
  /** Log a function's entry, and its return; they take no step. */
  readonly #entryHandler: number;
  readonly #returnHandler: number;
  #callPoints: CallPoints | undefined;
  #counts: ExecutionCounts | undefined;
  readonly #holes = new Uint8Array(PAGE).fill(0xff);

  /** `undefinedFunction`: index of the out-of-line function that raises #UD and tells the host; those of breakpoints, the host's and the guest's, of segments and of the call log follow it. */
  constructor(state: State, decoder: Decoder, fetch: FetchUnit, undefinedFunction: number) {
    this.#state = state;
    this.#decoder = decoder;
    this.#fetch = fetch;
    this.#writer = new RecordWriter(state, decoder, undefinedFunction);
    this.#tlb = new InstructionTlb(state);
    this.#breakpointHandler = undefinedFunction + 1;
    this.#guestBreakpointHandler = undefinedFunction + 2;
    this.#entryHandler = undefinedFunction + 5;
    this.#returnHandler = undefinedFunction + 6;
    this.reset();
  }

  /** Drops everything. */
  reset(): void {
    this.collectCounts();
    for (const key of this.#pages.keys()) this.#fetch.setCodePage(key >>> KEY_SHIFT, false);
    this.#pages.clear();
    this.#freeMaps.length = 0;
    for (let i = layout.PAGE_MAP_COUNT - 1; i >= 0; i--) {
      this.#freeMaps.push(layout.PAGE_MAPS + i * layout.PAGE_MAP_SIZE);
    }
    this.#writer.next = layout.RECORDS;
    this.flushFetch(false);
  }

  /** Replaces the breakpoints. Decoded instructions at addresses that gain or lose one are dropped. */
  setBreakpoints(addresses: Iterable<bigint>): void {
    const old = this.#breakpoints;
    this.#breakpoints = new Set(addresses);
    this.#follow(old, this.#breakpoints);
  }

  /** Replaces the breakpoints of the guest's debug registers. */
  setGuestBreakpoints(addresses: Iterable<bigint>): void {
    const old = this.#guestBreakpoints;
    this.#guestBreakpoints = new Set(addresses);
    if (old.size > 0 || this.#guestBreakpoints.size > 0) this.#follow(old, this.#guestBreakpoints);
  }

  /** Replaces what is logged of calls. To be called between two slices: everything is decoded anew. */
  setCallPoints(points: CallPoints | undefined): void {
    this.#callPoints = points;
    this.reset();
  }

  /**
   * Tells these listeners, and no others any more, how often instructions are executed by the counting interpreter. To be called between
   * two slices: everything is decoded anew.
   */
  setExecutionListeners(listeners: readonly ExecutionListener[]): void {
    this.reset();
    this.#counts = listeners.length === 0 ? undefined : new ExecutionCounts(this.#state, [...listeners]);
  }

  /** Tells the listeners what has been counted. */
  collectCounts(): void {
    if (this.#counts === undefined) return;
    for (const page of this.#pages.values()) this.#counts.collect(page);
  }

  #follow(old: ReadonlySet<bigint>, now: ReadonlySet<bigint>): void {
    for (const address of now) if (!old.has(address)) this.#forgetInstruction(address);
    for (const address of old) if (!now.has(address)) this.#forgetInstruction(address);
    this.#brokenPages = new Set([...this.#breakpoints, ...this.#guestBreakpoints].map(pageOf));
    // Each page is looked up anew, so that one decoded for another linear page is noticed.
    this.flushFetch(false);
  }

  /** Forgets the pages with a decoded instruction where a linear address lies in its page: the records know no linear address. */
  #forgetInstruction(linear: bigint): void {
    const offset = Number(linear & 0xfffn);
    for (const [key, page] of this.#pages) {
      if (this.#state.u32[(page.map + offset * 4) >>> 2] === 0) continue;
      this.#forget(key >>> KEY_SHIFT, VARIANTS[key & KEY_MASK] as number, page);
    }
  }

  get breakpoints(): ReadonlySet<bigint> {
    return this.#breakpoints;
  }

  /** Drops the instruction TLB, but for global pages when they are kept; records stay. */
  flushFetch(keepGlobal: boolean): void {
    this.#tlb.flush(keepGlobal);
  }

  /** Drops the instruction TLB's entry of a linear page of 4 KiB. */
  flushFetchOf(low: number): void {
    this.#tlb.flushPage(low);
  }

  /** The record of the instruction at RIP, decoding it when needed; 0 with a fault recorded. Sets PAGE_BASE and fills the instruction TLB. */
  decodeAtInstructionPointer(): number {
    const { u32 } = this.#state;
    const codeSize = u32[layout.CODE_SIZE >>> 2] as number;
    const variant = u32[layout.SEGMENT_CHECKS >>> 2] === 0 ? codeSize : codeSize | CHECKED;
    if (codeSize !== 8) u32[(layout.RIP >>> 2) + 1] = 0;
    if (codeSize === 2) u32[layout.RIP >>> 2] = (u32[layout.RIP >>> 2] as number) & 0xffff;
    this.#locate(u32[layout.RIP >>> 2] as number, u32[(layout.RIP >>> 2) + 1] as number);
    const [low, high] = [this.#linearLow, this.#linearHigh];
    const physical = this.#fetch.fetchPhysical(low, high);
    if (physical < 0) return 0;
    const isGlobal = this.#fetch.isGlobal;
    // A crossing instruction may need the maps of two pages.
    if (this.#writer.next + RUN_ROOM > layout.RECORDS_END || this.#freeMaps.length < 2) this.reset();
    const physicalPage = Math.floor(physical / PAGE);
    const page = this.#pageFor(physicalPage, variant, high * PAGES_PER_HIGH + (low >>> PAGE_SHIFT));
    this.#tlb.fill(low, high, page.map, isGlobal);
    const offset = low & 0xfff;
    this.#setPageBase(offset);
    const known = u32[(page.map + offset * 4) >>> 2] as number;
    if (known !== 0) return known;
    return this.#decodeRun(page, physicalPage, offset, variant);
  }

  /** PAGE_BASE for an instruction at RIP and at an offset in its page. */
  #setPageBase(offset: number): void {
    const { u32 } = this.#state;
    const low = u32[layout.RIP >>> 2] as number;
    const borrow = low < offset ? 1 : 0;
    u32[layout.PAGE_BASE >>> 2] = low - offset;
    u32[(layout.PAGE_BASE >>> 2) + 1] = (u32[(layout.RIP >>> 2) + 1] as number) - borrow;
  }

  /** Leaves the linear address of an offset in the code segment, given by its halves, in `#linearLow` and `#linearHigh`. */
  #locate(low: number, high: number): void {
    const { u32 } = this.#state;
    const base = (layout.SEGMENTS + layout.SEGMENT_SIZE + layout.SEGMENT_BASE) >>> 2;
    const sum = low + (u32[base] as number);
    const carry = sum > 0xffff_ffff ? 1 : 0;
    this.#linearLow = sum >>> 0;
    const isLong = (u32[layout.CODE_SIZE >>> 2] as number) === 8;
    this.#linearHigh = isLong ? (high + (u32[base + 1] as number) + carry) >>> 0 : 0;
  }

  /** Linear address of the next instruction. */
  linear(): bigint {
    const base = this.#state.get64(layout.SEGMENTS + layout.SEGMENT_SIZE + layout.SEGMENT_BASE);
    const linear = BigInt.asUintN(64, this.#state.get64(layout.RIP) + base);
    return this.#state.get32(layout.CODE_SIZE) === 8 ? linear : BigInt.asUintN(32, linear);
  }

  /** Linear address of the instruction of a record on the page in progress. */
  linearOf(at: number): bigint {
    const base = this.#state.get64(layout.SEGMENTS + layout.SEGMENT_SIZE + layout.SEGMENT_BASE);
    const offset = BigInt(this.#state.u16[(at + record.OFFSET) >>> 1] as number);
    const linear = BigInt.asUintN(64, this.#state.get64(layout.PAGE_BASE) + base + offset);
    return this.#state.get32(layout.CODE_SIZE) === 8 ? linear : BigInt.asUintN(32, linear);
  }

  /** Whether a page-crossing record still stands for the bytes at its linear address; 0 when it must be decoded anew. */
  cross(at: number): number {
    const { u32 } = this.#state;
    const { generation } = this.#tlb;
    const base = layout.PAGE_BASE >>> 2;
    const known = (at + record.IMMEDIATE) >>> 2;
    if (u32[known] === u32[base] && u32[known + 1] === u32[base + 1]) {
      if (u32[(at + record.AUXILIARY) >>> 2] === generation) return 1;
      // A breakpoint and a segment's limit are looked at before the second page is fetched from: that is left to decoding.
      const isPlain = u32[layout.CODE_SIZE >>> 2] === 8 && this.#guestBreakpoints.size === 0;
      if (isPlain && this.#nextPage() === u32[(at + record.DISPLACEMENT) >>> 2]) {
        u32[(at + record.AUXILIARY) >>> 2] = generation;
        return 1;
      }
    }
    const offset = this.#state.u16[(at + record.OFFSET) >>> 1] as number;
    u32[(u32[(at + record.LINK) >>> 2] as number) >>> 2] = 0;
    this.#invalidateRun(at, offset);
    return 0;
  }

  /** Number of the physical page behind the page in progress, below 2^32; -1 with the fault recorded when fetching there faults. */
  #nextPage(): number {
    const { u32 } = this.#state;
    const low = (u32[layout.PAGE_BASE >>> 2] as number) + PAGE;
    const carry = low > 0xffff_ffff ? 1 : 0;
    this.#locate(low >>> 0, ((u32[(layout.PAGE_BASE >>> 2) + 1] as number) + carry) >>> 0);
    const physical = this.#fetch.fetchPhysical(this.#linearLow, this.#linearHigh);
    return physical < 0 ? -1 : Math.floor(physical / PAGE);
  }

  /** Turns the records from `at` to the end of its one-instruction run into lookups. */
  #invalidateRun(at: number, offset: number): void {
    const { u16 } = this.#state;
    for (
      let i = at;
      u16[(i + record.OFFSET) >>> 1] === offset && i < this.#writer.next;
      i += record.RECORD_SIZE
    ) {
      u16[(i + record.HANDLER) >>> 1] = record.HANDLER_LOOKUP;
    }
  }

  /** A store changes bytes of a page with records: what overlaps an instruction is forgotten. */
  codeWritten(physicalPage: number, offset: number, size: number): void {
    for (const variant of VARIANTS) {
      const page = this.#pages.get(pageKey(physicalPage, variant));
      if (page === undefined) continue;
      let overlaps = false;
      const end = Math.min(offset + size, PAGE);
      for (let i = offset; i < end && !overlaps; i++) {
        overlaps = ((page.occupied[i >> 3] as number) & (1 << (i & 7))) !== 0;
      }
      if (overlaps) this.#forget(physicalPage, variant, page);
    }
  }

  /** Forgets all instructions of a physical page. */
  forgetPage(physicalPage: number): void {
    for (const variant of VARIANTS) {
      const page = this.#pages.get(pageKey(physicalPage, variant));
      if (page !== undefined) this.#forget(physicalPage, variant, page);
    }
  }

  #forget(physicalPage: number, variant: number, page: CodePage): void {
    const { u16, u32 } = this.#state;
    this.#counts?.collect(page);
    for (const run of page.runs) {
      if (run.page !== page) this.#counts?.collectRun(run);
      const { map } = run.page;
      for (let at = run.start; at < run.end; at += record.RECORD_SIZE) {
        u16[(at + record.HANDLER) >>> 1] = record.HANDLER_LOOKUP;
        const offset = u16[(at + record.OFFSET) >>> 1] as number;
        if (offset < PAGE) u32[(map + offset * 4) >>> 2] = 0;
      }
    }
    this.#pages.delete(pageKey(physicalPage, variant));
    this.#freeMaps.push(page.map);
    this.#tlb.flushMap(page.map);
    if (!VARIANTS.some((one) => this.#pages.has(pageKey(physicalPage, one)))) {
      this.#fetch.setCodePage(physicalPage, false);
    }
  }

  /** The records of a physical page under a linear address: with the breakpoints that are set there, and no others. */
  #pageFor(physicalPage: number, variant: number, linear: number): CodePage {
    const known = this.#pages.get(pageKey(physicalPage, variant));
    if (known === undefined || known.linear === linear) return this.#page(physicalPage, variant, linear);
    const hasBreakpoints = this.#brokenPages.has(known.linear) || this.#brokenPages.has(linear);
    if (hasBreakpoints || this.#callPoints !== undefined) {
      this.#forget(physicalPage, variant, known);
      return this.#page(physicalPage, variant, linear);
    }
    this.#counts?.collect(known);
    known.linear = linear;
    known.owners = this.#counts?.ownersOf(linear) ?? NO_OWNERS;
    return known;
  }

  #page(physicalPage: number, variant: number, linear: number): CodePage {
    const key = pageKey(physicalPage, variant);
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    const map = this.#freeMaps.pop() as number;
    this.#state.u32.fill(0, map >>> 2, (map + layout.PAGE_MAP_SIZE) >>> 2);
    const page: CodePage = {
      map,
      linear,
      owners: this.#counts?.ownersOf(linear) ?? NO_OWNERS,
      runs: [],
      occupied: new Uint8Array(PAGE / 8),
    };
    this.#pages.set(key, page);
    this.#fetch.setCodePage(physicalPage, true);
    return page;
  }

  /** Bytes of a physical page; a hole reads as all ones. */
  #bytesOf(physicalPage: number): Uint8Array {
    const start = physicalPage * PAGE;
    const { ram } = this.#state;
    return start + PAGE <= ram.length ? ram.subarray(start, start + PAGE) : this.#holes;
  }

  /** Decodes straight-line code from `offset` until it leaves: returns the first record, or 0 with a fetch fault recorded. */
  #decodeRun(page: CodePage, physicalPage: number, offset: number, variant: number): number {
    const bytes = this.#bytesOf(physicalPage);
    // What stands between instructions belongs to addresses, and templates have none.
    const isPlain = this.#callPoints === undefined && !this.#brokenPages.has(page.linear);
    const template = isPlain ? this.#templates.find(bytes, offset, variant) : undefined;
    if (template !== undefined) return this.#copyRun(page, template);
    const codeSize = variant & ~CHECKED;
    const { u32 } = this.#state;
    const start = this.#writer.next;
    const pageLinear = addressOfPage(page.linear);
    const instructions: number[] = [];
    let at = offset;
    let isKnown = true;
    let ends = false;
    while (at < PAGE && !ends && instructions.length < 2 * MAX_RUN) {
      const isFirst = at === offset;
      if (!isFirst && u32[(page.map + at * 4) >>> 2] !== 0) break;
      const decoded = this.#decoder.decode(bytes, at, PAGE, { codeSize });
      if (!decoded && this.#decoder.failure === 'truncated') {
        if (!isFirst) break;
        return this.#decodeCrossing(page, physicalPage, offset, variant);
      }
      instructions.push(at, this.#writer.next - start);
      u32[(page.map + at * 4) >>> 2] = this.#writer.next;
      this.#emitBreakpoints(at, pageLinear + BigInt(at));
      const length = decoded ? this.#decoder.decoded.length : Math.max(1, this.#decoder.decoded.length);
      occupy(page, at, Math.min(at + length, PAGE));
      if (codeSize !== 8) this.#writer.segmentGuard(at, at + length, decoded, variant !== codeSize);
      if (!decoded) {
        this.#writer.undefinedInstruction(at);
        isKnown = false;
        break;
      }
      this.#emitCallPoints(at, pageLinear + BigInt(at));
      this.#writer.instruction(at, codeSize);
      at += length;
      ends = this.#decoder.decoded.encoding.row.ends === true;
    }
    if (isKnown && !ends) this.#writer.emit(record.HANDLER_LOOKUP, at, at);
    page.runs.push({ start, end: this.#writer.next, page });
    if (isPlain && isKnown) {
      const records = u32.slice(start >>> 2, this.#writer.next >>> 2);
      this.#templates.add(bytes, {
        offset,
        variant,
        bytes: bytes.slice(offset, at),
        records,
        instructions: Uint16Array.from(instructions),
      });
    }
    return start;
  }

  /** Writes a run that has been decoded before. Instructions that the page already has are written twice; each stands for the bytes. */
  #copyRun(page: CodePage, { offset, bytes, records, instructions }: RunTemplate): number {
    const { u32 } = this.#state;
    const start = this.#writer.next;
    for (let index = 0; index < instructions.length; index += 2) {
      const at = instructions[index] as number;
      u32[(page.map + at * 4) >>> 2] = start + (instructions[index + 1] as number);
    }
    u32.set(records, start >>> 2);
    this.#writer.next = start + 4 * records.length;
    occupy(page, offset, offset + bytes.length);
    page.runs.push({ start, end: this.#writer.next, page });
    return start;
  }

  /** An instruction that reaches into the next page: alone in its run, checked again whenever a translation may have changed. */
  #decodeCrossing(page: CodePage, physicalPage: number, offset: number, variant: number): number {
    const codeSize = variant & ~CHECKED;
    const linear = addressOfPage(page.linear) + BigInt(offset);
    const secondPage = this.#nextPage();
    if (secondPage < 0) return 0;
    const nextLinear = this.#linearHigh * PAGES_PER_HIGH + (this.#linearLow >>> PAGE_SHIFT);
    const bytes = new Uint8Array(2 * MAX_INSTRUCTION_LENGTH);
    const head = PAGE - offset;
    bytes.set(this.#bytesOf(physicalPage).subarray(offset), 0);
    bytes.set(this.#bytesOf(secondPage).subarray(0, MAX_INSTRUCTION_LENGTH), head);
    const decoded = this.#decoder.decode(bytes, 0, bytes.length, { codeSize });
    const other = this.#page(secondPage, variant, nextLinear);
    const start = this.#writer.next;
    const { u32 } = this.#state;
    const mapEntry = page.map + offset * 4;
    u32[mapEntry >>> 2] = start;
    this.#writer.emit(record.HANDLER_CROSS, offset, offset);
    u32[(start + record.AUXILIARY) >>> 2] = this.#tlb.generation;
    u32[(start + record.LINK) >>> 2] = mapEntry;
    u32[(start + record.DISPLACEMENT) >>> 2] = secondPage;
    this.#state.set64(start + record.IMMEDIATE, this.#state.get64(layout.PAGE_BASE));
    this.#emitBreakpoints(offset, linear);
    if (codeSize !== 8)
      this.#writer.segmentGuard(offset, offset + this.#decoder.decoded.length, decoded, variant !== codeSize);
    if (decoded) {
      this.#emitCallPoints(offset, linear);
      this.#writer.instruction(offset, codeSize);
    } else this.#writer.undefinedInstruction(offset);
    const length = this.#decoder.decoded.length;
    this.#writer.emit(record.HANDLER_LOOKUP, offset + length, offset + length);
    occupy(page, offset, PAGE);
    occupy(other, 0, length - head);
    const run = { start, end: this.#writer.next, page };
    page.runs.push(run);
    other.runs.push(run);
    return start;
  }

  #emitBreakpoints(offset: number, linear: bigint): void {
    if (this.#breakpoints.has(linear)) {
      const at = this.#writer.outOfLine(offset, this.#breakpointHandler);
      this.#state.u32[(at + record.LINK) >>> 2] = this.#breakpointNumber(linear);
    }
    if (this.#guestBreakpoints.has(linear)) this.#writer.outOfLine(offset, this.#guestBreakpointHandler);
  }

  #breakpointNumber(linear: bigint): number {
    const known = this.#breakpointNumbers.get(linear);
    if (known !== undefined) return known;
    const number = this.#breakpointAddresses.push(linear) - 1;
    this.#breakpointNumbers.set(linear, number);
    return number;
  }

  /** The linear address of a breakpoint's record. */
  breakpointOf(at: number): bigint {
    return this.#breakpointAddresses[this.#state.u32[(at + record.LINK) >>> 2] as number] as bigint;
  }

  /** Where a logged function begins, and before its RET. */
  #emitCallPoints(offset: number, linear: bigint): void {
    const points = this.#callPoints;
    if (points === undefined) return;
    const entered = points.entryAt(linear);
    if (entered !== undefined)
      this.#emitCallPoint(offset, this.#entryHandler, entered, points.tells(entered));
    if (this.#decoder.decoded.form.mnemonic !== 'RET') return;
    const left = points.returnAt(linear);
    if (left !== undefined) this.#emitCallPoint(offset, this.#returnHandler, left, false);
  }

  #emitCallPoint(offset: number, handler: number, functionNumber: number, tells: boolean): void {
    const { u8, u32 } = this.#state;
    const at = this.#writer.outOfLine(offset, handler);
    u32[(at + record.LINK) >>> 2] = functionNumber;
    u8[at + record.SCALE] = tells ? 1 : 0;
  }
}

/** The number of the linear page of an address. */
function pageOf(linear: bigint): number {
  return Number(linear >> BigInt(PAGE_SHIFT));
}

/** Instructions lie at these bytes of a page. */
function occupy({ occupied }: CodePage, from: number, end: number): void {
  for (let at = from; at < end; at++) occupied[at >> 3] = (occupied[at >> 3] as number) | (1 << (at & 7));
}

/** What a page's instructions are decoded for: a code size, and with CHECKED segments that must be asked. */
const CHECKED = 16;
const VARIANTS: readonly number[] = [8, 4, 2, 4 | CHECKED, 2 | CHECKED];
const KEY_SHIFT = 3;
const KEY_MASK = (1 << KEY_SHIFT) - 1;

const pageKey = (physicalPage: number, variant: number): number =>
  physicalPage * (KEY_MASK + 1) + VARIANTS.indexOf(variant);
