import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { generalProtection, raiseWithError, Vector } from '../system/exception.ts';
import { type Mmu, Privilege } from '../system/mmu.ts';
import { isCanonical } from '../system/registers.ts';
import { Through } from '../system/segment-checks.ts';

/** The largest access that the memory management unit takes. */
const CHUNK = 64;

/** An address from generated code: two unsigned halves, and whether it is addressed through SS. */
export interface ImageAddress {
  readonly low: number;
  readonly high: number;
  readonly stack: boolean;
}

/** Reads and writes images of processor state that are longer than one access: first everything is checked, then everything is moved. */
export class ImageMemory {
  readonly #state: State;
  readonly #mmu: Mmu;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#mmu = mmu;
  }

  /**
   * Whether an image of at most a page can be accessed; false with the fault recorded. `probes`: the bytes that are tried, in this order; in
   * general AMD's processors try the last one first. `firstPart`: how many bytes must have canonical addresses before that.
   */
  accessible(
    at: ImageAddress,
    length: number,
    access: 'read' | 'write',
    probes: readonly number[] = [length - 1, 0],
    firstPart = 1,
  ): boolean {
    const state = this.#state;
    if (!isCanonical(at.high >>> 0) || !isCanonical(moved(at, firstPart - 1).high)) {
      if (at.stack) raiseWithError(state, Vector.StackFault, 0);
      else generalProtection(state);
      return false;
    }
    const through = at.stack ? Through.Stack : Through.Operand;
    if (!this.#mmu.isWithinSegment(at.low, length, through, access === 'write')) return false;
    for (const offset of probes) {
      const found = access === 'read' ? this.#read(at, offset, 1) : this.#write(at, offset, 1);
      if (found === 0) return false;
    }
    state.set32(layout.BOUNCE_SIZE, 0);
    return true;
  }

  /** The bytes of an image that is accessible. */
  read(at: ImageAddress, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += CHUNK) {
      const size = Math.min(CHUNK, length - offset);
      const from = this.#read(at, offset, size);
      bytes.set(this.#state.u8.subarray(from, from + size), offset);
    }
    return bytes;
  }

  write(at: ImageAddress, bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; offset += CHUNK) {
      const part = bytes.subarray(offset, offset + CHUNK);
      const to = this.#write(at, offset, part.length);
      this.#state.u8.set(part, to);
      if (to === layout.BOUNCE) this.#mmu.commitBounce();
    }
  }

  #read(at: ImageAddress, offset: number, size: number): number {
    const { low, high } = moved(at, offset);
    return this.#mmu.prepareRead(low, high, size, Privilege.Current, at.stack);
  }

  #write(at: ImageAddress, offset: number, size: number): number {
    const { low, high } = moved(at, offset);
    return this.#mmu.prepareWrite(low, high, size, Privilege.Current, at.stack);
  }
}

function moved(at: ImageAddress, offset: number): { low: number; high: number } {
  const address = ((BigInt(at.high >>> 0) << 32n) | BigInt(at.low >>> 0)) + BigInt(offset);
  return { low: Number(address & 0xffff_ffffn), high: Number((address >> 32n) & 0xffff_ffffn) };
}
