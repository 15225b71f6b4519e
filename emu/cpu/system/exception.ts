import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { Status } from './status.ts';

/** Exception vectors (AMD APM vol. 2, table 8-1). */
export const Vector = {
  DivideError: 0,
  Debug: 1,
  NonMaskableInterrupt: 2,
  Breakpoint: 3,
  Overflow: 4,
  BoundRange: 5,
  InvalidOpcode: 6,
  DeviceNotAvailable: 7,
  DoubleFault: 8,
  InvalidTss: 10,
  SegmentNotPresent: 11,
  StackFault: 12,
  GeneralProtection: 13,
  PageFault: 14,
  FloatingPoint: 16,
  AlignmentCheck: 17,
  MachineCheck: 18,
  SimdFloatingPoint: 19,
} as const;

/** Bits of a selector error code (AMD APM vol. 2, section 8.4.1). */
export const SELECTOR_ERROR_EXTERNAL = 1;
export const SELECTOR_ERROR_IDT = 2;

/** Bits of a page-fault error code (AMD APM vol. 2, section 8.4.2). */
export const PAGE_FAULT_PRESENT = 1 << 0;
export const PAGE_FAULT_WRITE = 1 << 1;
export const PAGE_FAULT_USER = 1 << 2;
export const PAGE_FAULT_RESERVED = 1 << 3;
export const PAGE_FAULT_FETCH = 1 << 4;

/** Records an exception that pushes no error code. Returns `Status.Fault`. */
export function raise(state: State, vector: number): number {
  state.set32(layout.FAULT_VECTOR, vector);
  state.set32(layout.FAULT_ERROR, 0);
  state.set32(layout.FAULT_HAS_ERROR, 0);
  return Status.Fault;
}

/** Records an exception with its error code. Returns `Status.Fault`. */
export function raiseWithError(state: State, vector: number, error: number): number {
  state.set32(layout.FAULT_VECTOR, vector);
  state.set32(layout.FAULT_ERROR, error);
  state.set32(layout.FAULT_HAS_ERROR, 1);
  return Status.Fault;
}

/** Records #GP(error). */
export function generalProtection(state: State, error = 0): number {
  return raiseWithError(state, Vector.GeneralProtection, error);
}

/** Records #UD. */
export function invalidOpcode(state: State): number {
  return raise(state, Vector.InvalidOpcode);
}
