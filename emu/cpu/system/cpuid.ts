import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { type CpuFeature, featureBits } from './features.ts';
import { CR4_OSXSAVE, LINEAR_ADDRESS_BITS, PHYSICAL_ADDRESS_BITS } from './registers.ts';
import { Status } from './status.ts';

type Registers = readonly [eax: number, ebx: number, ecx: number, edx: number];

const RAX = layout.GPR;
const RCX = layout.GPR + 1 * 8;
const RDX = layout.GPR + 2 * 8;
const RBX = layout.GPR + 3 * 8;

const HIGHEST_STANDARD = 0x7;
const HIGHEST_EXTENDED = 0x8000_0008;
const NOTHING: Registers = [0, 0, 0, 0];

/** "AuthenticAMD" in EBX, EDX, ECX. */
const VENDOR_EBX = 0x6874_7541;
const VENDOR_ECX = 0x444d_4163;
const VENDOR_EDX = 0x6974_6e65;
/** Family 15, model 107, stepping 1: what QEMU's plain amd64 model says of itself. */
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
        return [HIGHEST_STANDARD, VENDOR_EBX, VENDOR_ECX, VENDOR_EDX];
      case 1:
        return [
          SIGNATURE,
          MISCELLANEOUS,
          this.#standardEcx(),
          this.#withApic(featureBits(features, leaf, 'edx')),
        ];
      case 7:
        return subleaf === 0 ? [0, featureBits(features, leaf, 'ebx'), 0, 0] : NOTHING;
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
      case 0x8000_0008:
        return [PHYSICAL_ADDRESS_BITS | (LINEAR_ADDRESS_BITS << 8), 0, 0, 0];
      default:
        return NOTHING;
    }
  }

  #withApic(edx: number): number {
    const enabled = (this.#state.get32(layout.APIC_BASE) & APIC_BASE_ENABLED) !== 0;
    return enabled ? edx : (edx & ~APIC) >>> 0;
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
