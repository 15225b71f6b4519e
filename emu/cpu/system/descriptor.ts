/**
 * Segment and gate descriptors (AMD APM vol. 2, sections 4.7 and 4.8). A descriptor's attributes are its bits 40–55
 * without the limit's upper four, as `layout.SEGMENTS` keeps them.
 */

export const ATTRIBUTE_TYPE = 0x000f;
export const ATTRIBUTE_ACCESSED = 0x0001;
/** Data: writable. Code: readable. */
export const ATTRIBUTE_WRITABLE = 0x0002;
export const ATTRIBUTE_READABLE = 0x0002;
/** Data: expands down. Code: conforming. */
export const ATTRIBUTE_EXPAND_DOWN = 0x0004;
export const ATTRIBUTE_CONFORMING = 0x0004;
export const ATTRIBUTE_CODE = 0x0008;
/** Set for code and data, clear for system descriptors. */
export const ATTRIBUTE_NOT_SYSTEM = 0x0010;
export const ATTRIBUTE_DPL_SHIFT = 5;
export const ATTRIBUTE_PRESENT = 0x0080;
export const ATTRIBUTE_LONG = 0x2000;
/** D of a code segment, B of a stack segment. */
export const ATTRIBUTE_DEFAULT_BIG = 0x4000;
export const ATTRIBUTE_GRANULARITY = 0x8000;
/** The register was loaded with a null selector. */
export const ATTRIBUTE_UNUSABLE = 0x1_0000;
const ATTRIBUTE_MASK = 0xf0ff;

/** System descriptor types (AMD APM vol. 2, tables 4-5 and 4-6). */
export const SystemType = {
  AvailableTss16: 0x1,
  Ldt: 0x2,
  BusyTss16: 0x3,
  CallGate16: 0x4,
  TaskGate: 0x5,
  /** 64-bit in long mode, else 32-bit. */
  AvailableTss: 0x9,
  BusyTss: 0xb,
  CallGate: 0xc,
  InterruptGate: 0xe,
  TrapGate: 0xf,
} as const;

/** Selector bits. */
export const SELECTOR_RPL = 3;
export const SELECTOR_LOCAL = 4;
/** A selector without its RPL: what goes into an error code. */
export const SELECTOR_ERROR_MASK = 0xfffc;

/** Attributes of the flat segments that SYSCALL and SYSRET load; DPL is added. */
export const FLAT_CODE_64 = 0xa09b;
export const FLAT_CODE_32 = 0xc09b;
export const FLAT_DATA = 0xc093;
export const FLAT_LIMIT = 0xffff_ffff;

export interface Descriptor {
  /** Linear address of the descriptor. */
  readonly address: bigint;
  readonly low: number;
  readonly high: number;
  readonly attributes: number;
}

export function isNull(selector: number): boolean {
  return (selector & SELECTOR_ERROR_MASK) === 0;
}

export function attributesOf(high: number): number {
  return (high >>> 8) & ATTRIBUTE_MASK;
}

/** Limit in bytes, granularity expanded. */
export function limitOf(low: number, high: number): number {
  const limit = (low & 0xffff) | (high & 0x000f_0000);
  return (high & 0x0080_0000) !== 0 ? ((limit << 12) | 0xfff) >>> 0 : limit >>> 0;
}

/** The 32-bit base of a code, data or legacy system descriptor. */
export function baseOf(low: number, high: number): number {
  return ((low >>> 16) | ((high & 0xff) << 16) | (high & 0xff00_0000)) >>> 0;
}

export function dplOf(attributes: number): number {
  return (attributes >>> ATTRIBUTE_DPL_SHIFT) & 3;
}

export function typeOf(attributes: number): number {
  return attributes & ATTRIBUTE_TYPE;
}

export function isSystem(attributes: number): boolean {
  return (attributes & ATTRIBUTE_NOT_SYSTEM) === 0;
}

export function isCode(attributes: number): boolean {
  return (attributes & (ATTRIBUTE_NOT_SYSTEM | ATTRIBUTE_CODE)) === (ATTRIBUTE_NOT_SYSTEM | ATTRIBUTE_CODE);
}

export function isConformingCode(attributes: number): boolean {
  return isCode(attributes) && (attributes & ATTRIBUTE_CONFORMING) !== 0;
}

export function isWritableData(attributes: number): boolean {
  const mask = ATTRIBUTE_NOT_SYSTEM | ATTRIBUTE_CODE | ATTRIBUTE_WRITABLE;
  return (attributes & mask) === (ATTRIBUTE_NOT_SYSTEM | ATTRIBUTE_WRITABLE);
}

export function isPresent(attributes: number): boolean {
  return (attributes & ATTRIBUTE_PRESENT) !== 0;
}
