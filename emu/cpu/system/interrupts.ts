import * as layout from '../layout.ts';
import { CS, SS, type State } from '../state.ts';
import { isValidTargetOffset } from './code-segment.ts';
import { DR7_GENERAL_DETECT } from './debug-registers.ts';
import {
  ATTRIBUTE_DEFAULT_BIG,
  ATTRIBUTE_LONG,
  ATTRIBUTE_PRESENT,
  attributesOf,
  type Descriptor,
  dplOf,
  isCode,
  isConformingCode,
  isNull,
  isPresent,
  SELECTOR_ERROR_MASK,
  SystemType,
  typeOf,
} from './descriptor.ts';
import type { DescriptorTables } from './descriptor-tables.ts';
import {
  generalProtection,
  raiseWithError,
  SELECTOR_ERROR_EXTERNAL,
  SELECTOR_ERROR_IDT,
  Vector,
} from './exception.ts';
import { IF, NT, RF, readFlags, TF, VM, writeFlags } from './flags.ts';
import { type NewStack, readInnerStack } from './inner-stack.ts';
import { type Mmu, Privilege } from './mmu.ts';
import { currentPrivilege, isLongMode, isProtectedMode, setPrivilege } from './mode.ts';
import { FLAT_STACK, type StackFrames, stackViewOf } from './stack.ts';
import { Status } from './status.ts';
import { clearWaiting, type TaskState } from './task.ts';

/**
 * What is delivered: a fault restarts its instruction (RF is set in the saved flags), `breakpoint` is the fault of an instruction
 * breakpoint (RF is left to the handler), a trap and an interrupt come between instructions, and `software` is INT n, INT3 or INTO, whose
 * gate's DPL is checked.
 */
export type EventKind = 'fault' | 'breakpoint' | 'trap' | 'interrupt' | 'software';

const GATE_SIZE_LONG = 16;
const GATE_SIZE_LEGACY = 8;
const STACK_ALIGNMENT = 16n;
const RSP = layout.GPR + 4 * 8;
const MASK_32 = 0xffff_ffffn;

interface Gate {
  readonly selector: number;
  readonly offset: bigint;
  readonly attributes: number;
  /** Interrupt stack, 1–7, or 0. */
  readonly interruptStack: number;
}

interface Target {
  readonly gate: Gate;
  readonly descriptor: Descriptor;
  readonly privilege: number;
}

/** Delivery of exceptions and interrupts through the guest's IDT (AMD APM vol. 2, chapter 8). */
export class InterruptDelivery {
  readonly #state: State;
  readonly #mmu: Mmu;
  readonly #tables: DescriptorTables;
  readonly #task: TaskState;
  readonly #frames: StackFrames;
  /** Called after each delivery, between two steps or at the end of one. */
  onDelivered: ((vector: number, kind: EventKind) => void) | undefined;
  /** What was delivered last, for debuggers: its vector, and how many deliveries there have been. No state of the guest's. */
  readonly last: { vector: number; kind: EventKind; count: number } = { vector: 0, kind: 'trap', count: 0 };

  constructor(state: State, mmu: Mmu, tables: DescriptorTables, task: TaskState, frames: StackFrames) {
    this.#state = state;
    this.#mmu = mmu;
    this.#tables = tables;
    this.#task = task;
    this.#frames = frames;
  }

