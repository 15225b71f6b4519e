import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { generalProtection } from '../system/exception.ts';
import type { Mmu } from '../system/mmu.ts';
import { is64BitCode } from '../system/mode.ts';
import { XCR0_SSE, XCR0_X87, XSAVE_AREA_BYTES } from '../system/registers.ts';
import { Status } from '../system/status.ts';
import { CONTROL_INITIAL, initialize, REGISTER_SLOT, X87_REGISTERS } from '../x87/register-file.ts';
import { FX_IMAGE_BYTES, fxImage, setX87Part } from './fx-layout.ts';
import { type ImageAddress, ImageMemory } from './image-memory.ts';

/**
 * The XSAVE area (AMD APM volume 2, 11.5; Intel SDM volume 1, 13.4): the image of FXSAVE, then a header. There is nothing behind it, as
 * x87 and SSE state are the only components.
 */
const HEADER = FX_IMAGE_BYTES;
const ALIGNMENT = 64;
/** In the header: which components are not in their initial state; then 16 bytes that must be zero in the standard form. */
const XSTATE_BV = HEADER;
const RESERVED = HEADER + 8;
const RESERVED_END = HEADER + 24;
/** What AMD's processors try first when none or not all of an area can be accessed. */
const SAVE_PROBES: readonly number[] = [0, XSAVE_AREA_BYTES - 1];
const RESTORE_PROBES: readonly number[] = [0, HEADER];

const MXCSR = layout.MXCSR - layout.FX;
const X87_REGISTERS_AT = layout.X87 - layout.FX;
const XMM = layout.XMM - layout.FX;
const XMM_END_LEGACY = XMM + 8 * 16;
const XMM_END_LONG = XMM + 16 * 16;
const MXCSR_RESERVED = 0xffff_0000;
const X87_AND_SSE = XCR0_X87 | XCR0_SSE;

/** XSAVE, XSAVEOPT and XRSTOR. */
export class ExtendedState {
  readonly #state: State;
  readonly #memory: ImageMemory;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#memory = new ImageMemory(state, mmu);
  }

  /** XSAVE of the components that EDX:EAX and XCR0 ask for. The others' bytes, and the rest of the header, stay. */
  save(low: number, high: number, stack: number, wide: number): number {
    return this.#save(low, high, stack, wide, X87_AND_SSE);
  }

  /** XSAVEOPT: as XSAVE, but a component in its initial state is not written. It knows nothing of what XRSTOR loaded last. */
  saveOptimized(low: number, high: number, stack: number, wide: number): number {
    return this.#save(low, high, stack, wide, this.#inUse());
  }

  /** `stored`: the components that are written where they are asked for. */
  #save(low: number, high: number, stack: number, wide: number, stored: number): number {
    const state = this.#state;
    const at = { low, high, stack: stack !== 0 };
    if (this.#misaligned(low)) return generalProtection(state);
    if (!this.#memory.accessible(at, XSAVE_AREA_BYTES, 'write', SAVE_PROBES)) return Status.Fault;
    const requested = this.#requested();
    const area = this.#memory.read(at, XSAVE_AREA_BYTES);
    const image = fxImage(state, wide !== 0);
    const write = (start: number, end: number): void =>
      this.#memory.write(moved(at, start), image.subarray(start, end));
    if ((requested & stored & XCR0_X87) !== 0) {
      write(0, MXCSR);
      write(X87_REGISTERS_AT, XMM);
    }
    if ((requested & XCR0_SSE) !== 0) write(MXCSR, X87_REGISTERS_AT);
    if ((requested & stored & XCR0_SSE) !== 0) write(XMM, this.#vectorsEnd());
    const header = area.subarray(XSTATE_BV, RESERVED);
    header[0] = ((header[0] as number) & ~requested) | (requested & this.#inUse());
    this.#memory.write(moved(at, XSTATE_BV), header);
    return Status.Next;
  }

  /** XRSTOR: a component that was asked for and that XSTATE_BV does not name gets its initial state, but MXCSR is always loaded with SSE. */
  restore(low: number, high: number, stack: number, wide: number): number {
    const state = this.#state;
    const at = { low, high, stack: stack !== 0 };
    if (this.#misaligned(low)) return generalProtection(state);
    if (!this.#memory.accessible(at, XSAVE_AREA_BYTES, 'read', RESTORE_PROBES)) return Status.Fault;
    const area = this.#memory.read(at, XSAVE_AREA_BYTES);
    const view = new DataView(area.buffer);
    const present = view.getBigUint64(XSTATE_BV, true);
    if ((present & ~state.get64(layout.XCR0)) !== 0n) return generalProtection(state);
    if (area.subarray(RESERVED, RESERVED_END).some((byte) => byte !== 0)) return generalProtection(state);
    const requested = this.#requested();
    const mxcsr = view.getUint32(MXCSR, true);
    const loadsVectors = (requested & XCR0_SSE) !== 0;
    if (loadsVectors && (mxcsr & MXCSR_RESERVED) !== 0) return generalProtection(state);

    const loaded = requested & Number(present);
    if ((requested & XCR0_X87) !== 0) {
      if ((loaded & XCR0_X87) !== 0) setX87Part(state, area, wide !== 0);
      else this.#initializeX87();
    }
    if (loadsVectors) {
      const end = this.#vectorsEnd();
      if ((loaded & XCR0_SSE) === 0) area.fill(0, XMM, end);
      state.u8.set(area.subarray(XMM, end), layout.XMM);
      state.set32(layout.MXCSR, mxcsr);
    }
    return Status.Next;
  }

  /** The requested-feature bitmap: EDX:EAX and XCR0. */
  #requested(): number {
    return this.#state.get32(layout.GPR) & this.#state.get32(layout.XCR0);
  }

  /**
   * The components that are not in their initial state. The manuals let a processor say of a component in its initial state that it is
   * in use; this one looks at the contents, so that the answer follows from the state alone.
   */
  #inUse(): number {
    const { u8 } = this.#state;
    const zero = (start: number, end: number): boolean => u8.subarray(start, end).every((byte) => byte === 0);
    const initial =
      this.#state.u16[layout.X87_CONTROL >>> 1] === CONTROL_INITIAL &&
      zero(layout.X87_STATUS, layout.MXCSR) &&
      zero(layout.X87_SELECTORS, layout.FX) &&
      zero(layout.X87, layout.X87 + X87_REGISTERS * REGISTER_SLOT);
    const vectorsInitial = zero(layout.XMM, layout.FX + XMM_END_LONG);
    return (initial ? 0 : XCR0_X87) | (vectorsInitial ? 0 : XCR0_SSE);
  }

  #initializeX87(): void {
    initialize(this.#state);
    this.#state.u8.fill(0, layout.X87, layout.X87 + X87_REGISTERS * REGISTER_SLOT);
  }

  #vectorsEnd(): number {
    return is64BitCode(this.#state) ? XMM_END_LONG : XMM_END_LEGACY;
  }

  /** A misaligned address is #GP(0) whatever it is addressed through, and canonical or not (FXSAVE looks at that first). */
  #misaligned(low: number): boolean {
    return (low & (ALIGNMENT - 1)) !== 0;
  }
}

function moved(at: ImageAddress, offset: number): ImageAddress {
  const low = (at.low >>> 0) + offset;
  return { ...at, low: low >>> 0, high: at.high + (low >= 2 ** 32 ? 1 : 0) };
}
