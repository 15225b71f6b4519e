import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { generalProtection } from './exception.ts';
import type { Mmu } from './mmu.ts';
import { currentPrivilege, is64BitCode } from './mode.ts';
import { CR4_UMIP, isCanonical } from './registers.ts';
import { Status } from './status.ts';

const LIMIT_SIZE = 2;
const BASE_SIZE_LONG = 8;
const BASE_SIZE_LEGACY = 4;
const BASE_OFFSET = 8;
const BASE_24_BITS = 0x00ff_ffff;

/** LGDT, LIDT, SGDT and SIDT (AMD APM vol. 3). */
export class TableRegisters {
  readonly #state: State;
  readonly #mmu: Mmu;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#mmu = mmu;
  }

  load(register: number, addressLow: number, addressHigh: number, operandSize: number): number {
    const state = this.#state;
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    const long = is64BitCode(state);
    const size = LIMIT_SIZE + (long ? BASE_SIZE_LONG : BASE_SIZE_LEGACY);
    const offset = this.#mmu.readSlow(addressLow, addressHigh, size, 0);
    if (offset === 0) return Status.Fault;
    const view = this.#mmu.view;
    const limit = view.getUint16(offset, true);
    const base = view.getUint32(offset + LIMIT_SIZE, true);
    const high = long ? view.getUint32(offset + LIMIT_SIZE + 4, true) : 0;
    if (!isCanonical(high)) return generalProtection(state);
    state.set32(register, limit);
    state.setPair(register + BASE_OFFSET, !long && operandSize === 2 ? base & BASE_24_BITS : base, high);
    return Status.Next;
  }

  store(register: number, addressLow: number, addressHigh: number): number {
    const state = this.#state;
    if (currentPrivilege(state) !== 0 && (state.get32(layout.CR4) & CR4_UMIP) !== 0) {
      return generalProtection(state);
    }
    const long = is64BitCode(state);
    const size = LIMIT_SIZE + (long ? BASE_SIZE_LONG : BASE_SIZE_LEGACY);
    const offset = this.#mmu.writeSlow(addressLow, addressHigh, size, 0);
    if (offset === 0) return Status.Fault;
    const view = this.#mmu.view;
    view.setUint16(offset, state.get32(register), true);
    view.setUint32(offset + LIMIT_SIZE, state.get32(register + BASE_OFFSET), true);
    if (long) view.setUint32(offset + LIMIT_SIZE + 4, state.high(register + BASE_OFFSET), true);
    this.#mmu.commitBounce();
    return Status.Next;
  }
}
