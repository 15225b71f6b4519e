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
  isSystem,
  SELECTOR_ERROR_MASK,
  SELECTOR_RPL,
  SystemType,
  typeOf,
} from './descriptor.ts';
import type { DescriptorTables } from './descriptor-tables.ts';
import { generalProtection, raiseWithError, Vector } from './exception.ts';
import { readInnerStack } from './inner-stack.ts';
import { Privilege } from './mmu.ts';
import {
  currentPrivilege,
  is64BitCode,
  isLongMode,
  isProtectedMode,
  setPrivilege,
  updateMode,
} from './mode.ts';
import { FLAT_STACK, mergeStackPointer, type StackFrames, type StackView, stackViewOf } from './stack.ts';
import { Status } from './status.ts';
import type { TaskState } from './task.ts';

const RSP = layout.GPR + 4 * 8;

const PARAMETER_COUNT = 0x1f;

interface CallGate {
  readonly selector: number;
  readonly offset: bigint;
  /** Bytes of a value that a call pushes: 8, 4 or 2. */
  readonly size: number;
  /** Values that a call to an inner level copies from the old stack. */
  readonly parameters: number;
}

/**
 * Far JMP and CALL to code segments and through call gates (AMD APM vol. 2, sections 4.11 and 4.12). There is no hardware task switch:
 * a TSS or a task gate as the target is #GP(selector), in legacy mode as it is by the manual in long mode; so is a task gate in the IDT, and
 * IRET with NT set is #GP(0). No system of the last thirty years switches tasks so, save in a double-fault handler of 32-bit kernels.
 */
export class FarTransfers {
  readonly #state: State;
  readonly #tables: DescriptorTables;
  readonly #task: TaskState;
  readonly #frames: StackFrames;

  constructor(state: State, tables: DescriptorTables, task: TaskState, frames: StackFrames) {
    this.#state = state;
    this.#tables = tables;
    this.#task = task;
    this.#frames = frames;
  }

