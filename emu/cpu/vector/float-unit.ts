import { add, multiply } from '../float/arithmetic.ts';
import { compare } from '../float/compare.ts';
import { EXCEPTIONS, environment, type FloatEnvironment, PRE_COMPUTATION } from '../float/environment.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { invalidOpcode, raise, Vector } from '../system/exception.ts';
import { ARITHMETIC, CF, PF, writeFlags, ZF } from '../system/flags.ts';
import { CR4_OSXMMEXCPT } from '../system/registers.ts';
import { Status } from '../system/status.ts';
import {
  type CompareOperation,
  type DotProductOperation,
  FLOAT_OPERATIONS,
  type LaneOperation,
} from './float-operations.ts';

const RELATION_FLAGS = { less: CF, equal: ZF, greater: 0, unordered: ZF | PF | CF } as const;

/** Floating-point instructions on XMM registers, with MXCSR's rounding, masks and flags (Intel SDM volume 1, chapter 11). */
export class FloatUnit {
  readonly #state: State;
  readonly #view: DataView;
  readonly #result = new DataView(new ArrayBuffer(16));

  constructor(state: State) {
    this.#state = state;
    this.#view = new DataView(state.memory.buffer);
  }

  run(index: number, destination: number, source: number, immediate: number): number {
    const operation = FLOAT_OPERATIONS[index];
    if (operation === undefined) throw new RangeError(`there is no floating-point operation ${index}`);
    const rules = environment(this.#state.get32(layout.MXCSR));
    switch (operation.kind) {
      case 'lanes':
        return this.#lanes(operation, destination, source, immediate, rules);
      case 'compare':
        return this.#compare(operation, destination, source, rules);
      case 'dot product':
        return this.#dotProduct(operation, destination, source, immediate, rules);
    }
  }

  #lanes(
    operation: LaneOperation,
    destination: number,
    source: number,
    immediate: number,
    rules: FloatEnvironment,
  ): number {
    const { lanes, sourceSize, resultSize, written, horizontal } = operation;
    const result = this.#result;
    for (let lane = 0; lane < lanes; lane++) {
      let first = destination + lane * sourceSize;
      let second = source + lane * sourceSize;
      if (horizontal === true) {
        const pair = 2 * lane;
        first = (pair < lanes ? destination : source) + (pair % lanes) * sourceSize;
        second = first + sourceSize;
      }
      const a = this.#bits(first, sourceSize);
      const bits = operation.lane(a, this.#bits(second, sourceSize), rules, immediate, lane);
      if (resultSize === 4) result.setUint32(lane * 4, Number(bits), true);
      else result.setBigUint64(lane * 8, bits, true);
    }
    if (this.#signal(rules) === Status.Fault) return Status.Fault;
    const { u8 } = this.#state;
    const length = lanes * resultSize;
    for (let i = 0; i < written; i++) u8[destination + i] = i < length ? result.getUint8(i) : 0;
    return Status.Next;
  }

  /**
   * The products that bits 7–4 of the immediate choose, summed in pairs, then the sums; the elements that bits 3–0 do not choose become
   * zero. Each of the steps has its own rounding and its own exceptions, and an unmasked one keeps the next step from being taken.
   */
  #dotProduct(
    { format, lanes }: DotProductOperation,
    destination: number,
    source: number,
    immediate: number,
    rules: FloatEnvironment,
  ): number {
    const { size } = format;
    let terms: bigint[] = [];
    for (let lane = 0; lane < lanes; lane++) {
      const a = this.#bits(destination + lane * size, size);
      const b = this.#bits(source + lane * size, size);
      terms.push(((immediate >> (4 + lane)) & 1) === 0 ? 0n : multiply(a, b, format, rules));
    }
    while (terms.length > 1) {
      if (this.#signal(rules) === Status.Fault) return Status.Fault;
      const sums: bigint[] = [];
      for (let i = 0; i < terms.length; i += 2) {
        sums.push(add(terms[i] as bigint, terms[i + 1] as bigint, format, rules));
      }
      terms = sums;
    }
    if (this.#signal(rules) === Status.Fault) return Status.Fault;
    for (let lane = 0; lane < lanes; lane++) {
      const bits = ((immediate >> lane) & 1) === 0 ? 0n : (terms[0] as bigint);
      const at = destination + lane * size;
      if (size === 4) this.#view.setUint32(at, Number(bits), true);
      else this.#view.setBigUint64(at, bits, true);
    }
    return Status.Next;
  }

  #compare(operation: CompareOperation, first: number, second: number, rules: FloatEnvironment): number {
    const { format, quietIsInvalid } = operation;
    const a = this.#bits(first, format.size);
    const b = this.#bits(second, format.size);
    const relation = compare(a, b, format, rules, quietIsInvalid);
    if (this.#signal(rules) === Status.Fault) return Status.Fault;
    writeFlags(this.#state, RELATION_FLAGS[relation], ARITHMETIC);
    return Status.Next;
  }

  /** Adds the exceptions met to MXCSR; one that is not masked faults. What is found before computing keeps the rest from being found. */
  #signal({ flags, masked }: FloatEnvironment): number {
    if (flags === 0) return Status.Next;
    const state = this.#state;
    const unmasked = flags & ~masked & EXCEPTIONS;
    const met = (unmasked & PRE_COMPUTATION) !== 0 ? flags & PRE_COMPUTATION : flags;
    state.set32(layout.MXCSR, state.get32(layout.MXCSR) | met);
    if (unmasked === 0) return Status.Next;
    if ((state.get32(layout.CR4) & CR4_OSXMMEXCPT) === 0) return invalidOpcode(state);
    return raise(state, Vector.SimdFloatingPoint);
  }

  #bits(at: number, size: 4 | 8): bigint {
    return size === 4 ? BigInt(this.#view.getUint32(at, true)) : this.#view.getBigUint64(at, true);
  }
}
