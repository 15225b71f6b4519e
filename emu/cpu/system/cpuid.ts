import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { type CpuFeature, featureBits } from './features.ts';
import {
  CR4_OSXSAVE,
  LINEAR_ADDRESS_BITS,
  PHYSICAL_ADDRESS_BITS,
  XCR0_SSE,
  XCR0_X87,
  XSAVE_AREA_BYTES,
} from './registers.ts';
import { Status } from './status.ts';

type Registers = readonly [eax: number, ebx: number, ecx: number, edx: number];

const RAX = layout.GPR;
const RCX = layout.GPR + 1 * 8;
const RDX = layout.GPR + 2 * 8;
const RBX = layout.GPR + 3 * 8;

const HIGHEST_STANDARD = 0x7;
const HIGHEST_WITH_XSAVE = 0xd;
const HIGHEST_EXTENDED = 0x8000_0008;
const NOTHING: Registers = [0, 0, 0, 0];

/** "AuthenticAMD" in EBX, EDX, ECX. */
const VENDOR_EBX = 0x6874_7541;
const VENDOR_ECX = 0x444d_4163;
const VENDOR_EDX = 0x6974_6e65;
/**
 * Family 15, model 107, stepping 1: what QEMU's plain amd64 model says of itself, so that a kernel takes the same way on both machines.
 * Nothing hangs on this family but a handful of configuration MSRs; later ones promise features, errata and power management by their
 * number alone.
 */
const SIGNATURE = 0x0006_0fb1;
/** CLFLUSH line size in quadwords, in bits 15–8 of EBX; one logical processor, in bits 23–16; APIC id 0, in bits 31–24. */
const MISCELLANEOUS = (1 << 16) | (8 << 8);
const OSXSAVE = 1 << 27;
/** The local APIC, in EDX of leaves 1 and 0x8000_0001; it is shown while APIC_BASE enables it (APM vol. 2, section 16.3.1). */
const APIC = 1 << 9;
const APIC_BASE_ENABLED = 1 << 11;
const PROCESSOR_NAME = 'puffer amd64 processor';
const NAME_LEAVES = 3;
const NAME_BYTES_PER_LEAF = 16;

/** Associativities as leaves 0x8000_0005 and 0x8000_0006 encode them. */
const LEVEL_1 = { twoWay: 2, full: 0xff } as const;
const LEVEL_2 = { fourWay: 4, sixteenWay: 8 } as const;
const LINE_BYTES = 64;

/**
 * What a processor of this family has for caches and TLBs. There are no caches here, and other TLBs; but programs choose block sizes by
 * these leaves.
 */
const LARGE_PAGES = level1Tlb(8);
const SMALL_PAGES = level1Tlb(32);
const LEVEL_1_CACHE = ((64 << 24) | (LEVEL_1.twoWay << 16) | (1 << 8) | LINE_BYTES) >>> 0;
const LEVEL_1_CACHES: Registers = [LARGE_PAGES, SMALL_PAGES, LEVEL_1_CACHE, LEVEL_1_CACHE];
const LEVEL_2_TLB = (LEVEL_2.fourWay << 12) | 512;
const LEVEL_2_CACHE = (512 << 16) | (LEVEL_2.sixteenWay << 12) | (1 << 8) | LINE_BYTES;
const LEVEL_2_CACHES: Registers = [0, (LEVEL_2_TLB << 16) | LEVEL_2_TLB, LEVEL_2_CACHE, 0];

/** A fully associative TLB of the first level, the same for data and for instructions. */
function level1Tlb(entries: number): number {
  const one = (LEVEL_1.full << 8) | entries;
  return ((one << 16) | one) >>> 0;
}

/** CPUID (AMD APM vol. 3, appendix E): claims what the given features say and nothing else. */
export class ProcessorIdentification {
  readonly #state: State;
  readonly #features: ReadonlySet<CpuFeature>;

  constructor(state: State, features: ReadonlySet<CpuFeature>) {
    this.#state = state;
    this.#features = features;
  }

  has(feature: CpuFeature): boolean {
    return this.#features.has(feature);
  }