  farJump(operand: number, offsetLow: number, offsetHigh: number): number {
    const selector = operand & 0xffff;
    const descriptor = this.#readTarget(selector);
    if (descriptor === undefined) return Status.Fault;
    if (isSystem(descriptor.attributes)) return this.#jumpThroughGate(selector, descriptor);
    if (!this.#checkDirect(selector, descriptor)) return Status.Fault;
    return this.#enter(selector, descriptor, offsetOf(offsetLow, offsetHigh), undefined);
  }

  farCall(operand: number, offsetLow: number, offsetHigh: number, operandSize: number): number {
    const selector = operand & 0xffff;
    const descriptor = this.#readTarget(selector);
    if (descriptor === undefined) return Status.Fault;
    if (isSystem(descriptor.attributes)) return this.#callThroughGate(selector, descriptor);
    if (!this.#checkDirect(selector, descriptor)) return Status.Fault;
    return this.#enter(selector, descriptor, offsetOf(offsetLow, offsetHigh), operandSize);
  }

  /** Finishes a transfer within the current privilege level; `pushSize` is given for a call. */
  #enter(selector: number, code: Descriptor, offset: bigint, pushSize: number | undefined): number {
    const state = this.#state;
    const size = codeSegmentSize(state, code.attributes);
    const isValid = isValidTargetOffset(offset, code, size);
    // An EPYC has written the return address when it finds a call beyond the limit.
    const pushesFirst = pushSize !== undefined && size !== 8;
    if (!isValid && !pushesFirst) return generalProtection(state);
    if (!this.#tables.markAccessed(code)) return Status.Fault;
    // Out of 64-bit code the stack is that of the new code already: RSP has no upper half any more.
    const narrows = size !== 8 && is64BitCode(state);
    if (pushSize !== undefined) {
      const view = narrows ? stackViewOf(state.segment(SS)) : this.#currentStack();
      const frame = [BigInt(state.segment(CS).selector), state.get64(layout.RIP)];
      const pointer = this.#frames.push(view, state.get64(RSP), frame, pushSize, Privilege.Current);
      if (pointer === undefined) return Status.Fault;
      if (!isValid) return generalProtection(state);
      state.set64(RSP, mergeStackPointer(view, state.get64(RSP), pointer));
    }
    if (narrows) state.set64(RSP, BigInt.asUintN(32, state.get64(RSP)));
    const visible = (selector & SELECTOR_ERROR_MASK) | currentPrivilege(state);
    this.#tables.install(CS, visible, code, size === 8 ? 0n : BigInt(baseOf(code.low, code.high)));
    state.set64(layout.RIP, offset);
    updateMode(state);
    return Status.Lookup;
  }

  #jumpThroughGate(selector: number, descriptor: Descriptor): number {
    const gate = this.#readCallGate(selector, descriptor);
    if (gate === undefined) return Status.Fault;
    const code = this.#readGateCode(gate);
    if (code === undefined) return Status.Fault;
    if (!isConformingCode(code.attributes) && dplOf(code.attributes) !== currentPrivilege(this.#state)) {
      return generalProtection(this.#state, gate.selector & SELECTOR_ERROR_MASK);
    }
    return this.#enter(gate.selector, code, gate.offset, undefined);
  }

  #callThroughGate(selector: number, descriptor: Descriptor): number {
    const state = this.#state;
    const gate = this.#readCallGate(selector, descriptor);
    if (gate === undefined) return Status.Fault;
    const code = this.#readGateCode(gate);
    if (code === undefined) return Status.Fault;
    const privilege = dplOf(code.attributes);
    if (isConformingCode(code.attributes) || privilege === currentPrivilege(state)) {
      return this.#enter(gate.selector, code, gate.offset, gate.size);
    }
    return gate.size === 8
      ? this.#callInner(gate, code, privilege)
      : this.#callInnerLegacy(gate, code, privilege);
  }

  /** A call to a more privileged level: the new stack comes from the TSS, its segment is null. */
  #callInner(gate: CallGate, code: Descriptor, privilege: number): number {
    const state = this.#state;
    if (!isValidTargetOffset(gate.offset, code, 8)) return generalProtection(state);
    const stack = this.#task.stackPointer(privilege);
    if (stack === undefined) return Status.Fault;
    if (!this.#tables.markAccessed(code)) return Status.Fault;
    const frame = [
      BigInt(state.segment(SS).selector),
      state.get64(RSP),
      BigInt(state.segment(CS).selector),
      state.get64(layout.RIP),
    ];
    const pointer = this.#frames.push(FLAT_STACK, stack, frame, 8, Privilege.Supervisor);
    if (pointer === undefined) return Status.Fault;
    this.#tables.installNull(SS, privilege);
    state.set64(RSP, pointer);
    this.#tables.install(CS, (gate.selector & SELECTOR_ERROR_MASK) | privilege, code, 0n);
    state.set64(layout.RIP, gate.offset);
    setPrivilege(state, privilege);
    return Status.Lookup;
  }

  /** The same in legacy mode: the stack's segment comes from the TSS too, and parameters are copied. */
  #callInnerLegacy(gate: CallGate, code: Descriptor, privilege: number): number {
    const state = this.#state;
    const { size } = gate;
    const stack = readInnerStack(state, this.#tables, this.#task, privilege);
    if (stack?.segment === undefined) return Status.Fault;
    if (!isValidTargetOffset(gate.offset, code, size)) return generalProtection(state);
    const parameters: bigint[] = [];
    for (let index = 0; index < gate.parameters; index++) {
      const at = state.get64(RSP) + BigInt(index * size);
      const value = this.#frames.peek(this.#currentStack(), at, 1, size, Privilege.Current);
      if (value === undefined) return Status.Fault;
      parameters.unshift(...value);
    }
    if (!this.#tables.markAccessed(code)) return Status.Fault;
    const frame = [
      BigInt(state.segment(SS).selector),
      state.get64(RSP),
      ...parameters,
      BigInt(state.segment(CS).selector),
      state.get64(layout.RIP),
    ];
    const pointer = this.#frames.pushMany(stack.view, stack.pointer, frame, size, Privilege.Supervisor);
    if (pointer === undefined) return Status.Fault;
    this.#tables.install(SS, stack.segment.selector, stack.segment.descriptor);
    state.set64(RSP, mergeStackPointer(stack.view, state.get64(RSP), pointer));
    this.#tables.install(CS, (gate.selector & SELECTOR_ERROR_MASK) | privilege, code);
    state.set64(layout.RIP, gate.offset);
    setPrivilege(state, privilege);
    return Status.Lookup;
  }

  #currentStack(): StackView {
    return is64BitCode(this.#state) ? FLAT_STACK : stackViewOf(this.#state.segment(SS));
  }

  #readTarget(selector: number): Descriptor | undefined {
    const state = this.#state;
    if (!isProtectedMode(state) || isNull(selector)) {
      generalProtection(state);
      return undefined;
    }
    return this.#tables.read(selector);
  }

  #checkDirect(selector: number, descriptor: Descriptor): boolean {
    const state = this.#state;
    const current = currentPrivilege(state);
    const attributes = descriptor.attributes;
    const dpl = dplOf(attributes);
    const allowed = isConformingCode(attributes)
      ? dpl <= current
      : dpl === current && (selector & SELECTOR_RPL) <= current;
    const error = selector & SELECTOR_ERROR_MASK;
    if (!isCode(attributes) || !allowed || !hasValidSize(state, attributes)) {
      generalProtection(state, error);
      return false;
    }
    if (!isPresent(attributes)) {
      raiseWithError(state, Vector.SegmentNotPresent, error);
      return false;
    }
    return true;
  }

  /** A call gate that may be used; #GP(selector) for other system descriptors. Long mode has no 16-bit gates. */
  #readCallGate(selector: number, descriptor: Descriptor): CallGate | undefined {
    const state = this.#state;
    const error = selector & SELECTOR_ERROR_MASK;
    const attributes = descriptor.attributes;
    const weakest = Math.max(currentPrivilege(state), selector & SELECTOR_RPL);
    const long = isLongMode(state);
    const isShort = typeOf(attributes) === SystemType.CallGate16;
    const usable = typeOf(attributes) === SystemType.CallGate || (!long && isShort);
    if (!usable || dplOf(attributes) < weakest) {
      generalProtection(state, error);
      return undefined;
    }
    if (!isPresent(attributes)) {
      raiseWithError(state, Vector.SegmentNotPresent, error);
      return undefined;
    }
    const lower = ((descriptor.low & 0xffff) | (isShort ? 0 : descriptor.high & 0xffff_0000)) >>> 0;
    const target = descriptor.low >>> 16;
    if (!long) {
      const parameters = descriptor.high & PARAMETER_COUNT;
      return { selector: target, offset: BigInt(lower), size: isShort ? 2 : 4, parameters };
    }
    const upper = this.#tables.readUpper(descriptor, selector);
    if (upper === undefined) return undefined;
    return { selector: target, offset: offsetOf(lower, upper), size: 8, parameters: 0 };
  }

  /** The code segment that a gate names: a 64-bit one in long mode. */
  #readGateCode(gate: CallGate): Descriptor | undefined {
    const state = this.#state;
    if (isNull(gate.selector)) {
      generalProtection(state);
      return undefined;
    }
    const descriptor = this.#tables.read(gate.selector);
    if (descriptor === undefined) return undefined;
    const attributes = descriptor.attributes;
    const error = gate.selector & SELECTOR_ERROR_MASK;
    const is64Bit = hasValidSize(state, attributes) && codeSegmentSize(state, attributes) === 8;
    const wrongSize = isLongMode(state) && !is64Bit;
    if (!isCode(attributes) || dplOf(attributes) > currentPrivilege(state) || wrongSize) {
      generalProtection(state, error);
      return undefined;
    }
    if (!isPresent(attributes)) {
      raiseWithError(state, Vector.SegmentNotPresent, error);
      return undefined;
    }
    return descriptor;
  }
}

function offsetOf(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
