import * as layout from '../layout.ts';
import { CS, GS, SS, type State } from '../state.ts';
import type { SystemHooks } from './contract.ts';
import {
  ATTRIBUTE_DPL_SHIFT,
  FLAT_CODE_32,
  FLAT_CODE_64,
  FLAT_DATA,
  FLAT_LIMIT,
  SELECTOR_ERROR_MASK,
} from './descriptor.ts';
import { generalProtection, invalidOpcode } from './exception.ts';
import { AC, ALL, ARITHMETIC, DF, ID, IF, IOPL, NT, RF, readFlags, TF, VM, writeFlags } from './flags.ts';
import type { FlagControl } from './flags-control.ts';
import { currentPrivilege, is64BitCode, isLongMode, isProtectedMode, setPrivilege } from './mode.ts';
import { EFER_SCE } from './registers.ts';
import { Status } from './status.ts';

const RCX = layout.GPR + 1 * 8;
const R11 = layout.GPR + 11 * 8;
const GS_BASE = layout.SEGMENTS + GS * layout.SEGMENT_SIZE + layout.SEGMENT_BASE;
const USER_PRIVILEGE = 3;
const USER_ATTRIBUTES = USER_PRIVILEGE << ATTRIBUTE_DPL_SHIFT;
/** From the SYSCALL selector to SS; from the SYSRET selector to SS and to the 64-bit code segment. */
const STACK_DISTANCE = 8;
const CODE_64_DISTANCE = 16;
const SYSRET_FLAGS = ARITHMETIC | TF | IF | DF | IOPL | NT | AC | ID;

/** SYSCALL, SYSRET and SWAPGS as AMD processors have them (APM vol. 3; vol. 2, section 6.1). */
export class FastSystemCalls {
  readonly #state: State;
  readonly #flags: FlagControl;
  readonly #hooks: SystemHooks;

  constructor(state: State, flags: FlagControl, hooks: SystemHooks) {
    this.#state = state;
    this.#flags = flags;
    this.#hooks = hooks;
  }

  syscall(): number {
    const state = this.#state;
    if ((state.get32(layout.EFER) & EFER_SCE) === 0 || !isProtectedMode(state)) return invalidOpcode(state);
    const selector = state.high(layout.STAR) & SELECTOR_ERROR_MASK;
    this.#hooks.traceByNewFlag();
    if (!isLongMode(state)) return this.#legacySyscall(selector);
    const entry = is64BitCode(state) ? layout.LSTAR : layout.CSTAR;
    state.set64(RCX, state.get64(layout.RIP));
    state.setPair(R11, readFlags(state) & ~RF, 0);
    state.set64(layout.RIP, state.get64(entry));
    this.#loadFlat(selector, FLAT_CODE_64, 0);
    writeFlags(state, 0, (state.get32(layout.SFMASK) & ALL) | RF);
    return Status.Lookup;
  }

  /** Legacy mode: the entry point is STAR's low half, and only IF and VM change. */
  #legacySyscall(selector: number): number {
    const state = this.#state;
    state.setPair(RCX, state.get32(layout.RIP), 0);
    state.setPair(layout.RIP, state.get32(layout.STAR), 0);
    this.#loadFlat(selector, FLAT_CODE_32, 0);
    writeFlags(state, 0, IF | VM | RF);
    return Status.Lookup;
  }

  /** A non-canonical RCX is loaded as it is: AMD processors fault at the fetch in ring 3, not here. */
  sysret(operandSize: number): number {
    const state = this.#state;
    if ((state.get32(layout.EFER) & EFER_SCE) === 0) return invalidOpcode(state);
    if (!isProtectedMode(state) || currentPrivilege(state) !== 0) return generalProtection(state);
    const selector = state.high(layout.STAR) >>> 16;
    this.#hooks.traceByNewFlag();
    const wide = operandSize === 8;
    state.setPair(layout.RIP, state.get32(RCX), wide ? state.high(RCX) : 0);
    const code = wide ? FLAT_CODE_64 : FLAT_CODE_32;
    const codeSelector = (wide ? selector + CODE_64_DISTANCE : selector) & 0xffff;
    this.#loadFlat(codeSelector, code, USER_PRIVILEGE, selector + STACK_DISTANCE);
    if (isLongMode(state)) this.#flags.write(state.get32(R11), SYSRET_FLAGS);
    else this.#flags.write(IF, IF);
    return Status.Lookup;
  }

  /** SYSENTER exists in legacy mode only; its three MSRs are there, the instruction is not implemented. */
  sysenter(): number {
    return invalidOpcode(this.#state);
  }

  swapgs(): number {
    const state = this.#state;
    if (!is64BitCode(state)) return invalidOpcode(state);
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    const low = state.get32(GS_BASE);
    const high = state.high(GS_BASE);
    state.setPair(GS_BASE, state.get32(layout.KERNEL_GS_BASE), state.high(layout.KERNEL_GS_BASE));
    state.setPair(layout.KERNEL_GS_BASE, low, high);
    return Status.Next;
  }

  #loadFlat(selector: number, code: number, privilege: number, stack = selector + STACK_DISTANCE): void {
    const state = this.#state;
    const user = privilege === USER_PRIVILEGE;
    const ring = user ? USER_ATTRIBUTES : 0;
    const requested = user ? USER_PRIVILEGE : 0;
    state.setSegment(CS, {
      selector: selector | requested,
      attributes: code | ring,
      limit: FLAT_LIMIT,
      base: 0n,
    });
    state.setSegment(SS, {
      selector: (stack & 0xffff) | requested,
      attributes: FLAT_DATA | ring,
      limit: FLAT_LIMIT,
      base: 0n,
    });
    setPrivilege(state, privilege);
  }
}
