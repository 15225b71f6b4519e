import * as layout from '../layout.ts';
import { CS, SS, type State } from '../state.ts';
import { codeSegmentSize, hasValidSize, isValidTargetOffset } from './code-segment.ts';
import {
  baseOf,
  type Descriptor,
  dplOf,
  isCode,
  isConformingCode,
  isNull,
  isPresent,
  isWritableData,
  SELECTOR_ERROR_MASK,
  SELECTOR_RPL,
} from './descriptor.ts';
import type { DescriptorTables } from './descriptor-tables.ts';
import { generalProtection, raiseWithError, Vector } from './exception.ts';
import { NT, RF, VM } from './flags.ts';
import type { FlagControl } from './flags-control.ts';
import { Privilege } from './mmu.ts';
import { currentPrivilege, is64BitCode, isLongMode, isProtectedMode, setPrivilege } from './mode.ts';
import { dropInnerSegments } from './segments.ts';
import { FLAT_STACK, mergeStackPointer, type StackFrames, type StackView, stackViewOf } from './stack.ts';
import { Status } from './status.ts';

const RSP = layout.GPR + 4 * 8;
const SELECTOR_MASK = 0xffffn;

/** Where a return leads. */
interface ReturnFrame {
  readonly instructionPointer: bigint;
  readonly selector: number;
  readonly stackPointer: bigint;
  /** Undefined when the frame has no stack pointer: a legacy return to the same level. */
  readonly stackSelector: number | undefined;
}

/** In which order AMD's processors read a frame, as the addresses of their page faults show: flags, CS, RIP, SS, RSP; and CS, RIP. */
const IRET_ORDER = [2, 1, 0, 4, 3];
const RETF_ORDER = [1, 0];

/** IRET and far RET: returns to the same or an outer privilege level (AMD APM vol. 3). */
export class Returns {
  readonly #state: State;
  readonly #tables: DescriptorTables;
  readonly #frames: StackFrames;
  readonly #flags: FlagControl;

  constructor(state: State, tables: DescriptorTables, frames: StackFrames, flags: FlagControl) {
    this.#state = state;
    this.#tables = tables;
    this.#frames = frames;
    this.#flags = flags;
  }

