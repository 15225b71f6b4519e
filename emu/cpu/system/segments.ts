import * as layout from '../layout.ts';
import { CS, DS, ES, FS, GS, LDTR, SS, type State, TR } from '../state.ts';
import {
  ATTRIBUTE_CODE,
  ATTRIBUTE_READABLE,
  ATTRIBUTE_UNUSABLE,
  baseOf,
  type Descriptor,
  dplOf,
  isCode,
  isConformingCode,
  isNull,
  isPresent,
  isSystem,
  isWritableData,
  limitOf,
  SELECTOR_ERROR_MASK,
  SELECTOR_LOCAL,
  SELECTOR_RPL,
  SystemType,
  typeOf,
} from './descriptor.ts';
import type { DescriptorTables } from './descriptor-tables.ts';
import { generalProtection, invalidOpcode, raiseWithError, Vector } from './exception.ts';
import { writeFlags, ZF } from './flags.ts';
import { currentPrivilege, is64BitCode, isLongMode, isProtectedMode, updateMode } from './mode.ts';
import { Status } from './status.ts';

const HIGHEST_DATA_SEGMENT = GS;
const USER_PRIVILEGE = 3;
/** The bits of a descriptor's second dword that LAR shows. */
const LAR_MASK = 0x00ff_ff00;
const BUSY = 0x2;

const LEGACY_LIMIT_TYPES: ReadonlySet<number> = new Set([
  SystemType.AvailableTss16,
  SystemType.Ldt,
  SystemType.BusyTss16,
  SystemType.AvailableTss,
  SystemType.BusyTss,
]);
const LEGACY_RIGHTS_TYPES: ReadonlySet<number> = new Set([
  ...LEGACY_LIMIT_TYPES,
  SystemType.CallGate16,
  SystemType.TaskGate,
  SystemType.CallGate,
]);
const LONG_LIMIT_TYPES: ReadonlySet<number> = new Set([
  SystemType.Ldt,
  SystemType.AvailableTss,
  SystemType.BusyTss,
]);
const LONG_RIGHTS_TYPES: ReadonlySet<number> = new Set([...LONG_LIMIT_TYPES, SystemType.CallGate]);

/** Loads and questions about segment registers (AMD APM vol. 2, sections 4.5 to 4.12). */
export class SegmentLoader {
  readonly #state: State;
  readonly #tables: DescriptorTables;

  constructor(state: State, tables: DescriptorTables) {
    this.#state = state;
    this.#tables = tables;
  }

  /** MOV Sreg, POP Sreg and the far-pointer loads. */
  loadSegment(segment: number, operand: number): number {
    const state = this.#state;
    const selector = operand & 0xffff;
    if (segment === CS || segment > HIGHEST_DATA_SEGMENT) return invalidOpcode(state);
    if (!isProtectedMode(state)) {
      state.setSegment(segment, { ...state.segment(segment), selector, base: BigInt(selector << 4) });
      return segment === SS ? this.#shadow() : this.#loaded();
    }
    if (segment === SS) return this.#loadStackSegment(selector);
    if (isNull(selector)) {
      this.#tables.installNull(segment, selector);
      return this.#loaded();
    }
    const descriptor = this.#tables.read(selector);
    if (descriptor === undefined) return Status.Fault;
    const error = selector & SELECTOR_ERROR_MASK;
    const attributes = descriptor.attributes;
    const readable = !isCode(attributes) || (attributes & ATTRIBUTE_READABLE) !== 0;
    if (isSystem(attributes) || !readable) return generalProtection(state, error);
    if (!isConformingCode(attributes) && dplOf(attributes) < this.#weakest(selector)) {
      return generalProtection(state, error);
    }
    if (!isPresent(attributes)) return raiseWithError(state, Vector.SegmentNotPresent, error);
    if (!this.#tables.markAccessed(descriptor)) return Status.Fault;
    this.#tables.install(segment, selector, descriptor);
    return this.#loaded();
  }

  /** Legacy code with other segments may be code that is decoded anew. */
  #loaded(): number {
    const state = this.#state;
    if (is64BitCode(state)) return Status.Next;
    const before = state.get32(layout.FETCH_TAG);
    updateMode(state);
    return before === state.get32(layout.FETCH_TAG) ? Status.Next : Status.Lookup;
  }

