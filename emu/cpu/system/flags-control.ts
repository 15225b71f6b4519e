import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import type { SystemHooks } from './contract.ts';
import { generalProtection, invalidOpcode } from './exception.ts';
import {
  AC,
  ARITHMETIC,
  DF,
  ID,
  IF,
  IOPL,
  ioPrivilegeLevel,
  NT,
  RF,
  readFlags,
  TF,
  VM,
  writeFlags,
} from './flags.ts';
import { currentPrivilege, updateMode } from './mode.ts';
import { Status } from './status.ts';

/** What any program may change with POPF and IRET. */
const UNPRIVILEGED = ARITHMETIC | TF | DF | NT | AC | ID;
const LOW_WORD = 0xffff;

/** Instructions that change RFLAGS as a whole or its IF. */
export class FlagControl {
  readonly #state: State;
  readonly #hooks: SystemHooks;

  constructor(state: State, hooks: SystemHooks) {
    this.#state = state;
    this.#hooks = hooks;
  }

  /**
   * Sets RFLAGS bits. The run loop gets a turn before the next instruction when that lets a waiting interrupt in, turns
   * single-stepping on or suspends instruction breakpoints.
   */
  write(value: number, mask: number): void {
    const before = this.#state.get32(layout.RFLAGS_SYSTEM);
    writeFlags(this.#state, value, mask);
    if (((this.#state.get32(layout.RFLAGS_SYSTEM) ^ before) & AC) !== 0) updateMode(this.#state);
    const appeared = this.#state.get32(layout.RFLAGS_SYSTEM) & ~before;
    const interrupts = (appeared & IF) !== 0 && this.#hooks.interruptRequest();
    if ((appeared & (TF | RF)) !== 0 || interrupts) this.#hooks.endStep();
  }

  /**
   * Bits that POPF and IRET may change here: IOPL in ring 0 alone, IF where CPL ≤ IOPL (APM vol. 3, POPF).
   * IRET changes RF too; after any other instruction it is clear.
   */
  loadable(operandSize: number): number {
    const privilege = currentPrivilege(this.#state);
    let mask = UNPRIVILEGED;
    if (privilege === 0) mask |= IOPL;
    if (privilege <= ioPrivilegeLevel(this.#state)) mask |= IF;
    return operandSize === 2 ? mask & LOW_WORD : mask;
  }

  pushfValue(): number {
    return readFlags(this.#state) & ~(VM | RF);
  }

  popf(value: number, operandSize: number): number {
    this.write(value, this.loadable(operandSize));
    return Status.Next;
  }

  cli(): number {
    if (!this.#mayChangeInterruptFlag()) return generalProtection(this.#state);
    writeFlags(this.#state, 0, IF);
    return Status.Next;
  }

  sti(): number {
    if (!this.#mayChangeInterruptFlag()) return generalProtection(this.#state);
    if ((this.#state.get32(layout.RFLAGS_SYSTEM) & IF) !== 0) return Status.Next;
    this.write(IF, IF);
    this.#state.set32(layout.INTERRUPT_SHADOW, layout.Shadow.Interrupts);
    return Status.Shadow;
  }

  /** STAC and CLAC: #UD outside of ring 0. */
  setAlignmentCheck(value: number): number {
    if (currentPrivilege(this.#state) !== 0) return invalidOpcode(this.#state);
    this.write(value, AC);
    return Status.Next;
  }

  #mayChangeInterruptFlag(): boolean {
    return currentPrivilege(this.#state) <= ioPrivilegeLevel(this.#state);
  }
}
