import type { Bus } from '../bus.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import {
  PAGE_FAULT_FETCH,
  PAGE_FAULT_PRESENT,
  PAGE_FAULT_RESERVED,
  PAGE_FAULT_USER,
  PAGE_FAULT_WRITE,
} from './exception.ts';
import { AC } from './flags.ts';
import {
  CR0_PG,
  CR0_WP,
  CR4_PAE,
  CR4_PGE,
  CR4_PSE,
  CR4_SMAP,
  CR4_SMEP,
  EFER_LMA,
  EFER_NXE,
  PHYSICAL_ADDRESS_BITS,
} from './registers.ts';

/** Kinds of access, at their positions in a page-fault error code. */
export const ACCESS_READ = 0;
export const ACCESS_WRITE = PAGE_FAULT_WRITE;
export const ACCESS_USER = PAGE_FAULT_USER;
export const ACCESS_FETCH = PAGE_FAULT_FETCH;
/** The processor's own access to a descriptor table, the IDT or a TSS: SMAP applies whatever RFLAGS.AC says. */
export const ACCESS_IMPLICIT = 1 << 8;

/** Bits of a page-table entry (AMD APM vol. 2, section 5.4). */
const ENTRY_PRESENT = 1 << 0;
const ENTRY_WRITABLE = 1 << 1;
const ENTRY_USER = 1 << 2;
const ENTRY_ACCESSED = 1 << 5;
const ENTRY_DIRTY = 1 << 6;
const ENTRY_LARGE = 1 << 7;
const ENTRY_GLOBAL = 1 << 8;
/** In the high half of an 8-byte entry. */
const ENTRY_HIGH_NO_EXECUTE = 1 << 31;

const FOUR_GIB = 2 ** 32;
const PAGE_MASK = 0xffff_f000;
/** The address in CR3: a page, below 2^52. */
const ROOT_MASK = 0x000f_ffff_ffff_f000n;
/** Address bits of an 8-byte entry's high half that exist, and those that must be zero up to bit 51. */
const ADDRESS_HIGH = (1 << (PHYSICAL_ADDRESS_BITS - 32)) - 1;
const RESERVED_HIGH = 0x000f_ffff & ~ADDRESS_HIGH;
/** Below a large page's address: bit 12 is PAT, the rest up to the page size must be zero. */
const RESERVED_2M = 0x001f_e000;
const RESERVED_1G = 0x3fff_e000;
const PAE_POINTERS = 4;
/** A page-directory-pointer entry of legacy PAE paging has few bits: 1, 2, 5–8 and everything above the address must be zero. */
const RESERVED_PAE_POINTER = 0x1e6;
/** A 4 MiB entry keeps physical bits 39–32 in bits 20–13 (PSE-36); bit 21 must be zero. */
const RESERVED_4M = 1 << 21;

/** The address inside a page of 2 MiB. */
const LARGE_PAGE_MASK = 0x1f_ffff;
/** What a walk by small integers cannot follow. */
const UNUSUAL = -1;

/** One entry a translation went through, for debuggers. */
export interface PageTableEntry {
  /** 4 for PML4, 3 for the page-directory-pointer table, 2 for the page directory, 1 for the page table. */
  readonly level: number;
  /** Physical address of the entry. */
  readonly address: number;
  readonly value: bigint;
}

/** Walks the page tables as CR0, CR3, CR4 and EFER say. The result of the last walk is left in the fields. */
export class PageWalker {
  readonly #state: State;
  readonly #bus: Bus;
  /** Called before A or D bits are written: physical address of the entry. */
  onTableWrite: (address: number) => void = () => {};
  /** When set, a walk notes its entries here. */
  trace: PageTableEntry[] | undefined;
  /** When set, walks of 4-level tables begin here instead of at CR3: another address space, for debuggers. */
  root: bigint | undefined;

  /** Physical address of the 4 KiB page: a multiple of 4096. */
  physicalPage = 0;
  /** Size of the page the mapping has: 4 KiB, 2 MiB, 4 MiB or 1 GiB. */
  pageSize = 0;
  /** A write by the same privilege would be allowed. */
  writable = false;
  dirty = false;
  global = false;
  user = false;
  executable = false;
  /** Error code of a walk that failed. */
  errorCode = 0;

  #entryLow = 0;
  #entryHigh = 0;
  #access = 0;
  #update = true;
  #wideEntries = false;
  /** W and U ANDed over the levels so far, NX ORed. */
  #allWritable = true;
  #allUser = true;
  #noExecute = false;

  constructor(state: State, bus: Bus) {
    this.#state = state;
    this.#bus = bus;
  }