  #loadStackSegment(selector: number): number {
    const state = this.#state;
    const privilege = currentPrivilege(state);
    if (isNull(selector)) {
      // 64-bit code below ring 3 may run without a stack segment (APM vol. 2, section 4.5.1).
      if (!is64BitCode(state) || privilege === USER_PRIVILEGE || (selector & SELECTOR_RPL) !== privilege) {
        return generalProtection(state);
      }
      this.#tables.installNull(SS, selector);
      return this.#shadow();
    }
    const descriptor = this.#tables.read(selector);
    if (descriptor === undefined) return Status.Fault;
    const error = selector & SELECTOR_ERROR_MASK;
    const attributes = descriptor.attributes;
    if (
      (selector & SELECTOR_RPL) !== privilege ||
      !isWritableData(attributes) ||
      dplOf(attributes) !== privilege
    ) {
      return generalProtection(state, error);
    }
    if (!isPresent(attributes)) return raiseWithError(state, Vector.StackFault, error);
    if (!this.#tables.markAccessed(descriptor)) return Status.Fault;
    this.#tables.install(SS, selector, descriptor);
    return this.#shadow();
  }

  /** The next instruction, which may load RSP, comes before interrupts and debug exceptions (APM vol. 2, section 8.5). */
  #shadow(): number {
    this.#state.set32(layout.INTERRUPT_SHADOW, layout.Shadow.Debug);
    this.#loaded();
    return Status.Shadow;
  }

  /** LLDT. */
  lldt(operand: number): number {
    const state = this.#state;
    const selector = operand & 0xffff;
    if (!isProtectedMode(state)) return invalidOpcode(state);
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    if (isNull(selector)) {
      this.#tables.installNull(LDTR, selector);
      return Status.Next;
    }
    const descriptor = this.#readSystemDescriptor(selector);
    if (descriptor === undefined) return Status.Fault;
    const error = selector & SELECTOR_ERROR_MASK;
    const attributes = descriptor.attributes;
    if (!isSystem(attributes) || typeOf(attributes) !== SystemType.Ldt)
      return generalProtection(state, error);
    if (!isPresent(attributes)) return raiseWithError(state, Vector.SegmentNotPresent, error);
    const base = this.#systemBase(descriptor, selector);
    if (base === undefined) return Status.Fault;
    const limit = limitOf(descriptor.low, descriptor.high);
    state.setSegment(LDTR, { selector, attributes, limit, base });
    return Status.Next;
  }

  /** LTR: the descriptor becomes busy. */
  ltr(operand: number): number {
    const state = this.#state;
    const selector = operand & 0xffff;
    if (!isProtectedMode(state)) return invalidOpcode(state);
    if (currentPrivilege(state) !== 0) return generalProtection(state);
    if (isNull(selector)) return generalProtection(state);
    const descriptor = this.#readSystemDescriptor(selector);
    if (descriptor === undefined) return Status.Fault;
    const error = selector & SELECTOR_ERROR_MASK;
    const attributes = descriptor.attributes;
    const type = typeOf(attributes);
    const available =
      type === SystemType.AvailableTss || (type === SystemType.AvailableTss16 && !isLongMode(state));
    if (!isSystem(attributes) || !available) return generalProtection(state, error);
    if (!isPresent(attributes)) return raiseWithError(state, Vector.SegmentNotPresent, error);
    const base = this.#systemBase(descriptor, selector);
    if (base === undefined) return Status.Fault;
    if (!this.#tables.writeTypeByte(descriptor, (attributes | BUSY) & 0xff)) return Status.Fault;
    const limit = limitOf(descriptor.low, descriptor.high);
    state.setSegment(TR, { selector, attributes: attributes | BUSY, limit, base });
    return Status.Next;
  }

  /** LAR. */
  lar(operand: number, gprOffset: number, operandSize: number): number {
    const found = this.#question(operand, LONG_RIGHTS_TYPES, LEGACY_RIGHTS_TYPES);
    if (typeof found === 'number') return found;
    this.#answer(gprOffset, operandSize, (found.high & LAR_MASK) >>> 0);
    return Status.Next;
  }

  /** LSL. */
  lsl(operand: number, gprOffset: number, operandSize: number): number {
    const found = this.#question(operand, LONG_LIMIT_TYPES, LEGACY_LIMIT_TYPES);
    if (typeof found === 'number') return found;
    this.#answer(gprOffset, operandSize, limitOf(found.low, found.high));
    return Status.Next;
  }

  /** VERR. */
  verr(operand: number): number {
    const found = this.#question(operand, undefined, undefined);
    if (typeof found === 'number') return found;
    const attributes = found.attributes;
    const readable = !isCode(attributes) || (attributes & ATTRIBUTE_READABLE) !== 0;
    return this.#setZero(readable);
  }

  /** VERW. */
  verw(operand: number): number {
    const found = this.#question(operand, undefined, undefined);
    if (typeof found === 'number') return found;
    return this.#setZero((found.attributes & ATTRIBUTE_CODE) === 0 && isWritableData(found.attributes));
  }

  /**
   * The descriptor of a selector that LAR, LSL, VERR or VERW may see, with ZF set; else ZF is cleared and a status returned.
   * Without lists of types system descriptors are not seen.
   */
  #question(
    operand: number,
    longTypes: ReadonlySet<number> | undefined,
    legacyTypes: ReadonlySet<number> | undefined,
  ): Descriptor | number {
    const state = this.#state;
    const selector = operand & 0xffff;
    if (!isProtectedMode(state)) return invalidOpcode(state);
    if (isNull(selector) || this.#tables.addressOf(selector) === undefined) return this.#setZero(false);
    const descriptor = this.#tables.read(selector);
    if (descriptor === undefined) return Status.Fault;
    const attributes = descriptor.attributes;
    if (isSystem(attributes)) {
      const types = isLongMode(state) ? longTypes : legacyTypes;
      if (types === undefined || !types.has(typeOf(attributes))) return this.#setZero(false);
    }
    if (!isConformingCode(attributes) && dplOf(attributes) < this.#weakest(selector))
      return this.#setZero(false);
    this.#setZero(true);
    return descriptor;
  }

  #setZero(zero: boolean): number {
    writeFlags(this.#state, zero ? ZF : 0, ZF);
    return Status.Next;
  }

  #answer(gprOffset: number, operandSize: number, value: number): void {
    const state = this.#state;
    if (operandSize === 2) state.u16[gprOffset >>> 1] = value;
    else state.setPair(gprOffset, value, 0);
  }

  /** LDTR and TR descriptors must be in the GDT. */
  #readSystemDescriptor(selector: number): Descriptor | undefined {
    if ((selector & SELECTOR_LOCAL) !== 0) {
      generalProtection(this.#state, selector & SELECTOR_ERROR_MASK);
      return undefined;
    }
    return this.#tables.read(selector);
  }

  #systemBase(descriptor: Descriptor, selector: number): bigint | undefined {
    const base = BigInt(baseOf(descriptor.low, descriptor.high));
    if (!isLongMode(this.#state)) return base;
    const upper = this.#tables.readUpper(descriptor, selector);
    return upper === undefined ? undefined : (BigInt(upper) << 32n) | base;
  }

  /** The numerically greater of CPL and the selector's RPL. */
  #weakest(selector: number): number {
    return Math.max(currentPrivilege(this.#state), selector & SELECTOR_RPL);
  }
}

/** Segment registers that are checked when control leaves to an outer privilege level. */
export const DATA_SEGMENTS: readonly number[] = [ES, DS, FS, GS];

/**
 * After a return to an outer level: data segments that the new level may not use become null
 * (AMD APM vol. 3, IRET and RETF). FS and GS keep their base, as in 64-bit mode it is not the descriptor's.
 */
export function dropInnerSegments(state: State, privilege: number): void {
  for (const index of DATA_SEGMENTS) {
    const segment = state.segment(index);
    if (isNull(segment.selector) || isConformingCode(segment.attributes)) continue;
    if (dplOf(segment.attributes) >= privilege) continue;
    state.setSegment(index, { ...segment, selector: 0, attributes: segment.attributes | ATTRIBUTE_UNUSABLE });
  }
}
