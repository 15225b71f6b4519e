import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import type { Mmu } from '../system/mmu.ts';
import { type Extended, INDEFINITE, type Unpacked, unpack } from './extended.ts';
import {
  controlWord,
  STATUS_STACK_FAULT,
  STATUS_TOP,
  setStatusWord,
  stackSlot,
  statusWord,
  TOP_SHIFT,
} from './register-file.ts';
import { INVALID, OVERFLOW, PRE_COMPUTATION, PRECISION, type Rules, rulesOf, UNDERFLOW } from './rules.ts';

/** Condition codes in the status word. */
export const C0 = 1 << 8;
export const C1 = 1 << 9;
export const C2 = 1 << 10;
export const C3 = 1 << 14;

/** The x87 registers as instructions use them: a stack, with the exceptions that using it can meet. */
export class X87Unit {
  readonly state: State;
  /** Bytes at the offsets that accesses to memory return. */
  readonly view: DataView;
  readonly #mmu: Mmu;

  constructor(state: State, mmu: Mmu) {
    this.state = state;
    this.view = mmu.view;
    this.#mmu = mmu;
  }

  rules(): Rules {
    return rulesOf(controlWord(this.state));
  }

  isEmpty(index: number): boolean {
    return ((this.state.u8[layout.X87_TAGS] as number) & this.#tag(index)) === 0;
  }

  value(index: number): Extended {
    const slot = stackSlot(this.state, index);
    return { high: this.state.u16[(slot + 8) >>> 1] as number, low: this.state.get64(slot) };
  }

  operand(index: number): Unpacked {
    return unpack(this.value(index));
  }

  /** Sets a register, which is not empty then. */
  write(index: number, value: Extended): void {
    const slot = stackSlot(this.state, index);
    this.state.set64(slot, value.low);
    this.state.u16[(slot + 8) >>> 1] = value.high;
    this.state.u8[layout.X87_TAGS] = (this.state.u8[layout.X87_TAGS] as number) | this.#tag(index);
  }

  free(index: number): void {
    this.state.u8[layout.X87_TAGS] = (this.state.u8[layout.X87_TAGS] as number) & ~this.#tag(index);
  }

  /** Adds to TOP. */
  turn(by: number): void {
    const word = statusWord(this.state);
    const top = ((word >>> TOP_SHIFT) + by) & 7;
    this.state.u16[layout.X87_STATUS >>> 1] = (word & ~STATUS_TOP) | (top << TOP_SHIFT);
  }

  push(value: Extended): void {
    this.turn(-1);
    this.write(0, value);
  }

  pop(): void {
    this.free(0);
    this.turn(1);
  }

  /** Sets the condition codes in `mask` as `codes` has them. */
  setCodes(mask: number, codes: number): void {
    this.state.u16[layout.X87_STATUS >>> 1] = (statusWord(this.state) & ~mask) | codes;
  }

  /**
   * Notes what an instruction met, C1 included, and answers whether its result is to be delivered: an unmasked exception that was found before
   * computing keeps it back, and one of range does when the result goes to memory. The precision of what is kept back does not count.
   */
  deliver({ flags, masked, up }: Rules, toMemory = false): boolean {
    const unmasked = flags & ~masked;
    const early = (unmasked & PRE_COMPUTATION) !== 0;
    const keptBack = early || (toMemory && (unmasked & (OVERFLOW | UNDERFLOW)) !== 0);
    const met = early ? flags & PRE_COMPUTATION : keptBack ? flags & ~PRECISION : flags;
    setStatusWord(this.state, (statusWord(this.state) & ~C1) | met | (up && !keptBack ? C1 : 0));
    return !keptBack;
  }

  /** A register was empty that should not be (or, for `overflow`, not empty that should be). Answers whether that is masked. */
  stackFault(overflow = false): boolean {
    const word = (statusWord(this.state) & ~C1) | INVALID | STATUS_STACK_FAULT | (overflow ? C1 : 0);
    setStatusWord(this.state, word);
    return (controlWord(this.state) & INVALID) !== 0;
  }

  /** Whether there is room for a push. If not, the masked response has been given: an indefinite is pushed. */
  hasRoom(): boolean {
    if (this.isEmpty(-1)) return true;
    if (this.stackFault(true)) this.push(INDEFINITE);
    return false;
  }

  /** Bytes to memory that has been checked for writing. */
  store(at: number, size: 2 | 4 | 8 | 10, value: bigint): void {
    const { view } = this;
    if (size >= 8) view.setBigUint64(at, value, true);
    if (size === 10) view.setUint16(at + 8, Number(value >> 64n), true);
    else if (size === 4) view.setUint32(at, Number(value), true);
    else if (size === 2) view.setUint16(at, Number(value), true);
    this.stored(at);
  }

  /** Follows the last byte of a store. */
  stored(at: number): void {
    if (at === layout.BOUNCE) this.#mmu.commitBounce();
  }

  #tag(index: number): number {
    return 1 << (((statusWord(this.state) >>> TOP_SHIFT) + index) & 7);
  }
}
