import * as layout from '../layout.ts';
import { type State, TR } from '../state.ts';
import { SELECTOR_ERROR_MASK } from './descriptor.ts';
import { raiseWithError, Vector } from './exception.ts';
import type { Mmu } from './mmu.ts';

/** Offsets in a TSS (AMD APM vol. 2, figures 12-7 and 12-8). */
const LONG_RSP0 = 0x04;
const LONG_IST1 = 0x24;
const LEGACY_ESP0 = 0x04;
const LEGACY_STACK_SIZE = 8;
const IO_MAP_BASE = 0x66;

/** Reads the current task-state segment. */
export class TaskState {
  readonly #state: State;
  readonly #mmu: Mmu;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#mmu = mmu;
  }

  /** RSP for a privilege level (0–2) from the 64-bit TSS, or undefined with the fault recorded. */
  stackPointer(privilege: number): bigint | undefined {
    return this.#readPointer(LONG_RSP0 + privilege * 8);
  }

  /** RSP of an interrupt stack (1–7), or undefined with the fault recorded. */
  interruptStack(index: number): bigint | undefined {
    return this.#readPointer(LONG_IST1 + (index - 1) * 8);
  }

  /** SS and ESP for a privilege level from the 32-bit TSS, or undefined with the fault recorded. */
  legacyStack(privilege: number): { readonly selector: number; readonly pointer: bigint } | undefined {
    const offset = this.#locate(LEGACY_ESP0 + privilege * LEGACY_STACK_SIZE, LEGACY_STACK_SIZE);
    if (offset === 0) return undefined;
    const pointer = BigInt(this.#mmu.view.getUint32(offset, true));
    return { selector: this.#mmu.view.getUint16(offset + 4, true), pointer };
  }

  /**
   * Asks the I/O permission bitmap about `size` ports from `port` on: 1 when all are allowed, 0 when not,
   * undefined with the page fault recorded when the TSS is not readable.
   */
  portAllowed(port: number, size: number): 0 | 1 | undefined {
    const task = this.#state.segment(TR);
    if (task.limit < IO_MAP_BASE + 1) return 0;
    const baseOffset = this.#mmu.loadSystem(task.base + BigInt(IO_MAP_BASE), 2);
    if (baseOffset === 0) return undefined;
    const byte = this.#mmu.view.getUint16(baseOffset, true) + (port >>> 3);
    // The processor always reads two bytes: the ports of one access may span both.
    if (byte + 1 > task.limit) return 0;
    const offset = this.#mmu.loadSystem(task.base + BigInt(byte), 2);
    if (offset === 0) return undefined;
    const wanted = ((1 << size) - 1) << (port & 7);
    return (this.#mmu.view.getUint16(offset, true) & wanted) === 0 ? 1 : 0;
  }

  #readPointer(at: number): bigint | undefined {
    const offset = this.#locate(at, 8);
    return offset === 0 ? undefined : this.#mmu.view.getBigUint64(offset, true);
  }

  #locate(at: number, size: number): number {
    const task = this.#state.segment(TR);
    if (at + size - 1 > task.limit) {
      raiseWithError(this.#state, Vector.InvalidTss, task.selector & SELECTOR_ERROR_MASK);
      return 0;
    }
    return this.#mmu.loadSystem(BigInt.asUintN(64, task.base + BigInt(at)), size);
  }
}

/** Clears what HLT and STI leave pending. */
export function clearWaiting(state: State): void {
  state.set32(layout.HALTED, 0);
  state.set32(layout.INTERRUPT_SHADOW, 0);
}
