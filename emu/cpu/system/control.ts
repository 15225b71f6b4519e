import type { Bus } from '../bus.ts';
import * as layout from '../layout.ts';
import { CS, type State, TR } from '../state.ts';
import type { SystemHooks } from './contract.ts';
import { ATTRIBUTE_LONG, SystemType, typeOf } from './descriptor.ts';
import { generalProtection, invalidOpcode } from './exception.ts';
import type { CpuFeature } from './features.ts';
import type { Mmu } from './mmu.ts';
import { currentPrivilege, is64BitCode, isLongMode, setPrivilege, updateMode } from './mode.ts';
import {
  CR0_AM,
  CR0_CD,
  CR0_EM,
  CR0_ET,
  CR0_MP,
  CR0_NE,
  CR0_NW,
  CR0_PE,
  CR0_PG,
  CR0_TS,
  CR0_WP,
  CR4_DE,
  CR4_FSGSBASE,
  CR4_MCE,
  CR4_OSFXSR,
  CR4_OSXMMEXCPT,
  CR4_OSXSAVE,
  CR4_PAE,
  CR4_PCE,
  CR4_PGE,
  CR4_PSE,
  CR4_SMAP,
  CR4_SMEP,
  CR4_TSD,
  CR4_UMIP,
  EFER_LMA,
  EFER_LME,
  PHYSICAL_ADDRESS_BITS,
  XCR0_SSE,
  XCR0_X87,
  XCR0_YMM,
} from './registers.ts';
import { Status } from './status.ts';

const CR0_DEFINED =
  CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG;
/** CR4 bits that need no CPUID feature beyond the system half's own. */
const CR4_BASELINE =
  CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT;
const CR4_BY_FEATURE: readonly (readonly [CpuFeature, number])[] = [
  ['FSGSBASE', CR4_FSGSBASE],
  ['XSAVE', CR4_OSXSAVE],
  ['UMIP', CR4_UMIP],
  ['SMEP', CR4_SMEP],
  ['SMAP', CR4_SMAP],
];
/** Changes of these bits change translations. */
const CR0_TRANSLATION = CR0_PG | CR0_WP | CR0_PE;
const CR4_TRANSLATION = CR4_PSE | CR4_PAE | CR4_PGE | CR4_SMEP | CR4_SMAP;
const CR3_RESERVED_HIGH = ~((1 << (PHYSICAL_ADDRESS_BITS - 32)) - 1);
const CR8_DEFINED = 0xf;
const RAX = layout.GPR;
const RCX = layout.GPR + 1 * 8;
const RDX = layout.GPR + 2 * 8;
const LMSW_BITS = CR0_PE | CR0_MP | CR0_EM | CR0_TS;

/** MOV to and from control registers, CLTS, LMSW, INVLPG (AMD APM vol. 2, chapter 3; vol. 3). */
export class ControlRegisters {
  readonly #state: State;
  readonly #bus: Bus;
  readonly #mmu: Mmu;
  readonly #hooks: SystemHooks;
  readonly #debugChanged: () => void;
  readonly #control4Defined: number;
  readonly #extendedStateDefined: number;

  /** `debugChanged`: CR4.DE gives the debug registers another meaning. */
  constructor(
    state: State,
    bus: Bus,
    mmu: Mmu,
    hooks: SystemHooks,
    features: ReadonlySet<CpuFeature>,
    debugChanged: () => void,
  ) {
    this.#state = state;
    this.#bus = bus;
    this.#debugChanged = debugChanged;
    this.#mmu = mmu;
    this.#hooks = hooks;
    let defined = CR4_BASELINE;
    for (const [feature, bit] of CR4_BY_FEATURE) if (features.has(feature)) defined |= bit;
    this.#control4Defined = defined;
    this.#extendedStateDefined = XCR0_X87 | XCR0_SSE | (features.has('AVX') ? XCR0_YMM : 0);
  }

  movFromControl(control: number, gprOffset: number): number {
    const state = this.#state;
    const slot = slotOf(control);
    if (slot === undefined) return invalidOpcode(state);
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    state.setPair(gprOffset, state.get32(slot), is64BitCode(state) ? state.high(slot) : 0);
    return Status.Next;
  }

  movToControl(control: number, gprOffset: number): number {
    const state = this.#state;
    if (slotOf(control) === undefined) return invalidOpcode(state);
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    const low = state.get32(gprOffset);
    const high = is64BitCode(state) ? state.high(gprOffset) : 0;
    switch (control) {
      case 0:
        return this.#writeControl0(low, high);
      case 2:
        state.setPair(layout.CR2, low, high);
        return Status.Next;
      case 3:
        return this.#writeControl3(low, high);
      case 4:
        return this.#writeControl4(low, high);
      default:
        return this.#writeControl8(low, high);
    }
  }

  clts(): number {
    const state = this.#state;
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    state.set32(layout.CR0, state.get32(layout.CR0) & ~CR0_TS);
    return Status.Next;
  }

  /** LMSW can set PE but not clear it. */
  lmsw(value: number): number {
    const state = this.#state;
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    const before = state.get32(layout.CR0);
    const bits = (value & LMSW_BITS) | (before & CR0_PE);
    return this.#writeControl0((before & ~LMSW_BITS) | bits, 0);
  }

  invlpg(addressLow: number, addressHigh: number): number {
    const state = this.#state;
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    this.#mmu.invalidatePage(addressLow >>> 0, addressHigh >>> 0);
    return Status.Lookup;
  }

