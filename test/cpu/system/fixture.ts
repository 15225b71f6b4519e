import type { Bus } from '../../../emu/cpu/bus.ts';
import * as layout from '../../../emu/cpu/layout.ts';
import { State, TR } from '../../../emu/cpu/state.ts';
import type { CpuFeature } from '../../../emu/cpu/system/features.ts';
import { setPrivilege } from '../../../emu/cpu/system/mode.ts';
import { setFlat64 } from '../../../emu/cpu/system/reset.ts';
import { SystemUnit } from '../../../emu/cpu/system/system-unit.ts';

export const RAM_SIZE = 0x10_0000;
export const P = 1n;
export const W = 2n;
export const U = 4n;
export const A = 0x20n;
export const D = 0x40n;
export const LARGE = 0x80n;
export const GLOBAL = 0x100n;
export const NX = 1n << 63n;

/** Physical addresses of the tables that `MachineFixture` builds. */
export const PML4 = 0x1000;
export const PDPT = 0x2000;
export const DIRECTORY = 0x3000;
export const TABLE = 0x4000;
export const GDT = 0x6000;
export const IDT = 0x7000;
export const TSS = 0x8000;

/** Selectors of the fixture's GDT. */
export const KERNEL_CODE = 0x08;
export const KERNEL_DATA = 0x10;
export const USER_CODE_32 = 0x18;
export const USER_DATA = 0x20;
export const USER_CODE = 0x28;
export const TSS_SELECTOR = 0x30;

export const DESCRIPTORS = {
  kernelCode: 0x00af_9b00_0000_ffffn,
  kernelData: 0x00cf_9300_0000_ffffn,
  userCode32: 0x00cf_fb00_0000_ffffn,
  userData: 0x00cf_f300_0000_ffffn,
  userCode: 0x00af_fb00_0000_ffffn,
};

/** What the system half told the interpreter and the machine. */
export interface Log {
  readonly codeWritten: [page: number, offset: number, size: number][];
  readonly busReads: [address: number, size: number][];
  readonly busWrites: [address: number, size: number, value: number][];
  readonly ports: string[];
  fetchFlushes: number;
  stepsEnded: number;
  instructionBreakpoints: bigint[];
  slicesEnded: number;
}

/** The exception recorded by the last slow path or helper. */
export interface RecordedFault {
  readonly vector: number;
  readonly error: number | undefined;
}

/** A system unit over 1 MiB of RAM in 64-bit ring 0 or 3 with 4-level tables, and page 0x10000 upwards identity-mapped at will. */
export class MachineFixture {
  readonly state = new State(RAM_SIZE);
  readonly log: Log = {
    codeWritten: [],
    busReads: [],
    busWrites: [],
    ports: [],
    fetchFlushes: 0,
    stepsEnded: 0,
    instructionBreakpoints: [],
    slicesEnded: 0,
  };
  readonly unit: SystemUnit;
  position = 0;
  interrupt = false;
  readonly #view = new DataView(this.state.memory.buffer);

  constructor(features: CpuFeature[] = []) {
    const log = this.log;
    const bus: Bus = {
      portRead: (port, size) => {
        log.ports.push(`in ${port} ${size}`);
        return 0x8765_4321 >>> (32 - size * 8);
      },
      portWrite: (port, size, value) => {
        log.ports.push(`out ${port} ${size} ${value}`);
      },
      memoryRead: (address, size) => {
        log.busReads.push([address, size]);
        return size === 4 ? 0xffff_ffff : size === 2 ? 0xffff : 0xff;
      },
      memoryWrite: (address, size, value) => {
        log.busWrites.push([address, size, value]);
      },
      acknowledgeInterrupt: () => 0x20,
      timeStampCounter: (position) => [position >>> 0, Math.floor(position / 2 ** 32)],
    };
    const hooks = {
      codeWritten: (page: number, offset: number, size: number) => {
        log.codeWritten.push([page, offset, size]);
      },
      flushFetch: () => {
        log.fetchFlushes++;
      },
      flushFetchOf: () => {
        log.fetchFlushes++;
      },
      endSlice: () => {
        log.slicesEnded++;
      },
      position: () => this.position,
      interruptRequest: () => this.interrupt,
      instructionAddress: () => this.state.get64(layout.RIP),
      endStep: () => {
        log.stepsEnded++;
      },
      traceByNewFlag: () => {},
      setInstructionBreakpoints: (addresses: Iterable<bigint>) => {
        log.instructionBreakpoints = [...addresses];
      },
    };
    this.unit = new SystemUnit({ state: this.state, bus, hooks, features });
    this.write64(PML4, BigInt(PDPT) | P | W | U);
    this.write64(PDPT, BigInt(DIRECTORY) | P | W | U);
    this.write64(DIRECTORY, BigInt(TABLE) | P | W | U);
    setFlat64(this.state, { ring: 0, cr3: PML4, rip: 0x40_0000n, rsp: 0n });
    this.unit.mmu.flushAll(false);
  }

