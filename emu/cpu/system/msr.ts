import type { Bus } from '../bus.ts';
import * as layout from '../layout.ts';
import { FS, GS, type State } from '../state.ts';
import type { SystemHooks } from './contract.ts';
import { generalProtection, invalidOpcode } from './exception.ts';
import type { CpuFeature } from './features.ts';
import type { Mmu } from './mmu.ts';
import { currentPrivilege } from './mode.ts';
import {
  CR0_PG,
  CR4_TSD,
  EFER_FFXSR,
  EFER_LMA,
  EFER_LME,
  EFER_NXE,
  EFER_SCE,
  isCanonical,
  PHYSICAL_ADDRESS_BITS,
} from './registers.ts';
import { Status } from './status.ts';

/** Model-specific registers (AMD APM vol. 2, appendix A). */
export const Msr = {
  TimeStampCounter: 0x10,
  ApicBase: 0x1b,
  PatchLevel: 0x8b,
  SysenterCs: 0x174,
  SysenterEsp: 0x175,
  SysenterEip: 0x176,
  PageAttributes: 0x277,
  Efer: 0xc000_0080,
  Star: 0xc000_0081,
  LongStar: 0xc000_0082,
  CompatibilityStar: 0xc000_0083,
  FlagMask: 0xc000_0084,
  FsBase: 0xc000_0100,
  GsBase: 0xc000_0101,
  KernelGsBase: 0xc000_0102,
  TscAux: 0xc000_0103,
  /** The first of four each: what a performance counter counts, and the counters. */
  PerformanceEventSelect: 0xc001_0000,
  PerformanceCounter: 0xc001_0004,
  SystemConfiguration: 0xc001_0010,
  HardwareConfiguration: 0xc001_0015,
  NorthBridgeConfiguration: 0xc001_001f,
  InterruptPending: 0xc001_0055,
  LoadStoreConfiguration: 0xc001_1020,
  InstructionCacheConfiguration: 0xc001_1021,
  DataCacheConfiguration: 0xc001_1022,
  BusUnitConfiguration: 0xc001_1023,
  DecodeConfiguration: 0xc001_1029,
} as const;

const RAX = layout.GPR;
const RCX = layout.GPR + 1 * 8;
const RDX = layout.GPR + 2 * 8;
const FS_BASE = layout.SEGMENTS + FS * layout.SEGMENT_SIZE + layout.SEGMENT_BASE;
const GS_BASE = layout.SEGMENTS + GS * layout.SEGMENT_SIZE + layout.SEGMENT_BASE;

/** MSRs that are a plain 64-bit slot. */
const PLAIN: ReadonlyMap<number, number> = new Map([
  [Msr.SysenterCs, layout.SYSENTER_CS],
  [Msr.SysenterEsp, layout.SYSENTER_ESP],
  [Msr.SysenterEip, layout.SYSENTER_EIP],
  [Msr.Star, layout.STAR],
]);
/** MSRs that hold a linear address: it must be canonical. */
const ADDRESSES: ReadonlyMap<number, number> = new Map([
  [Msr.LongStar, layout.LSTAR],
  [Msr.CompatibilityStar, layout.CSTAR],
  [Msr.FsBase, FS_BASE],
  [Msr.GsBase, GS_BASE],
  [Msr.KernelGsBase, layout.KERNEL_GS_BASE],
]);
/** MSRs whose upper half is reserved. */
const NARROW: ReadonlyMap<number, number> = new Map([
  [Msr.FlagMask, layout.SFMASK],
  [Msr.TscAux, layout.TSC_AUX],
]);
const PERFORMANCE_COUNTERS = 4;
/**
 * What AMD kernels look at or set and that means nothing here: reads as zero, writes are dropped. Every processor of the family has
 * the performance counters, and Xen clears them unasked; these count nothing, which Linux finds out by writing and reading one.
 */
const IGNORED: ReadonlySet<number> = new Set([
  ...Array.from({ length: PERFORMANCE_COUNTERS }, (_, index) => Msr.PerformanceEventSelect + index),
  ...Array.from({ length: PERFORMANCE_COUNTERS }, (_, index) => Msr.PerformanceCounter + index),
  Msr.PatchLevel,
  Msr.SystemConfiguration,
  Msr.HardwareConfiguration,
  Msr.NorthBridgeConfiguration,
  Msr.InterruptPending,
  Msr.LoadStoreConfiguration,
  Msr.InstructionCacheConfiguration,
  Msr.DataCacheConfiguration,
  Msr.BusUnitConfiguration,
  Msr.DecodeConfiguration,
]);

/** APIC base register: bit 8 marks the boot processor, bit 11 enables the APIC, the address follows from bit 12. */
const APIC_BASE_BOOTSTRAP = 1 << 8;
const APIC_BASE_RESERVED_LOW = 0x6ff;
const PHYSICAL_HIGH_RESERVED = ~((1 << (PHYSICAL_ADDRESS_BITS - 32)) - 1);
/** Memory types that a PAT entry may have: UC, WC, WT, WP, WB, UC-. */
const MEMORY_TYPES: ReadonlySet<number> = new Set([0, 1, 4, 5, 6, 7]);

const MASK_32 = 0xffff_ffffn;
const TWO_32 = 2 ** 32;

/** RDMSR, WRMSR, RDTSC and RDTSCP. */
export class ModelSpecificRegisters {
  readonly #state: State;
  readonly #bus: Bus;
  readonly #mmu: Mmu;
  readonly #hooks: SystemHooks;
  readonly #eferDefined: number;
  readonly #hasRdtscp: boolean;