  /**
   * Delivers an event with `layout.RIP` as the address to return to. Exceptions on the way are delivered in its place by the
   * double-fault rules (APM vol. 2, section 8.2.9); a fault while a double fault is delivered shuts the processor down.
   */
  deliver(kind: EventKind, vector: number, error?: number): 'delivered' | 'shutdown' {
    clearWaiting(this.#state);
    let currentKind = kind;
    let currentVector = vector;
    let currentError = error;
    while (this.attempt(currentKind, currentVector, currentError) === Status.Fault) {
      const isException = currentKind !== 'interrupt' && currentKind !== 'software';
      if (isException && currentVector === Vector.DoubleFault) return 'shutdown';
      const nested = this.#state.get32(layout.FAULT_VECTOR);
      const hasError = this.#state.get32(layout.FAULT_HAS_ERROR) !== 0;
      const double = isException && becomesDoubleFault(currentVector, nested);
      currentKind = 'fault';
      currentVector = double ? Vector.DoubleFault : nested;
      currentError = double ? 0 : hasError ? this.#state.get32(layout.FAULT_ERROR) : undefined;
    }
    return 'delivered';
  }

  /** Delivers the exception recorded in `layout.FAULT_*`. */
  deliverRecorded(kind: 'fault' | 'breakpoint' = 'fault'): 'delivered' | 'shutdown' {
    const hasError = this.#state.get32(layout.FAULT_HAS_ERROR) !== 0;
    const error = hasError ? this.#state.get32(layout.FAULT_ERROR) : undefined;
    return this.deliver(kind, this.#state.get32(layout.FAULT_VECTOR), error);
  }

  /** One attempt at a delivery. Returns `Lookup`, or `Fault` with the exception that prevented it. */
  attempt(kind: EventKind, vector: number, error?: number): number {
    if (this.#enter(kind, vector, error)) {
      this.last.vector = vector;
      this.last.kind = kind;
      this.last.count++;
      this.onDelivered?.(vector, kind);
      return Status.Lookup;
    }
    const state = this.#state;
    const nested = state.get32(layout.FAULT_VECTOR);
    if (kind !== 'software' && nested >= Vector.InvalidTss && nested <= Vector.GeneralProtection) {
      state.set32(layout.FAULT_ERROR, state.get32(layout.FAULT_ERROR) | SELECTOR_ERROR_EXTERNAL);
    }
    return Status.Fault;
  }

  /** False with a fault recorded, and then nothing has changed but A and D bits. */
  #enter(kind: EventKind, vector: number, error: number | undefined): boolean {
    const state = this.#state;
    if (!isProtectedMode(state)) {
      // There is no real mode to deliver in: every attempt fails, and the processor shuts down.
      generalProtection(state);
      return false;
    }
    const long = isLongMode(state);
    const gate = long ? this.#readLongGate(vector) : this.#readLegacyGate(vector);
    if (gate === undefined || !this.#checkGate(gate, vector, kind)) return false;
    const target = this.#checkTarget(gate, long);
    if (target === undefined) return false;
    const stack = long ? this.#longStack(target) : this.#legacyStack(target);
    if (stack === undefined) return false;
    if (!this.#tables.markAccessed(target.descriptor)) return false;

    const before = readFlags(state);
    const frame: bigint[] = [];
    if (long || stack.segment !== undefined) {
      frame.push(BigInt(state.segment(SS).selector), state.get64(RSP));
    }
    // An event between two repetitions resumes an instruction too.
    const resumes = kind === 'fault' || (kind !== 'software' && state.get32(layout.REPEATING) !== 0);
    frame.push(BigInt(resumes ? before | RF : before));
    frame.push(BigInt(state.segment(CS).selector), state.get64(layout.RIP));
    if (error !== undefined) frame.push(BigInt(error));
    const privilege = target.privilege === 3 ? Privilege.User : Privilege.Supervisor;
    const pointer = this.#frames.push(stack.view, stack.pointer, frame, long ? 8 : 4, privilege);
    if (pointer === undefined) return false;

    this.#commit(target, stack, pointer, long);
    state.set32(layout.REPEATING, 0);
    // The handler of a debug exception may use the debug registers (APM vol. 2, section 13.1.1.4).
    if (vector === Vector.Debug && kind !== 'software') {
      state.set32(layout.DR7, state.get32(layout.DR7) & ~DR7_GENERAL_DETECT);
    }
    return true;
  }

  #commit(target: Target, stack: NewStack, pointer: bigint, long: boolean): void {
    const state = this.#state;
    const { gate, descriptor, privilege } = target;
    if (stack.segment !== undefined) {
      this.#tables.install(SS, stack.segment.selector, stack.segment.descriptor);
    } else if (long && privilege !== currentPrivilege(state)) {
      this.#tables.installNull(SS, privilege);
    }
    if (stack.view.mask === 0xffffn) state.u16[RSP >>> 1] = Number(pointer);
    else state.set64(RSP, pointer);
    const selector = (gate.selector & SELECTOR_ERROR_MASK) | privilege;
    if (long) this.#tables.install(CS, selector, descriptor, 0n);
    else this.#tables.install(CS, selector, descriptor);
    setPrivilege(state, privilege);
    state.set64(layout.RIP, gate.offset);
    const interruptGate = typeOf(gate.attributes) === SystemType.InterruptGate;
    writeFlags(state, 0, TF | NT | RF | VM | (interruptGate ? IF : 0));
  }

  #readLongGate(vector: number): Gate | undefined {
    const offset = this.#locateGate(vector, GATE_SIZE_LONG);
    if (offset === 0) return undefined;
    const view = this.#mmu.view;
    const low = view.getUint32(offset, true);
    const high = view.getUint32(offset + 4, true);
    const offsetLow = ((low & 0xffff) | (high & 0xffff_0000)) >>> 0;
    return {
      selector: low >>> 16,
      offset: (BigInt(view.getUint32(offset + 8, true)) << 32n) | BigInt(offsetLow),
      attributes: attributesOf(high),
      interruptStack: high & 7,
    };
  }

  #readLegacyGate(vector: number): Gate | undefined {
    const offset = this.#locateGate(vector, GATE_SIZE_LEGACY);
    if (offset === 0) return undefined;
    const low = this.#mmu.view.getUint32(offset, true);
    const high = this.#mmu.view.getUint32(offset + 4, true);
    const target = ((low & 0xffff) | (high & 0xffff_0000)) >>> 0;
    return {
      selector: low >>> 16,
      offset: BigInt(target),
      attributes: attributesOf(high),
      interruptStack: 0,
    };
  }

