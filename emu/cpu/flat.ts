import type { Bus } from './bus.ts';
import { Cpu } from './cpu.ts';
import * as layout from './layout.ts';
import { CS, DS, ES, FS, GS, SS, State, TR } from './state.ts';
import {
  ATTRIBUTE_ACCESSED,
  ATTRIBUTE_DPL_SHIFT,
  ATTRIBUTE_PRESENT,
  ATTRIBUTE_UNUSABLE,
  FLAT_CODE_32,
  FLAT_CODE_64,
  FLAT_DATA,
  FLAT_LIMIT,
  SystemType,
} from './system/descriptor.ts';
import { Vector } from './system/exception.ts';
import { ALL, IF, readFlags, writeFlags } from './system/flags.ts';
import { setPrivilege, updateMode } from './system/mode.ts';
import { CR0_AM, CR4_FSGSBASE, CR4_OSXSAVE, XCR0_SSE, XCR0_X87 } from './system/registers.ts';
import { setFlat64 } from './system/reset.ts';

const PAGE_SIZE = 4096;
const DEFAULT_RAM_SIZE = 2 * 1024 * 1024;

/** Page-table entry bits (AMD APM vol. 2, section 5.4). */
const PTE_PRESENT = 1n;
const PTE_WRITABLE = 2n;
const PTE_USER = 4n;
const PTE_NO_EXECUTE = 1n << 63n;
const PTE_FRAME = 0x000f_ffff_ffff_f000n;
const TABLE_ENTRY = PTE_PRESENT | PTE_WRITABLE | PTE_USER;
const LEVEL_SHIFTS = [39n, 30n, 21n, 12n] as const;

/** Linear addresses of the machine's own pages, which only ring 0 reaches. */
const SYSTEM = 0xffff_fe00_0000_0000n;
const GDT_PAGE = SYSTEM;
const IDT_PAGE = SYSTEM + 0x1000n;
const TSS_PAGE = SYSTEM + 0x2000n;
const HANDLER_PAGE = SYSTEM + 0x3000n;
const STACK_PAGE = SYSTEM + 0x4000n;
const SYSTEM_PAGES = 5;
const STACK_TOP = STACK_PAGE + BigInt(PAGE_SIZE);

/** The selectors that 64-bit Linux has, so that code which looks at them sees what it sees on a host. */
const KERNEL_CODE = 0x10;
const KERNEL_DATA = 0x18;
const USER_CODE_32 = 0x23;
const USER_DATA = 0x2b;
const USER_CODE = 0x33;
const TSS_SELECTOR = 0x40;
const GDT_ENTRIES = 10;
const USER_PRIVILEGE = 3;

const GATES = 256;
const GATE_SIZE = 16;
const TSS_IST1 = 0x24;
const TSS_LIMIT = 0x67;
const HLT = 0xf4;
/** Gates that INT n may use from ring 3. */
const USER_GATES: readonly number[] = [Vector.Breakpoint, Vector.Overflow];
/** Exceptions that push an error code (AMD APM vol. 2, section 8.2). */
const WITH_ERROR_CODE: readonly number[] = [8, 10, 11, 12, 13, 14, 17, 21, 29, 30];

const RSP = layout.GPR + 4 * 8;
const REGISTER_COUNT = 16;

/** What a mapping allows; nothing given: ring 0 may read. */
export interface FlatPermissions {
  readonly writable?: boolean;
  readonly user?: boolean;
  readonly executable?: boolean;
}

/** An exception that ended a run. */
export interface FlatFault {
  readonly vector: number;
  /** Zero for an exception that has none. */
  readonly errorCode: number;
  /** CR2 of a page fault. */
  readonly address?: bigint;
}

/** Why a run ended. */
export type FlatOutcome =
  /** The next instruction is at `until`. */
  | { readonly reason: 'until' }
  | { readonly reason: 'fault'; readonly fault: FlatFault }
  /** HLT of the code's own, in ring 0. */
  | { readonly reason: 'halted' }
  | { readonly reason: 'budget' }
  /** An exception could not be delivered: the machine's own pages were overwritten. */
  | { readonly reason: 'shutdown' };

/** A port or address that nobody answers. */
const NOTHING = 0xffff_ffff;
const emptyBus: Bus = {
  portRead: (_port, size) => (size === 4 ? NOTHING : NOTHING >>> (32 - 8 * size)),
  portWrite: () => {},
  memoryRead: (_address, size) => (size === 4 ? NOTHING : NOTHING >>> (32 - 8 * size)),
  memoryWrite: () => {},
  acknowledgeInterrupt: () => Vector.NonMaskableInterrupt,
  timeStampCounter: (position) => [position >>> 0, Math.floor(position / 2 ** 32)],
};