  /** Maps a 4 KiB page of the first 2 MiB. */
  map(linear: number, physical: number, bits: bigint): this {
    this.write64(TABLE + (linear >>> 12) * 8, BigInt(physical) | bits);
    return this;
  }

  /** Identity-maps the first `pages` pages. */
  mapIdentity(pages: number, bits: bigint): this {
    for (let page = 0; page < pages; page++) this.map(page * 4096, page * 4096, bits);
    return this;
  }

  /** The leaf entry of a page in the first 2 MiB. */
  entry(linear: number): bigint {
    return this.read64(TABLE + (linear >>> 12) * 8);
  }

  ring(privilege: number): this {
    setPrivilege(this.state, privilege);
    return this;
  }

  /** Tables at their usual places with a flat GDT and a 64-bit TSS whose RSP0 is 0x20000 and IST1 0x21000. */
  withTables(): this {
    const descriptors = [0n, ...Object.values(DESCRIPTORS)];
    descriptors.forEach((value, index) => {
      this.write64(GDT + index * 8, value);
    });
    this.write64(GDT + TSS_SELECTOR, 0x0000_8900_0000_0067n | (BigInt(TSS) << 16n));
    this.write64(GDT + TSS_SELECTOR + 8, 0n);
    this.state.set32(layout.GDTR, TSS_SELECTOR + 15);
    this.state.set64(layout.GDTR + 8, BigInt(GDT));
    this.state.set32(layout.IDTR, 0xfff);
    this.state.set64(layout.IDTR + 8, BigInt(IDT));
    this.write64(TSS + 4, 0x2_0000n);
    this.write64(TSS + 0x24, 0x2_1000n);
    this.state.setSegment(TR, { selector: TSS_SELECTOR, attributes: 0x8b, limit: 0x67, base: BigInt(TSS) });
    return this;
  }

  /** Writes a long-mode gate; `attributes` is its type byte (P, DPL, type). */
  gate(vector: number, handler: bigint, attributes: number, stack = 0, selector = KERNEL_CODE): this {
    const low =
      (handler & 0xffffn) |
      (BigInt(selector) << 16n) |
      (BigInt(stack) << 32n) |
      (BigInt(attributes) << 40n) |
      ((handler & 0xffff_0000n) << 32n);
    this.write64(IDT + vector * 16, low);
    this.write64(IDT + vector * 16 + 8, handler >> 32n);
    return this;
  }

  gpr(index: number): bigint {
    return this.state.get64(layout.GPR + index * 8);
  }

  setGpr(index: number, value: bigint): this {
    this.state.set64(layout.GPR + index * 8, value);
    return this;
  }

  read64(physical: number): bigint {
    return this.#view.getBigUint64(layout.RAM + physical, true);
  }

  write64(physical: number, value: bigint): void {
    this.#view.setBigUint64(layout.RAM + physical, BigInt.asUintN(64, value), true);
  }

  fault(): RecordedFault {
    const hasError = this.state.get32(layout.FAULT_HAS_ERROR) !== 0;
    return {
      vector: this.state.get32(layout.FAULT_VECTOR),
      error: hasError ? this.state.get32(layout.FAULT_ERROR) : undefined,
    };
  }

  get cr2(): bigint {
    return this.state.get64(layout.CR2);
  }
}

export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSP = 4;
export const R11 = 11;