  constructor(state: State, bus: Bus, mmu: Mmu, hooks: SystemHooks, features: ReadonlySet<CpuFeature>) {
    this.#state = state;
    this.#bus = bus;
    this.#mmu = mmu;
    this.#hooks = hooks;
    let defined = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE;
    if (features.has('FFXSR')) defined |= EFER_FFXSR;
    this.#eferDefined = defined;
    this.#hasRdtscp = features.has('RDTSCP');
  }

  rdmsr(): number {
    const state = this.#state;
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    const value = this.read(state.get32(RCX));
    if (value === undefined) return generalProtection(state);
    state.set64(RAX, value & MASK_32);
    state.set64(RDX, value >> 32n);
    return Status.Next;
  }

  wrmsr(): number {
    const state = this.#state;
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    return this.#write(state.get32(RCX), state.get32(RAX), state.get32(RDX));
  }

  rdtsc(): number {
    const state = this.#state;
    if (!this.#mayReadCounter()) return generalProtection(state);
    // In halves: busy loops read the counter millions of times, and a bigint costs more than all the rest.
    const [low, high] = this.#bus.timeStampCounter(this.#hooks.position());
    const sum = low + state.get32(layout.TSC_OFFSET);
    const carry = sum >= TWO_32 ? 1 : 0;
    state.setPair(RAX, sum - carry * TWO_32, 0);
    state.setPair(RDX, (high + state.high(layout.TSC_OFFSET) + carry) >>> 0, 0);
    return Status.Next;
  }

  rdtscp(): number {
    if (!this.#hasRdtscp) return invalidOpcode(this.#state);
    const status = this.rdtsc();
    if (status === Status.Next) this.#state.setPair(RCX, this.#state.get32(layout.TSC_AUX), 0);
    return status;
  }

  /** An MSR's value, or undefined when it does not exist. */
  read(index: number): bigint | undefined {
    const state = this.#state;
    const slot = PLAIN.get(index) ?? ADDRESSES.get(index) ?? NARROW.get(index);
    if (slot !== undefined) return state.get64(slot);
    switch (index) {
      case Msr.Efer:
        return state.get64(layout.EFER);
      case Msr.PageAttributes:
        return state.get64(layout.PAT);
      case Msr.ApicBase:
        return state.get64(layout.APIC_BASE);
      case Msr.TimeStampCounter:
        return this.#counter();
      default:
        return IGNORED.has(index) ? 0n : undefined;
    }
  }

  #write(index: number, low: number, high: number): number {
    const state = this.#state;
    const plain = PLAIN.get(index);
    if (plain !== undefined) {
      state.setPair(plain, low, high);
      return Status.Next;
    }
    const address = ADDRESSES.get(index);
    if (address !== undefined) {
      if (!isCanonical(high)) return generalProtection(state);
      state.setPair(address, low, high);
      return Status.Next;
    }
    const narrow = NARROW.get(index);
    if (narrow !== undefined) {
      if (high !== 0) return generalProtection(state);
      state.setPair(narrow, low, 0);
      return Status.Next;
    }
    switch (index) {
      case Msr.Efer:
        return this.#writeEfer(low, high);
      case Msr.PageAttributes:
        return this.#writePageAttributes(low, high);
      case Msr.ApicBase:
        return this.#writeApicBase(low, high);
      case Msr.TimeStampCounter:
        return this.#writeCounter(low, high);
      default:
        return IGNORED.has(index) ? Status.Next : generalProtection(state);
    }
  }

  #writeEfer(low: number, high: number): number {
    const state = this.#state;
    const before = state.get32(layout.EFER);
    if (high !== 0 || (low & ~this.#eferDefined) !== 0) return generalProtection(state);
    const pagingOn = (state.get32(layout.CR0) & CR0_PG) !== 0;
    if (pagingOn && ((before ^ low) & EFER_LME) !== 0) return generalProtection(state);
    // LMA follows CR0.PG and LME; what is written to it does not count.
    state.setPair(layout.EFER, (low & ~EFER_LMA) | (before & EFER_LMA), 0);
    if (((before ^ low) & EFER_NXE) === 0) return Status.Next;
    this.#mmu.flushAll(false);
    return Status.Lookup;
  }

  #writePageAttributes(low: number, high: number): number {
    const state = this.#state;
    for (const half of [low, high]) {
      for (let shift = 0; shift < 32; shift += 8) {
        if (!MEMORY_TYPES.has((half >>> shift) & 0xff)) return generalProtection(state);
      }
    }
    state.setPair(layout.PAT, low, high);
    return Status.Next;
  }

  #writeApicBase(low: number, high: number): number {
    const state = this.#state;
    const reserved = (low & APIC_BASE_RESERVED_LOW) !== 0 || (high & PHYSICAL_HIGH_RESERVED) !== 0;
    if (reserved) return generalProtection(state);
    const bootstrap = state.get32(layout.APIC_BASE) & APIC_BASE_BOOTSTRAP;
    const value = ((low & ~APIC_BASE_BOOTSTRAP) | bootstrap) >>> 0;
    state.setPair(layout.APIC_BASE, value, high);
    this.#bus.apicBaseWritten?.(value, high);
    this.#hooks.endSlice();
    return Status.Next;
  }

  #writeCounter(low: number, high: number): number {
    const written = (BigInt(high) << 32n) | BigInt(low);
    this.#state.set64(layout.TSC_OFFSET, BigInt.asUintN(64, written - this.#machineCounter()));
    return Status.Next;
  }

  #mayReadCounter(): boolean {
    return (this.#state.get32(layout.CR4) & CR4_TSD) === 0 || currentPrivilege(this.#state) === 0;
  }

  #counter(): bigint {
    return BigInt.asUintN(64, this.#machineCounter() + this.#state.get64(layout.TSC_OFFSET));
  }

  #machineCounter(): bigint {
    const [low, high] = this.#bus.timeStampCounter(this.#hooks.position());
    return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  }
}
