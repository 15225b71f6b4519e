/**
 * What the generated code asks of TypeScript for x87 instructions. Every parameter and result is a 32-bit integer. All answer
 * `Status.Next`, or `Status.Fault` with the exception recorded and nothing changed. Numeric exceptions never fault here: they wait in the
 * status word for the next instruction that looks.
 */
export interface X87Helpers {
  /** An operation (its index in `X87_OPERATIONS`) on ST(operand), or on the bytes at offset `operand`. */
  x87Operation(operation: number, operand: number): number;
  /** FNSTENV and FLDENV at an offset, whose 14 or 28 bytes have been checked. `operandSize`: 2 or 4. */
  x87StoreEnvironment(at: number, operandSize: number): number;
  x87LoadEnvironment(at: number, operandSize: number): number;
  /** FNSAVE and FRSTOR at a linear address. `stack`: it is addressed through SS. */
  x87Save(addressLow: number, addressHigh: number, stack: number, operandSize: number): number;
  x87Restore(addressLow: number, addressHigh: number, stack: number, operandSize: number): number;
}

/** How many i32 parameters each helper takes: its wasm import type. */
export const X87_HELPER_ARITY: Readonly<Record<keyof X87Helpers, number>> = {
  x87Operation: 2,
  x87StoreEnvironment: 2,
  x87LoadEnvironment: 2,
  x87Save: 4,
  x87Restore: 4,
};