  iret(operandSize: number): number {
    const state = this.#state;
    // Returns to virtual-8086 mode and through a task link do not exist here: #GP as for any NT in long mode.
    if (!isProtectedMode(state) || (state.get32(layout.RFLAGS_SYSTEM) & NT) !== 0)
      return generalProtection(state);
    const view = this.#currentStack();
    const pointer = state.get64(RSP);
    const wide = is64BitCode(state);
    const start = this.#frames.peek(view, pointer, wide ? 5 : 3, operandSize, Privilege.Current, IRET_ORDER);
    if (start === undefined) return Status.Fault;
    const [instructionPointer = 0n, codeSelector = 0n, savedFlags = 0n] = start;
    const flags = Number(savedFlags & 0xffff_ffffn);
    const selector = Number(codeSelector & SELECTOR_MASK);
    const legacy = !isLongMode(state);
    if (legacy && (flags & VM) !== 0 && operandSize === 4) return generalProtection(state);
    const outer = (selector & SELECTOR_RPL) > currentPrivilege(state);
    let frame = start;
    if (!wide && outer) {
      const full = this.#frames.peek(view, pointer, 5, operandSize, Privilege.Current, IRET_ORDER);
      if (full === undefined) return Status.Fault;
      frame = full;
    }
    const mask = this.#flags.loadable(operandSize) | (operandSize === 2 ? 0 : RF);
    const popped = pointer + BigInt(operandSize * 3);
    const hasStack = wide || outer;
    const done = this.#returnTo({
      instructionPointer,
      selector,
      stackPointer: hasStack ? (frame[3] ?? 0n) : popped,
      stackSelector: hasStack ? Number((frame[4] ?? 0n) & SELECTOR_MASK) : undefined,
    });
    if (!done) return Status.Fault;
    this.#flags.write(flags, mask);
    const served = state.get32(layout.NON_MASKABLE) & layout.NonMaskable.Served;
    if (served !== 0) state.set32(layout.NON_MASKABLE, state.get32(layout.NON_MASKABLE) & ~served);
    return Status.Lookup;
  }

  farReturn(operandSize: number, popBytes: number): number {
    const state = this.#state;
    if (!isProtectedMode(state)) return generalProtection(state);
    const view = this.#currentStack();
    const pointer = state.get64(RSP);
    const start = this.#frames.peek(view, pointer, 2, operandSize, Privilege.Current, RETF_ORDER);
    if (start === undefined) return Status.Fault;
    const [instructionPointer = 0n, codeSelector = 0n] = start;
    const selector = Number(codeSelector & SELECTOR_MASK);
    const popped = pointer + BigInt(operandSize * 2 + popBytes);
    let stackPointer = popped;
    let stackSelector: number | undefined;
    // The frame is read before the selector is checked: of an inner level, which will be refused, too.
    if ((selector & SELECTOR_RPL) !== currentPrivilege(state)) {
      const outer = this.#frames.peek(view, popped, 2, operandSize, Privilege.Current, RETF_ORDER);
      if (outer === undefined) return Status.Fault;
      stackPointer = (outer[0] ?? 0n) + BigInt(popBytes);
      stackSelector = Number((outer[1] ?? 0n) & SELECTOR_MASK);
    }
    const done = this.#returnTo({ instructionPointer, selector, stackPointer, stackSelector });
    return done ? Status.Lookup : Status.Fault;
  }

  #currentStack(): StackView {
    return is64BitCode(this.#state) ? FLAT_STACK : stackViewOf(this.#state.segment(SS));
  }

  /** Checks everything, then loads CS, RIP, SS and RSP. False with the fault recorded. */
  #returnTo(frame: ReturnFrame): boolean {
    const state = this.#state;
    const code = this.#checkCode(frame.selector);
    if (code === undefined) return false;
    const size = codeSegmentSize(state, code.attributes);
    const current = currentPrivilege(state);
    const privilege = frame.selector & SELECTOR_RPL;
    const oldStack = this.#currentStack();
    const from64BitCode = is64BitCode(state);
    if (!isValidTargetOffset(frame.instructionPointer, code, size)) {
      generalProtection(state);
      return false;
    }
    let stack: Descriptor | undefined;
    if (frame.stackSelector !== undefined) {
      const found = this.#checkStack(frame.stackSelector, privilege, size === 8);
      if (found === undefined) return false;
      stack = found === 'null' ? undefined : found;
    }
    if (!this.#tables.markAccessed(code)) return false;
    if (stack !== undefined && !this.#tables.markAccessed(stack)) return false;

    this.#tables.install(CS, frame.selector, code, size === 8 ? 0n : BigInt(baseOf(code.low, code.high)));
    state.set64(layout.RIP, frame.instructionPointer);
    if (privilege !== current) dropInnerSegments(state, privilege);
    if (frame.stackSelector !== undefined) {
      if (stack === undefined) this.#tables.installNull(SS, frame.stackSelector);
      else this.#tables.install(SS, frame.stackSelector, stack);
    }
    setPrivilege(state, privilege);
    const view = this.#newStackView(frame.stackSelector === undefined ? oldStack : undefined, size);
    const merged = mergeStackPointer(view, state.get64(RSP), frame.stackPointer);
    // Out of 64-bit code RSP has no upper half any more.
    state.set64(RSP, size !== 8 && from64BitCode ? BigInt.asUintN(32, merged) : merged);
    return true;
  }

  #newStackView(old: StackView | undefined, codeSize: number): StackView {
    if (old !== undefined) return old;
    return codeSize === 8 ? FLAT_STACK : stackViewOf(this.#state.segment(SS));
  }

  #checkCode(selector: number): Descriptor | undefined {
    const state = this.#state;
    if (isNull(selector)) {
      generalProtection(state);
      return undefined;
    }
    const descriptor = this.#tables.read(selector);
    if (descriptor === undefined) return undefined;
    const error = selector & SELECTOR_ERROR_MASK;
    const privilege = selector & SELECTOR_RPL;
    const attributes = descriptor.attributes;
    const dpl = dplOf(attributes);
    const wrongRing = isConformingCode(attributes) ? dpl > privilege : dpl !== privilege;
    const badSize = !hasValidSize(state, attributes);
    if (!isCode(attributes) || privilege < currentPrivilege(state) || wrongRing || badSize) {
      generalProtection(state, error);
      return undefined;
    }
    if (!isPresent(attributes)) {
      raiseWithError(state, Vector.SegmentNotPresent, error);
      return undefined;
    }
    return descriptor;
  }

  #checkStack(selector: number, privilege: number, to64BitCode: boolean): Descriptor | 'null' | undefined {
    const state = this.#state;
    if (isNull(selector)) {
      // 64-bit code below ring 3 runs without a stack segment; its RPL must still be the level returned to.
      if (to64BitCode && privilege !== 3 && (selector & SELECTOR_RPL) === privilege) return 'null';
      generalProtection(state);
      return undefined;
    }
    const descriptor = this.#tables.read(selector);
    if (descriptor === undefined) return undefined;
    const error = selector & SELECTOR_ERROR_MASK;
    const attributes = descriptor.attributes;
    const wrongRing = (selector & SELECTOR_RPL) !== privilege || dplOf(attributes) !== privilege;
    if (wrongRing || !isWritableData(attributes)) {
      generalProtection(state, error);
      return undefined;
    }
    if (!isPresent(attributes)) {
      raiseWithError(state, Vector.StackFault, error);
      return undefined;
    }
    return descriptor;
  }
}
