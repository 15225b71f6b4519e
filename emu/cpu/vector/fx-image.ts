import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { generalProtection } from '../system/exception.ts';
import type { Mmu } from '../system/mmu.ts';
import { is64BitCode } from '../system/mode.ts';
import { isCanonical } from '../system/registers.ts';
import { Status } from '../system/status.ts';
import { FX_IMAGE_BYTES, fxImage, setX87Part } from './fx-layout.ts';
import { ImageMemory } from './image-memory.ts';

const CHECKED_ALIGNMENT = 4;
const ALIGNMENT = 16;
/** What FXSAVE writes (Intel SDM volume 2, FXSAVE): up to XMM7 or XMM15. What follows is left alone. */
const USED_LEGACY = 288;
const USED_LONG = 416;
const XMM = layout.XMM - layout.FX;
const MXCSR = layout.MXCSR - layout.FX;
const MXCSR_RESERVED = 0xffff_0000;

/** FXSAVE and FXRSTOR. */
export class FxImage {
  readonly #state: State;
  readonly #mmu: Mmu;
  readonly #memory: ImageMemory;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#mmu = mmu;
    this.#memory = new ImageMemory(state, mmu);
  }

  save(low: number, high: number, stack: number, wide: number): number {
    const at = { low, high, stack: stack !== 0 };
    if (this.#misaligned(low, high)) return this.#alignmentFault(low, high);
    if (!this.#memory.accessible(at, FX_IMAGE_BYTES, 'write')) return Status.Fault;
    const used = is64BitCode(this.#state) ? USED_LONG : USED_LEGACY;
    this.#memory.write(at, fxImage(this.#state, wide !== 0).subarray(0, used));
    return Status.Next;
  }

  restore(low: number, high: number, stack: number, wide: number): number {
    const state = this.#state;
    const at = { low, high, stack: stack !== 0 };
    if (this.#misaligned(low, high)) return this.#alignmentFault(low, high);
    if (!this.#memory.accessible(at, FX_IMAGE_BYTES, 'read')) return Status.Fault;
    const image = this.#memory.read(at, FX_IMAGE_BYTES);
    const mxcsr = new DataView(image.buffer).getUint32(MXCSR, true);
    if ((mxcsr & MXCSR_RESERVED) !== 0) return generalProtection(state);
    setX87Part(state, image, wide !== 0);
    state.set32(layout.MXCSR, mxcsr);
    state.u8.set(image.subarray(XMM, is64BitCode(state) ? USED_LONG : USED_LEGACY), layout.XMM);
    return Status.Next;
  }

  /** An EPYC that checks alignment wants a multiple of 4 first. */
  #alignmentFault(low: number, high: number): number {
    if (!this.#mmu.isAligned(low, high >>> 0, CHECKED_ALIGNMENT)) return Status.Fault;
    return generalProtection(this.#state);
  }

  /** A misaligned address is #GP(0) whatever it is addressed through, unless it is not canonical. */
  #misaligned(low: number, high: number): boolean {
    return isCanonical(high >>> 0) && (low & (ALIGNMENT - 1)) !== 0;
  }
}