/**
 * The processor with nothing around it, for pieces of code: memory is mapped where the caller wants it, code runs flat in
 * ring 0 or 3, and an exception ends the run instead of being handled. There are real page tables and a real IDT in guest RAM:
 * each gate leads to a HLT of its own on a separate stack, so that nothing of the interrupted code is touched.
 */
export class FlatMachine {
  readonly cpu: Cpu;
  /** The general registers in encoding order: a live view. */
  readonly registers: BigUint64Array;
  readonly #ramSize: number;
  /** Physical address of the next free page. */
  #free = PAGE_SIZE;
  readonly #pml4: number;
  #ring: 0 | 3 = 3;
  #bits: 64 | 32 = 64;
  #until: bigint | undefined;
  /** CS and SS of the interrupted code, as the frame of the last exception had them; the machine goes on with its own. */
  interruptedSelectors = { cs: 0, ss: 0 };

  /** `ramSize`: bytes of RAM behind all mappings and the page tables, a multiple of 64 KiB. */
  constructor({ ramSize = DEFAULT_RAM_SIZE }: { ramSize?: number } = {}) {
    this.#ramSize = ramSize;
    this.cpu = new Cpu({ state: new State(ramSize), bus: emptyBus });
    this.registers = this.cpu.state.u64.subarray(layout.GPR / 8, layout.GPR / 8 + REGISTER_COUNT);
    this.#pml4 = this.#allocate();
    this.map(SYSTEM, SYSTEM_PAGES * PAGE_SIZE, { writable: true, executable: true });
    this.#writeDescriptorTable();
    this.#writeGates();
    this.write(HANDLER_PAGE, new Uint8Array(PAGE_SIZE).fill(HLT));
    this.setMode({ ring: 3, bits: 64 });
  }