  /**
   * Translates a canonical linear address for `access`. Sets A and D bits unless `update` is false.
   * Returns false with `errorCode` set when the access page-faults.
   */
  walk(low: number, high: number, access: number, update: boolean): boolean {
    this.#access = access;
    this.#update = update;
    this.#allWritable = true;
    this.#allUser = true;
    this.#noExecute = false;
    this.global = false;
    if ((this.#state.get32(layout.CR0) & CR0_PG) === 0) return this.#identity(low);
    if ((this.#state.get32(layout.EFER) & EFER_LMA) !== 0) return this.#walkLong(low, high);
    if ((this.#state.get32(layout.CR4) & CR4_PAE) !== 0) return this.#walkPae(low);
    return this.#walkLegacy(low);
  }

  #identity(low: number): boolean {
    this.physicalPage = (low & PAGE_MASK) >>> 0;
    this.pageSize = 4096;
    this.writable = true;
    this.dirty = true;
    this.user = true;
    this.executable = true;
    return true;
  }

  #walkLong(low: number, high: number): boolean {
    this.#wideEntries = true;
    const root =
      this.root === undefined
        ? this.#addressOf(this.#state.get32(layout.CR3), this.#state.high(layout.CR3))
        : Number(this.root & ROOT_MASK);
    const address = root + ((high >>> 7) & 0x1ff) * 8;
    if (!this.#step(address, 4)) return false;
    if ((this.#entryLow & ENTRY_LARGE) !== 0) return this.#reserved();
    return this.#walkPointers(this.#table() + (((high << 2) | (low >>> 30)) & 0x1ff) * 8, low);
  }

  /**
   * Physical address of a canonical linear one by 4-level tables, whatever the permissions; -1 when none is mapped. For debuggers: nothing
   * is set, noted or left in the fields. The address space is CR3's.
   */
  findLong(low: number, high: number): number {
    const state = this.#state;
    const noExecute = (state.get32(layout.EFER) & EFER_NXE) !== 0;
    const reserved = noExecute ? RESERVED_HIGH : RESERVED_HIGH | ENTRY_HIGH_NO_EXECUTE;
    const root = state.get32(layout.CR3) & PAGE_MASK;
    if (state.high(layout.CR3) !== 0) return this.#findFar(low, high, reserved);
    const pointers = this.#follow(root, high >>> 7, reserved);
    const directory = this.#follow(pointers, (high << 2) | (low >>> 30), reserved);
    const table = this.#follow(directory, low >>> 21, reserved);
    if (table < 0 && directory >= 0) return this.#findLarge(directory, low, high, reserved);
    const page = this.#follow(table, low >>> 12, reserved);
    // Large pages, tables beyond RAM and what is not mapped.
    return page < 0 ? this.#findFar(low, high, reserved) : page + (low & 0xfff);
  }

  /** The table or page that an entry leads to, when all is as usual: integers of 31 bits are what V8 computes with fastest. */
  #follow(table: number, index: number, reservedHigh: number): number {
    if (table < 0) return UNUSUAL;
    const { u32, ram } = this.#state;
    const address = table + (index & 0x1ff) * 8;
    if (address >= ram.length) return UNUSUAL;
    const entry = u32[(layout.RAM + address) >>> 2] as number;
    const high = u32[(layout.RAM + address + 4) >>> 2] as number;
    const isUsual = (entry & (ENTRY_PRESENT | ENTRY_LARGE)) === ENTRY_PRESENT;
    if (!isUsual || (high & (reservedHigh | ADDRESS_HIGH)) !== 0) return UNUSUAL;
    return entry & PAGE_MASK;
  }

  /** The entry of a directory is none of a table's: of a page of 2 MiB, mostly. */
  #findLarge(directory: number, low: number, high: number, reservedHigh: number): number {
    const { u32, ram } = this.#state;
    const address = directory + ((low >>> 21) & 0x1ff) * 8;
    if (address >= ram.length) return this.#findFar(low, high, reservedHigh);
    const entry = u32[(layout.RAM + address) >>> 2] as number;
    const entryHigh = u32[(layout.RAM + address + 4) >>> 2] as number;
    const kind = entry & (ENTRY_PRESENT | ENTRY_LARGE | RESERVED_2M);
    const isLarge =
      kind === (ENTRY_PRESENT | ENTRY_LARGE) && (entryHigh & (reservedHigh | ADDRESS_HIGH)) === 0;
    const page = entry & ~LARGE_PAGE_MASK;
    return isLarge && page >= 0 ? page + (low & LARGE_PAGE_MASK) : this.#findFar(low, high, reservedHigh);
  }

  #findFar(low: number, high: number, reservedHigh: number): number {
    const state = this.#state;
    let table = this.#addressOf(state.get32(layout.CR3), state.high(layout.CR3));
    for (let level = 4; level > 0; level--) {
      const shift = 3 + 9 * level;
      const index = shift < 32 ? (low >>> shift) | (high << (32 - shift)) : high >>> (shift - 32);
      const address = table + (index & 0x1ff) * 8;
      const entry = this.#read32(address);
      if ((entry & ENTRY_PRESENT) === 0) return -1;
      const entryHigh = this.#read32(address + 4);
      if ((entryHigh & reservedHigh) !== 0) return -1;
      table = this.#addressOf(entry, entryHigh);
      if (level === 1) return table + (low & 0xfff);
      if ((entry & ENTRY_LARGE) === 0) continue;
      switch (level) {
        case 2:
          return (entry & RESERVED_2M) === 0 ? table - (table % 0x20_0000) + (low & 0x1f_ffff) : -1;
        case 3:
          return (entry & RESERVED_1G) === 0 ? table - (table % 0x4000_0000) + (low & 0x3fff_ffff) : -1;
        default:
          return -1;
      }
    }
    return -1;
  }

  #walkPointers(address: number, low: number): boolean {
    if (!this.#step(address, 3)) return false;
    if ((this.#entryLow & ENTRY_LARGE) !== 0) {
      if ((this.#entryLow & RESERVED_1G) !== 0) return this.#reserved();
      const base = this.#table() - (this.#table() % 0x4000_0000);
      return this.#finish(address, base + (low & 0x3fff_f000), 0x4000_0000);
    }
    return this.#walkDirectory(this.#table() + ((low >>> 21) & 0x1ff) * 8, low);
  }

  #walkDirectory(address: number, low: number): boolean {
    if (!this.#step(address, 2)) return false;
    if ((this.#entryLow & ENTRY_LARGE) !== 0) {
      if ((this.#entryLow & RESERVED_2M) !== 0) return this.#reserved();
      const base = this.#table() - (this.#table() % 0x20_0000);
      return this.#finish(address, base + (low & 0x1f_f000), 0x20_0000);
    }
    const last = this.#table() + ((low >>> 12) & 0x1ff) * 8;
    if (!this.#step(last, 1)) return false;
    return this.#finish(last, this.#table(), 4096);
  }

  #walkPae(low: number): boolean {
    this.#wideEntries = true;
    const root = (this.#state.get32(layout.CR3) & ~0x1f) >>> 0;
    const address = root + (low >>> 30) * 8;
    this.#readEntry(address, 3);
    if ((this.#entryLow & ENTRY_PRESENT) === 0) return this.#fault(0);
    const reservedHigh = this.#entryHigh & ~ADDRESS_HIGH;
    if ((this.#entryLow & RESERVED_PAE_POINTER) !== 0 || reservedHigh !== 0) return this.#reserved();
    return this.#walkDirectory(this.#table() + ((low >>> 21) & 0x1ff) * 8, low);
  }

  /**
   * Whether the four page-directory-pointer entries that legacy PAE paging finds through a CR3 have no reserved bit set: MOV to CR0, CR3
   * and CR4 asks (AMD APM vol. 3, MOV CRn).
   */
  hasValidPointers(control3: number): boolean {
    const root = (control3 & ~0x1f) >>> 0;
    for (let index = 0; index < PAE_POINTERS; index++) {
      const low = this.#read32(root + index * 8);
      const high = this.#read32(root + index * 8 + 4);
      if ((low & ENTRY_PRESENT) === 0) continue;
      if ((low & RESERVED_PAE_POINTER) !== 0 || (high & ~ADDRESS_HIGH) !== 0) return false;
    }
    return true;
  }

  #walkLegacy(low: number): boolean {
    this.#wideEntries = false;
    const root = (this.#state.get32(layout.CR3) & PAGE_MASK) >>> 0;
    const address = root + (low >>> 22) * 4;
    if (!this.#step(address, 2)) return false;
    const entry = this.#entryLow;
    const pageSizeExtensions = (this.#state.get32(layout.CR4) & CR4_PSE) !== 0;
    if ((entry & ENTRY_LARGE) !== 0 && pageSizeExtensions) {
      if ((entry & RESERVED_4M) !== 0) return this.#reserved();
      const base = ((entry & 0xffc0_0000) >>> 0) + ((entry >>> 13) & 0xff) * FOUR_GIB;
      return this.#finish(address, base + (low & 0x3f_f000), 0x40_0000);
    }
    const last = this.#table() + ((low >>> 12) & 0x3ff) * 4;
    if (!this.#step(last, 1)) return false;
    return this.#finish(last, this.#table(), 4096);
  }

  /** Reads one level's entry, checks it and gathers its permissions. A table's A bit is set here, a leaf's in `#finish`. */
  #step(address: number, level: number): boolean {
    this.#readEntry(address, level);
    const entry = this.#entryLow;
    if ((entry & ENTRY_PRESENT) === 0) return this.#fault(0);
    if (this.#wideEntries) {
      const high = this.#entryHigh;
      if ((high & RESERVED_HIGH) !== 0) return this.#reserved();
      if ((high & ENTRY_HIGH_NO_EXECUTE) !== 0) {
        if ((this.#state.get32(layout.EFER) & EFER_NXE) === 0) return this.#reserved();
        this.#noExecute = true;
      }
    }
    if ((entry & ENTRY_WRITABLE) === 0) this.#allWritable = false;
    if ((entry & ENTRY_USER) === 0) this.#allUser = false;
    const leaf = level === 1 || ((entry & ENTRY_LARGE) !== 0 && (level < 3 || this.#wideEntries));
    if (!leaf) this.#setBits(address, ENTRY_ACCESSED);
    return true;
  }

  /** Checks the gathered permissions against the access and sets the leaf's A and D bits. */
  #finish(address: number, physicalPage: number, pageSize: number): boolean {
    const state = this.#state;
    const access = this.#access;
    const control4 = state.get32(layout.CR4);
    const userAccess = (access & ACCESS_USER) !== 0;
    this.user = this.#allUser;
    this.executable = !this.#noExecute;
    this.writable = this.#allWritable || (!userAccess && (state.get32(layout.CR0) & CR0_WP) === 0);

    if (userAccess && !this.user) return this.#fault(PAGE_FAULT_PRESENT);
    if ((access & ACCESS_FETCH) !== 0) {
      if (this.#noExecute) return this.#fault(PAGE_FAULT_PRESENT);
      if (!userAccess && this.user && (control4 & CR4_SMEP) !== 0) return this.#fault(PAGE_FAULT_PRESENT);
    } else if (!userAccess && this.user && (control4 & CR4_SMAP) !== 0) {
      const allowed = (state.get32(layout.RFLAGS_SYSTEM) & AC) !== 0 && (access & ACCESS_IMPLICIT) === 0;
      if (!allowed) return this.#fault(PAGE_FAULT_PRESENT);
    }
    if ((access & ACCESS_WRITE) !== 0 && !this.writable) return this.#fault(PAGE_FAULT_PRESENT);

    const bits = (access & ACCESS_WRITE) !== 0 ? ENTRY_ACCESSED | ENTRY_DIRTY : ENTRY_ACCESSED;
    this.dirty = ((this.#entryLow | bits) & ENTRY_DIRTY) !== 0;
    this.global = (this.#entryLow & ENTRY_GLOBAL) !== 0 && (control4 & CR4_PGE) !== 0;
    this.#setBits(address, bits);
    this.physicalPage = physicalPage;
    this.pageSize = pageSize;
    return true;
  }

  #fault(code: number): boolean {
    let error = code | (this.#access & (PAGE_FAULT_WRITE | PAGE_FAULT_USER));
    if ((this.#access & ACCESS_FETCH) !== 0) {
      const state = this.#state;
      const noExecute = this.#wideEntries && (state.get32(layout.EFER) & EFER_NXE) !== 0;
      if (noExecute || (state.get32(layout.CR4) & CR4_SMEP) !== 0) error |= PAGE_FAULT_FETCH;
    }
    this.errorCode = error;
    return false;
  }

  #reserved(): boolean {
    return this.#fault(PAGE_FAULT_PRESENT | PAGE_FAULT_RESERVED);
  }

  /** The physical address in the entry just read. */
  #table(): number {
    return this.#addressOf(this.#entryLow, this.#wideEntries ? this.#entryHigh : 0);
  }

  #addressOf(low: number, high: number): number {
    return ((low & PAGE_MASK) >>> 0) + (high & ADDRESS_HIGH) * FOUR_GIB;
  }

  #readEntry(address: number, level: number): void {
    this.#entryLow = this.#read32(address);
    this.#entryHigh = this.#wideEntries ? this.#read32(address + 4) : 0;
    if (this.trace === undefined) return;
    const value = (BigInt(this.#entryHigh) << 32n) | BigInt(this.#entryLow);
    this.trace.push({ level, address, value });
  }

  #read32(address: number): number {
    const state = this.#state;
    if (address < state.ram.length) return state.get32(layout.RAM + address);
    return this.#bus.memoryRead(address, 4) >>> 0;
  }

  #setBits(address: number, bits: number): void {
    if (!this.#update || (this.#entryLow & bits) === bits) return;
    this.#entryLow |= bits;
    const state = this.#state;
    if (address < state.ram.length) {
      this.onTableWrite(address);
      state.set32(layout.RAM + address, this.#entryLow);
    } else {
      this.#bus.memoryWrite(address, 4, this.#entryLow >>> 0);
    }
  }
}