  cpuid(): number {
    const state = this.#state;
    const [eax, ebx, ecx, edx] = this.leaf(state.get32(RAX), state.get32(RCX));
    state.setPair(RAX, eax, 0);
    state.setPair(RBX, ebx, 0);
    state.setPair(RCX, ecx, 0);
    state.setPair(RDX, edx, 0);
    return Status.Next;
  }

  /** EAX, EBX, ECX and EDX of a leaf. A leaf that does not exist reads as zero, as on AMD processors. */
  leaf(leaf: number, subleaf: number): Registers {
    const features = this.#features;
    switch (leaf) {
      case 0:
        return [this.#highestStandard(), VENDOR_EBX, VENDOR_ECX, VENDOR_EDX];
      case 1:
        return [
          SIGNATURE,
          MISCELLANEOUS,
          this.#standardEcx(),
          this.#withApic(featureBits(features, leaf, 'edx')),
        ];
      case 7:
        return subleaf === 0 ? this.#all(leaf) : NOTHING;
      case 0xd:
        return this.has('XSAVE') ? this.#extendedState(subleaf) : NOTHING;
      case 0x8000_0000:
        return [HIGHEST_EXTENDED, VENDOR_EBX, VENDOR_ECX, VENDOR_EDX];
      case 0x8000_0001:
        return [
          SIGNATURE,
          0,
          featureBits(features, leaf, 'ecx'),
          this.#withApic(featureBits(features, leaf, 'edx')),
        ];
      case 0x8000_0002:
      case 0x8000_0003:
      case 0x8000_0004:
        return nameLeaf(leaf - 0x8000_0002);
      case 0x8000_0005:
        return LEVEL_1_CACHES;
      case 0x8000_0006:
        return LEVEL_2_CACHES;
      case 0x8000_0007:
        return this.#all(leaf);
      case 0x8000_0008: {
        const [, ebx, ecx, edx] = this.#all(leaf);
        return [PHYSICAL_ADDRESS_BITS | (LINEAR_ADDRESS_BITS << 8), ebx, ecx, edx];
      }
      default:
        return NOTHING;
    }
  }

  #withApic(edx: number): number {
    const enabled = (this.#state.get32(layout.APIC_BASE) & APIC_BASE_ENABLED) !== 0;
    return enabled ? edx : (edx & ~APIC) >>> 0;
  }

  /** A leaf that is all feature bits. */
  #all(leaf: number): Registers {
    const bits = (register: 'eax' | 'ebx' | 'ecx' | 'edx') => featureBits(this.#features, leaf, register);
    return [bits('eax'), bits('ebx'), bits('ecx'), bits('edx')];
  }

  /** The components and the size of their area; then what the processor can do with it beside XSAVE and XRSTOR. */
  #extendedState(subleaf: number): Registers {
    if (subleaf === 0) return [XCR0_X87 | XCR0_SSE, XSAVE_AREA_BYTES, XSAVE_AREA_BYTES, 0];
    return subleaf === 1 ? this.#all(0xd) : NOTHING;
  }

  #highestStandard(): number {
    return this.has('XSAVE') ? HIGHEST_WITH_XSAVE : HIGHEST_STANDARD;
  }

  #standardEcx(): number {
    const enabled = (this.#state.get32(layout.CR4) & CR4_OSXSAVE) !== 0 ? OSXSAVE : 0;
    return (featureBits(this.#features, 1, 'ecx') | enabled) >>> 0;
  }
}

/** 16 bytes of the processor's name, padded with zeros. */
function nameLeaf(index: number): Registers {
  const bytes = new Uint8Array(NAME_LEAVES * NAME_BYTES_PER_LEAF);
  bytes.set(new TextEncoder().encode(PROCESSOR_NAME));
  const view = new DataView(bytes.buffer, index * NAME_BYTES_PER_LEAF, NAME_BYTES_PER_LEAF);
  return [
    view.getUint32(0, true),
    view.getUint32(4, true),
    view.getUint32(8, true),
    view.getUint32(12, true),
  ];
}