  /** XGETBV: XCR0 alone exists. */
  xgetbv(): number {
    const state = this.#state;
    if ((state.get32(layout.CR4) & CR4_OSXSAVE) === 0) return invalidOpcode(state);
    if (state.get32(RCX) !== 0) return generalProtection(state);
    state.setPair(RAX, state.get32(layout.XCR0), 0);
    state.setPair(RDX, state.high(layout.XCR0), 0);
    return Status.Next;
  }

  /** XSETBV: x87 state is always on, and YMM state needs SSE state (APM vol. 2, section 11.5.2). */
  xsetbv(): number {
    const state = this.#state;
    if ((state.get32(layout.CR4) & CR4_OSXSAVE) === 0) return invalidOpcode(state);
    const low = state.get32(RAX);
    const invalid =
      (low & ~this.#extendedStateDefined) !== 0 ||
      (low & XCR0_X87) === 0 ||
      (low & (XCR0_SSE | XCR0_YMM)) === XCR0_YMM;
    const refused = currentPrivilege(state) !== 0 || state.get32(RCX) !== 0 || state.get32(RDX) !== 0;
    if (refused || invalid) return generalProtection(state);
    state.setPair(layout.XCR0, low, 0);
    return Status.Next;
  }

  /**
   * Clearing PE leads to what there is of real mode: segment loads take the selector times 16 and leave the rest as it was, descriptors and
   * privilege do not count, and no event can be delivered: the first shuts the processor down.
   */
  #writeControl0(low: number, high: number): number {
    const state = this.#state;
    const before = state.get32(layout.CR0);
    const after = (low & CR0_DEFINED) | CR0_ET;
    const pagingOn = (after & CR0_PG) !== 0;
    const inconsistent =
      (pagingOn && (after & CR0_PE) === 0) || ((after & CR0_NW) !== 0 && (after & CR0_CD) === 0);
    if (high !== 0 || inconsistent) return generalProtection(state);
    const pagingChanges = ((before ^ after) & CR0_PG) !== 0;
    if (pagingChanges && !this.#mayChangePaging(pagingOn)) return generalProtection(state);

    state.setPair(layout.CR0, after, 0);
    if (pagingChanges) this.#followPaging(pagingOn);
    if ((after & CR0_PE) === 0) setPrivilege(state, 0);
    else updateMode(state);
    if (((before ^ after) & CR0_TRANSLATION) === 0) return Status.Next;
    this.#mmu.flushAll(false);
    return Status.Lookup;
  }

  /** APM vol. 2, section 14.6: long mode is entered and left through compatibility or legacy code, with PAE. */
  #mayChangePaging(on: boolean): boolean {
    const state = this.#state;
    if (!on) return !is64BitCode(state);
    const extended = (state.get32(layout.CR4) & CR4_PAE) !== 0;
    if ((state.get32(layout.EFER) & EFER_LME) === 0) {
      return !extended || this.#mmu.walker.hasValidPointers(state.get32(layout.CR3));
    }
    if (!extended) return false;
    if ((state.segment(CS).attributes & ATTRIBUTE_LONG) !== 0) return false;
    return typeOf(state.segment(TR).attributes) !== SystemType.BusyTss16;
  }

  #followPaging(on: boolean): void {
    const state = this.#state;
    const efer = state.get32(layout.EFER);
    if (on && (efer & EFER_LME) !== 0) state.set32(layout.EFER, efer | EFER_LMA);
    if (!on) state.set32(layout.EFER, efer & ~EFER_LMA);
  }

  /** Legacy PAE paging is on, under this CR4. */
  #usesPointers(control4: number): boolean {
    const state = this.#state;
    return !isLongMode(state) && (state.get32(layout.CR0) & CR0_PG) !== 0 && (control4 & CR4_PAE) !== 0;
  }

  #writeControl3(low: number, high: number): number {
    const state = this.#state;
    if (isLongMode(state) && (high & CR3_RESERVED_HIGH) !== 0) return generalProtection(state);
    if (this.#usesPointers(state.get32(layout.CR4)) && !this.#mmu.walker.hasValidPointers(low)) {
      return generalProtection(state);
    }
    state.setPair(layout.CR3, low, high);
    this.#mmu.flushAll(true);
    return Status.Lookup;
  }

  #writeControl4(low: number, high: number): number {
    const state = this.#state;
    if (high !== 0 || (low & ~this.#control4Defined) !== 0) return generalProtection(state);
    if (isLongMode(state) && (low & CR4_PAE) === 0) return generalProtection(state);
    const before = state.get32(layout.CR4);
    const reload = ((before ^ low) & CR4_TRANSLATION) !== 0 && this.#usesPointers(low);
    if (reload && !this.#mmu.walker.hasValidPointers(state.get32(layout.CR3)))
      return generalProtection(state);
    state.setPair(layout.CR4, low, 0);
    if (((before ^ low) & CR4_DE) !== 0) this.#debugChanged();
    if (((before ^ low) & CR4_TRANSLATION) === 0) return Status.Next;
    this.#mmu.flushAll(false);
    return Status.Lookup;
  }

  /** The task priority may unmask an interrupt: the slice ends so that the machine looks at it. */
  #writeControl8(low: number, high: number): number {
    const state = this.#state;
    if (high !== 0 || (low & ~CR8_DEFINED) !== 0) return generalProtection(state);
    state.setPair(layout.CR8, low, 0);
    this.#bus.taskPriorityWritten?.(low);
    this.#hooks.endSlice();
    return Status.Next;
  }
}

function slotOf(control: number): number | undefined {
  switch (control) {
    case 0:
      return layout.CR0;
    case 2:
      return layout.CR2;
    case 3:
      return layout.CR3;
    case 4:
      return layout.CR4;
    case 8:
      return layout.CR8;
    default:
      return undefined;
  }
}