  #locateGate(vector: number, size: number): number {
    const state = this.#state;
    const at = vector * size;
    if (at + size - 1 > state.get32(layout.IDTR)) {
      generalProtection(state, gateError(vector));
      return 0;
    }
    return this.#mmu.loadSystem(BigInt.asUintN(64, state.get64(layout.IDTR + 8) + BigInt(at)), size);
  }

  #checkGate(gate: Gate, vector: number, kind: EventKind): boolean {
    const state = this.#state;
    const type = gate.attributes & 0x1f;
    if (type !== SystemType.InterruptGate && type !== SystemType.TrapGate) {
      generalProtection(state, gateError(vector));
      return false;
    }
    if (kind === 'software' && dplOf(gate.attributes) < currentPrivilege(state)) {
      generalProtection(state, gateError(vector));
      return false;
    }
    if ((gate.attributes & ATTRIBUTE_PRESENT) === 0) {
      raiseWithError(state, Vector.SegmentNotPresent, gateError(vector));
      return false;
    }
    return true;
  }

  #checkTarget(gate: Gate, long: boolean): Target | undefined {
    const state = this.#state;
    if (isNull(gate.selector)) {
      generalProtection(state);
      return undefined;
    }
    const descriptor = this.#tables.read(gate.selector);
    if (descriptor === undefined) return undefined;
    const error = gate.selector & SELECTOR_ERROR_MASK;
    const attributes = descriptor.attributes;
    const current = currentPrivilege(state);
    const is64Bit = (attributes & (ATTRIBUTE_LONG | ATTRIBUTE_DEFAULT_BIG)) === ATTRIBUTE_LONG;
    if (!isCode(attributes) || dplOf(attributes) > current || (long && !is64Bit)) {
      generalProtection(state, error);
      return undefined;
    }
    if (!isPresent(attributes)) {
      raiseWithError(state, Vector.SegmentNotPresent, error);
      return undefined;
    }
    if (!isValidTargetOffset(gate.offset, descriptor, long ? 8 : 4)) {
      generalProtection(state);
      return undefined;
    }
    return { gate, descriptor, privilege: isConformingCode(attributes) ? current : dplOf(attributes) };
  }

  #longStack(target: Target): NewStack | undefined {
    const state = this.#state;
    let pointer: bigint | undefined;
    if (target.gate.interruptStack !== 0) {
      pointer = this.#task.interruptStack(target.gate.interruptStack);
    } else if (target.privilege !== currentPrivilege(state)) {
      pointer = this.#task.stackPointer(target.privilege);
    } else {
      // A stack of compatibility-mode code loses its base: the handler is 64-bit code.
      pointer = state.get64(RSP);
    }
    if (pointer === undefined) return undefined;
    return { view: FLAT_STACK, pointer: pointer & ~(STACK_ALIGNMENT - 1n), segment: undefined };
  }

  #legacyStack(target: Target): NewStack | undefined {
    const state = this.#state;
    if (target.privilege === currentPrivilege(state)) {
      return {
        view: stackViewOf(state.segment(SS)),
        pointer: state.get64(RSP) & MASK_32,
        segment: undefined,
      };
    }
    return readInnerStack(state, this.#tables, this.#task, target.privilege);
  }
}

/** Error code of a fault that concerns an IDT entry. */
function gateError(vector: number): number {
  return (vector << 3) | SELECTOR_ERROR_IDT;
}

function isContributory(vector: number): boolean {
  return vector === Vector.DivideError || (vector >= Vector.InvalidTss && vector <= Vector.GeneralProtection);
}

/** Whether a second exception while the first is delivered makes a double fault (APM vol. 2, table 8-3). */
export function becomesDoubleFault(first: number, second: number): boolean {
  if (isContributory(first)) return isContributory(second);
  if (first === Vector.PageFault) return isContributory(second) || second === Vector.PageFault;
  return false;
}
