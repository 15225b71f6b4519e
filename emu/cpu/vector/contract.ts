/**
 * What the generated code asks of TypeScript for XMM and MMX instructions. Every parameter and result is a 32-bit integer. All answer
 * `Status.Next`, or `Status.Fault` with the exception recorded and nothing changed but, where the manual says so, MXCSR's flags.
 */
export interface VectorHelpers {
  /** FXSAVE to a linear address. `stack`: it is addressed through SS. `wide`: REX.W was given. */
  fxsave(addressLow: number, addressHigh: number, stack: number, wide: number): number;
  fxrstor(addressLow: number, addressHigh: number, stack: number, wide: number): number;
  /** XSAVE, XSAVEOPT and XRSTOR, once CR4.OSXSAVE and CR0.TS have been looked at: as FXSAVE, with the components in EDX:EAX. */
  xsave(addressLow: number, addressHigh: number, stack: number, wide: number): number;
  xsaveopt(addressLow: number, addressHigh: number, stack: number, wide: number): number;
  xrstor(addressLow: number, addressHigh: number, stack: number, wide: number): number;
  /**
   * A floating-point operation (its index in `FLOAT_OPERATIONS`) with all of MXCSR's rules. `destination`: slot of the register that is
   * written, and where the operation has two operands the first; `source`: offset of the other's bytes; `immediate`: the predicate of CMP.
   */
  floatOperation(operation: number, destination: number, source: number, immediate: number): number;
  /** An operation of AES-NI or the SHA extensions (`blockOperationIndex`); `destination` and `source` as above. */
  blockOperation(operation: number, destination: number, source: number, immediate: number): number;
  /**
   * PCMPESTRI, PCMPESTRM, PCMPISTRI and PCMPISTRM: offsets of both operands' bytes and the immediate. `variant`: a `StringVariant`. Writes
   * ECX or XMM0, and the flags.
   */
  compareStrings(first: number, second: number, control: number, variant: number): number;
}

/** How many i32 parameters each helper takes: its wasm import type. */
export const VECTOR_HELPER_ARITY: Readonly<Record<keyof VectorHelpers, number>> = {
  fxsave: 4,
  fxrstor: 4,
  xsave: 4,
  xsaveopt: 4,
  xrstor: 4,
  floatOperation: 4,
  blockOperation: 4,
  compareStrings: 4,
};
