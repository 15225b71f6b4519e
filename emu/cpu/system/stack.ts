import type { Segment, State } from '../state.ts';
import { ATTRIBUTE_CODE, ATTRIBUTE_DEFAULT_BIG, ATTRIBUTE_EXPAND_DOWN } from './descriptor.ts';
import { raiseWithError, Vector } from './exception.ts';
import { type Mmu, Privilege } from './mmu.ts';

const MASK_64 = 0xffff_ffff_ffff_ffffn;
const MASK_32 = 0xffff_ffffn;
const MASK_16 = 0xffffn;

/** How a stack pointer becomes a linear address. */
export interface StackView {
  readonly base: bigint;
  /** Bits of the stack pointer that count. */
  readonly mask: bigint;
  /** Highest valid offset, or undefined where limits are not checked (64-bit code). */
  readonly limit: bigint | undefined;
  readonly expandDown: boolean;
}

/** A stack of 64-bit code: flat and without limit. */
export const FLAT_STACK: StackView = { base: 0n, mask: MASK_64, limit: undefined, expandDown: false };

/** The stack that a loaded SS describes to code that is not 64-bit. */
export function stackViewOf(segment: Segment): StackView {
  return {
    base: segment.base,
    mask: (segment.attributes & ATTRIBUTE_DEFAULT_BIG) !== 0 ? MASK_32 : MASK_16,
    limit: BigInt(segment.limit),
    expandDown: (segment.attributes & (ATTRIBUTE_CODE | ATTRIBUTE_EXPAND_DOWN)) === ATTRIBUTE_EXPAND_DOWN,
  };
}

/** The stack pointer after only the bits a stack of this kind uses were replaced. A 32-bit one clears the upper half. */
export function mergeStackPointer(view: StackView, before: bigint, value: bigint): bigint {
  return view.mask === MASK_16 ? (before & ~MASK_16) | (value & MASK_16) : value & view.mask;
}

/** Frames of several values on the stack, checked as a whole before anything is written. */
export class StackFrames {
  readonly #state: State;
  readonly #mmu: Mmu;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#mmu = mmu;
  }

  /**
   * Pushes `values` in order (at most eight), each of `size` bytes, below `pointer`.
   * Returns the new stack pointer, or undefined with the fault recorded and nothing written.
   */
  push(
    view: StackView,
    pointer: bigint,
    values: readonly bigint[],
    size: number,
    privilege: Privilege,
  ): bigint | undefined {
    const total = values.length * size;
    const top = (pointer - BigInt(total)) & view.mask;
    const linear = this.#linear(view, top, total);
    if (linear === undefined) return undefined;
    // Values are pushed from the top down: the first of them that cannot be stored is the one that faults.
    if (privilege === Privilege.Current && !this.#isAligned(linear + BigInt(total - size), size))
      return undefined;
    for (let at = total - size; at >= 0; at -= size) {
      if (this.#prepare(linear + BigInt(at), size, privilege) === 0) return undefined;
    }
    const offset = this.#prepare(linear, total, privilege);
    if (offset === 0) return undefined;
    let at = offset + total;
    for (const value of values) {
      at -= size;
      this.#put(at, size, value);
    }
    this.#mmu.commitBounce();
    return top;
  }

  /** As `push`, for any number of values: all are known to be storable before the first is stored. */
  pushMany(
    view: StackView,
    pointer: bigint,
    values: readonly bigint[],
    size: number,
    privilege: Privilege,
  ): bigint | undefined {
    const places: bigint[] = [];
    let top = pointer;
    for (let index = 0; index < values.length; index++) {
      top = (top - BigInt(size)) & view.mask;
      const linear = this.#linear(view, top, size);
      if (linear === undefined || this.#prepare(linear, size, privilege) === 0) return undefined;
      places.push(linear);
    }
    values.forEach((value, index) => {
      this.#put(this.#prepare(places[index] as bigint, size, privilege), size, value);
      this.#mmu.commitBounce();
    });
    return top;
  }

  #isAligned(linear: bigint, size: number): boolean {
    const address = BigInt.asUintN(64, linear);
    return this.#mmu.isAligned(Number(address & MASK_32), Number(address >> 32n), size);
  }

  #prepare(linear: bigint, size: number, privilege: Privilege): number {
    const address = BigInt.asUintN(64, linear);
    return this.#mmu.prepareWrite(Number(address & MASK_32), Number(address >> 32n), size, privilege, true);
  }

  /**
   * The `count` values at `pointer` upwards, or undefined with the fault recorded: that of the first value in `order` (places, from 0) that
   * cannot be read.
   */
  peek(
    view: StackView,
    pointer: bigint,
    count: number,
    size: number,
    privilege: Privilege,
    order: readonly number[] = [],
  ): bigint[] | undefined {
    const total = count * size;
    const linear = this.#linear(view, pointer & view.mask, total);
    if (linear === undefined) return undefined;
    if (privilege === Privilege.Current && !this.#isAligned(linear, size)) return undefined;
    const low = Number(linear & MASK_32);
    const offset = this.#mmu.prepareRead(low, Number(linear >> 32n), total, privilege, true);
    if (offset === 0) {
      for (const place of order) {
        if (place < count && this.#prepareValue(linear + BigInt(place * size), size, privilege) === 0) break;
      }
      return undefined;
    }
    const values: bigint[] = [];
    for (let index = 0; index < count; index++) values.push(this.#get(offset + index * size, size));
    return values;
  }

  /** Linear address of `size` bytes at a stack offset, or undefined with #SS(0) recorded when the limit forbids them. */
  #linear(view: StackView, offset: bigint, size: number): bigint | undefined {
    if (view.limit === undefined) return offset;
    const last = offset + BigInt(size) - 1n;
    const valid = view.expandDown ? offset > view.limit && last <= view.mask : last <= view.limit;
    if (!valid) {
      raiseWithError(this.#state, Vector.StackFault, 0);
      return undefined;
    }
    return (view.base + offset) & MASK_32;
  }

  #prepareValue(linear: bigint, size: number, privilege: Privilege): number {
    const address = BigInt.asUintN(64, linear);
    return this.#mmu.prepareRead(Number(address & MASK_32), Number(address >> 32n), size, privilege, true);
  }

  #put(offset: number, size: number, value: bigint): void {
    const view = this.#mmu.view;
    if (size === 8) view.setBigUint64(offset, value, true);
    else if (size === 4) view.setUint32(offset, Number(value & MASK_32), true);
    else view.setUint16(offset, Number(value & MASK_16), true);
  }

  #get(offset: number, size: number): bigint {
    const view = this.#mmu.view;
    if (size === 8) return view.getBigUint64(offset, true);
    return BigInt(size === 4 ? view.getUint32(offset, true) : view.getUint16(offset, true));
  }
}