  /**
   * Maps zeroed memory. `address` and `length` (bytes) are multiples of the page. Throws RangeError when the RAM is used up,
   * or when a page is mapped already.
   */
  map(address: bigint, length: number, permissions: FlatPermissions): void {
    for (let offset = 0; offset < length; offset += PAGE_SIZE) {
      const entry = this.#entryOf(address + BigInt(offset));
      if ((this.#load(entry) & PTE_PRESENT) !== 0n) {
        throw new RangeError(`0x${(address + BigInt(offset)).toString(16)} is mapped already`);
      }
      let bits = PTE_PRESENT;
      if (permissions.writable) bits |= PTE_WRITABLE;
      if (permissions.user) bits |= PTE_USER;
      if (!permissions.executable) bits |= PTE_NO_EXECUTE;
      this.#store(entry, BigInt(this.#allocate()) | bits);
    }
    this.cpu.flush();
  }

  /** Writes memory, whatever its permissions. Throws RangeError when a page is not mapped. */
  write(address: bigint, bytes: Uint8Array): void {
    this.#eachPage(address, bytes.length, (physical, offset, length) => {
      this.cpu.state.ram.set(bytes.subarray(offset, offset + length), physical);
      this.cpu.memoryWritten(physical, length);
    });
  }

  /** Reads memory, whatever its permissions. Throws RangeError when a page is not mapped. */
  read(address: bigint, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#eachPage(address, length, (physical, offset, size) => {
      bytes.set(this.cpu.state.ram.subarray(physical, physical + size), offset);
    });
    return bytes;
  }

  /** The mapped page at `address`, live. Do not write code through it: decoded instructions would stay. */
  page(address: bigint): Uint8Array {
    const entry = this.#load(this.#entryOf(address));
    if ((entry & PTE_PRESENT) === 0n) throw new RangeError(`0x${address.toString(16)} is not mapped`);
    const physical = Number(entry & PTE_FRAME);
    return this.cpu.state.ram.subarray(physical, physical + PAGE_SIZE);
  }

  /**
   * Makes the processor ready to run code of the given ring and size (32-bit code runs in compatibility mode), with the state
   * that `resetState` leaves.
   */
  setMode({ ring, bits }: { ring: 0 | 3; bits: 64 | 32 }): void {
    this.#ring = ring;
    this.#bits = bits;
    this.cpu.reset();
    this.resetState();
    this.cpu.flush();
  }

  /**
   * Registers are zero and flags clear but for IF, FS and GS have base 0, control registers are what the mode wants. Memory,
   * translations and decoded instructions stay.
   */
  resetState(): void {
    const { state } = this.cpu;
    setFlat64(state, { ring: this.#ring, cr3: this.#pml4, rip: 0n, rsp: 0n });
    // As systems have it, so that RFLAGS.AC has the effect it has there.
    state.set32(layout.CR0, (state.get32(layout.CR0) | CR0_AM) >>> 0);
    const features = CR4_FSGSBASE | CR4_OSXSAVE;
    state.set32(layout.CR4, (state.get32(layout.CR4) | features) >>> 0);
    state.setPair(layout.XCR0, XCR0_X87 | XCR0_SSE, 0);
    state.set32(layout.GDTR, GDT_ENTRIES * 8 - 1);
    state.set64(layout.GDTR + 8, GDT_PAGE);
    state.set32(layout.IDTR, GATES * GATE_SIZE - 1);
    state.set64(layout.IDTR + 8, IDT_PAGE);
    const busy = ATTRIBUTE_PRESENT | SystemType.BusyTss;
    state.setSegment(TR, { selector: TSS_SELECTOR, attributes: busy, limit: TSS_LIMIT, base: TSS_PAGE });
    const wide = this.#bits === 64;
    for (const index of [DS, ES, FS, GS]) {
      const attributes = wide ? FLAT_DATA | ATTRIBUTE_UNUSABLE : this.#dataAttributes();
      const selector = wide ? 0 : this.#dataSelector();
      state.setSegment(index, { selector, attributes, limit: FLAT_LIMIT, base: 0n });
    }
    this.#setCode();
    writeFlags(state, IF, ALL);
  }

  get rip(): bigint {
    return this.cpu.state.get64(layout.RIP);
  }

  set rip(address: bigint) {
    this.cpu.state.set64(layout.RIP, address);
  }

  /** RFLAGS. */
  get flags(): number {
    return readFlags(this.cpu.state);
  }

  set flags(value: number) {
    writeFlags(this.cpu.state, value, ALL);
  }

  /** Bases of FS and GS. */
  segmentBase(segment: 'fs' | 'gs'): bigint {
    return this.cpu.state.segment(segment === 'fs' ? FS : GS).base;
  }

  setSegmentBase(segment: 'fs' | 'gs', base: bigint): void {
    const index = segment === 'fs' ? FS : GS;
    this.cpu.state.setSegment(index, { ...this.cpu.state.segment(index), base });
  }

  /**
   * Runs from `rip` until the next instruction is at `until`, an exception is raised, or `budget` steps are used up. After an
   * exception registers, flags and `rip` are those of the interrupted code.
   */
  run({ until, budget }: { until?: bigint; budget: number }): FlatOutcome {
    if (until !== this.#until) {
      this.cpu.setBreakpoints(until === undefined ? [] : [until]);
      this.#until = until;
    }
    updateMode(this.cpu.state);
    // The processor may return early, to let devices look at the time; here are none.
    const end = this.cpu.position + budget;
    let reason = this.cpu.run(budget);
    while (reason === 'budget' && this.cpu.position < end) reason = this.cpu.run(end - this.cpu.position);
    if (reason === 'breakpoint') return { reason: 'until' };
    if (reason === 'shutdown') return { reason };
    if (reason !== 'halted') return { reason: 'budget' };
    this.cpu.state.set32(layout.HALTED, 0);
    const vector = Number(this.rip - HANDLER_PAGE) - 1;
    if (vector < 0 || vector >= GATES) return { reason: 'halted' };
    return { reason: 'fault', fault: this.#leaveHandler(vector) };
  }

  /** Takes the exception's frame off the handler's stack and goes back to the interrupted code. */
  #leaveHandler(vector: number): FlatFault {
    const { state } = this.cpu;
    const hasError = WITH_ERROR_CODE.includes(vector);
    // Error code, RIP, CS, RFLAGS, RSP, SS.
    const frame = new BigUint64Array(this.read(state.get64(RSP), (hasError ? 6 : 5) * 8).buffer);
    const [rip, cs, flags, rsp, ss] = frame.subarray(hasError ? 1 : 0) as unknown as bigint[];
    state.set64(layout.RIP, rip as bigint);
    state.set64(RSP, rsp as bigint);
    writeFlags(state, Number(flags), ALL);
    this.#setCode();
    this.interruptedSelectors = { cs: Number(cs), ss: Number(ss) };
    return {
      vector,
      errorCode: hasError ? Number(frame[0]) : 0,
      ...(vector === Vector.PageFault && { address: state.get64(layout.CR2) }),
    };
  }

  #dataAttributes(): number {
    return FLAT_DATA | (this.#ring << ATTRIBUTE_DPL_SHIFT);
  }

  #dataSelector(): number {
    return this.#ring === 0 ? KERNEL_DATA : USER_DATA;
  }

  /** CS, SS and the privilege level of the code to run. */
  #setCode(): void {
    const { state } = this.cpu;
    const wide = this.#bits === 64;
    const userSelector = wide ? USER_CODE : USER_CODE_32;
    state.setSegment(CS, {
      selector: this.#ring === 0 ? KERNEL_CODE : userSelector,
      attributes: (wide ? FLAT_CODE_64 : FLAT_CODE_32) | (this.#ring << ATTRIBUTE_DPL_SHIFT),
      limit: FLAT_LIMIT,
      base: 0n,
    });
    state.setSegment(SS, {
      selector: this.#dataSelector(),
      attributes: this.#dataAttributes(),
      limit: FLAT_LIMIT,
      base: 0n,
    });
    setPrivilege(state, this.#ring);
  }

  #writeDescriptorTable(): void {
    const user = USER_PRIVILEGE << ATTRIBUTE_DPL_SHIFT;
    const flat = (attributes: number) =>
      0x000f_0000_0000_ffffn | (BigInt(attributes | ATTRIBUTE_ACCESSED) << 40n);
    const table = new BigUint64Array(GDT_ENTRIES);
    table[KERNEL_CODE >> 3] = flat(FLAT_CODE_64);
    table[KERNEL_DATA >> 3] = flat(FLAT_DATA);
    table[USER_CODE_32 >> 3] = flat(FLAT_CODE_32 | user);
    table[USER_DATA >> 3] = flat(FLAT_DATA | user);
    table[USER_CODE >> 3] = flat(FLAT_CODE_64 | user);
    const task = BigInt(ATTRIBUTE_PRESENT | SystemType.BusyTss);
    const middle = (TSS_PAGE & 0xff_ffffn) << 16n;
    const upper = ((TSS_PAGE >> 24n) & 0xffn) << 56n;
    table[TSS_SELECTOR >> 3] = BigInt(TSS_LIMIT) | middle | (task << 40n) | upper;
    table[(TSS_SELECTOR >> 3) + 1] = TSS_PAGE >> 32n;
    this.write(GDT_PAGE, new Uint8Array(table.buffer));
    const tss = new DataView(new ArrayBuffer(TSS_LIMIT + 1));
    tss.setBigUint64(TSS_IST1, STACK_TOP, true);
    tss.setUint16(TSS_LIMIT - 1, TSS_LIMIT + 1, true); // the I/O bitmap starts behind the limit: no port is allowed
    this.write(TSS_PAGE, new Uint8Array(tss.buffer));
  }

  #writeGates(): void {
    const gates = new DataView(new ArrayBuffer(GATES * GATE_SIZE));
    for (let vector = 0; vector < GATES; vector++) {
      const handler = HANDLER_PAGE + BigInt(vector);
      const dpl = USER_GATES.includes(vector) ? USER_PRIVILEGE : 0;
      const at = vector * GATE_SIZE;
      gates.setUint16(at, Number(handler & 0xffffn), true);
      gates.setUint16(at + 2, KERNEL_CODE, true);
      gates.setUint8(at + 4, 1); // IST1
      gates.setUint8(at + 5, ATTRIBUTE_PRESENT | (dpl << ATTRIBUTE_DPL_SHIFT) | SystemType.InterruptGate);
      gates.setUint16(at + 6, Number((handler >> 16n) & 0xffffn), true);
      gates.setUint32(at + 8, Number(handler >> 32n), true);
    }
    this.write(IDT_PAGE, new Uint8Array(gates.buffer));
  }

  #allocate(): number {
    const page = this.#free;
    if (page + PAGE_SIZE > this.#ramSize) {
      throw new RangeError(`${this.#ramSize} bytes of RAM are used up: give the FlatMachine more`);
    }
    this.#free += PAGE_SIZE;
    return page;
  }

  #load(physical: number): bigint {
    return this.cpu.state.u64[(layout.RAM + physical) / 8] as bigint;
  }

  #store(physical: number, value: bigint): void {
    this.cpu.state.u64[(layout.RAM + physical) / 8] = value;
  }

  /** Physical address of the last-level entry of a page; tables on the way are made. */
  #entryOf(address: bigint): number {
    let table = this.#pml4;
    for (const shift of LEVEL_SHIFTS) {
      const entry = table + Number((address >> shift) & 0x1ffn) * 8;
      if (shift === LEVEL_SHIFTS[3]) return entry;
      if (this.#load(entry) === 0n) this.#store(entry, BigInt(this.#allocate()) | TABLE_ENTRY);
      table = Number(this.#load(entry) & PTE_FRAME);
    }
    return table;
  }

  #eachPage(
    address: bigint,
    length: number,
    visit: (physical: number, offset: number, length: number) => void,
  ): void {
    for (let done = 0; done < length; ) {
      const linear = address + BigInt(done);
      const entry = this.#load(this.#entryOf(linear));
      if ((entry & PTE_PRESENT) === 0n) throw new RangeError(`0x${linear.toString(16)} is not mapped`);
      const within = Number(linear & BigInt(PAGE_SIZE - 1));
      const size = Math.min(length - done, PAGE_SIZE - within);
      visit(Number(entry & PTE_FRAME) + within, done, size);
      done += size;
    }
  }
}
