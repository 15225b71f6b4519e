import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { generalProtection, invalidOpcode, raise, Vector } from './exception.ts';
import { currentPrivilege, is64BitCode } from './mode.ts';
import { CR4_DE } from './registers.ts';
import { Status } from './status.ts';

/** Bits of DR6 and DR7 (AMD APM vol. 2, section 13.1.1). */
export const DR6_BREAKPOINTS = 0xf;
export const DR6_FIXED = 0xffff_0ff0;
export const DR6_GENERAL_DETECT = 1 << 13;
export const DR6_SINGLE_STEP = 1 << 14;
const DR6_WRITABLE = 0x0000_e00f;
export const DR7_FIXED = 1 << 10;
export const DR7_GENERAL_DETECT = 1 << 13;
const DR7_WRITABLE = 0xffff_23ff;

const ALIASED = 4;
const ALIAS_DISTANCE = 2;

/** MOV to and from the debug registers. */
export class DebugRegisters {
  readonly #state: State;
  readonly #changed: () => void;

  /** `changed`: DR0–DR3 or DR7 have another value. */
  constructor(state: State, changed: () => void) {
    this.#state = state;
    this.#changed = changed;
  }

  movFromDebug(debug: number, gprOffset: number): number {
    const state = this.#state;
    const slot = this.#check(debug);
    if (slot === undefined) return Status.Fault;
    state.setPair(gprOffset, state.get32(slot), is64BitCode(state) ? state.high(slot) : 0);
    return Status.Next;
  }

  movToDebug(debug: number, gprOffset: number): number {
    const state = this.#state;
    const slot = this.#check(debug);
    if (slot === undefined) return Status.Fault;
    const low = state.get32(gprOffset);
    const high = is64BitCode(state) ? state.high(gprOffset) : 0;
    if (slot === layout.DR6 || slot === layout.DR7) {
      if (high !== 0) return generalProtection(state);
      const isStatus = slot === layout.DR6;
      const fixed = isStatus ? DR6_FIXED : DR7_FIXED;
      state.setPair(slot, ((low & (isStatus ? DR6_WRITABLE : DR7_WRITABLE)) | fixed) >>> 0, 0);
      if (!isStatus) this.#changed();
      return Status.Next;
    }
    state.setPair(slot, low, high);
    this.#changed();
    return Status.Next;
  }

  /** The register's slot, or undefined with the exception recorded. */
  #check(debug: number): number | undefined {
    const state = this.#state;
    const extensions = (state.get32(layout.CR4) & CR4_DE) !== 0;
    const isAlias = debug === ALIASED || debug === ALIASED + 1;
    if (debug > 7 || (isAlias && extensions)) {
      invalidOpcode(state);
      return undefined;
    }
    if (currentPrivilege(state) !== 0) {
      generalProtection(state);
      return undefined;
    }
    if ((state.get32(layout.DR7) & DR7_GENERAL_DETECT) !== 0) {
      setDebugStatus(state, DR6_GENERAL_DETECT);
      raise(state, Vector.Debug);
      return undefined;
    }
    const register = isAlias ? debug + ALIAS_DISTANCE : debug;
    if (register === 6) return layout.DR6;
    return register === 7 ? layout.DR7 : layout.DR0 + register * 8;
  }
}

/**
 * Notes in DR6 what raised a debug exception: bits of breakpoints, single step, general detect. The breakpoints' bits show the present
 * conditions; the others stay until software clears them (APM vol. 2, section 13.1.1.3).
 */
export function setDebugStatus(state: State, bits: number): void {
  state.set32(layout.DR6, (state.get32(layout.DR6) & ~DR6_BREAKPOINTS) | bits);
}
