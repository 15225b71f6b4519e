import * as layout from '../layout.ts';

/**
 * An entry of the call log in linear memory: a header, and behind it the registers that matter. What generated code and TypeScript
 * agree on; entries lie one behind the other.
 */

/** What an entry tells of. */
export const CallEntry = {
  /** A function's first instruction is about to execute. */
  Call: 0,
  /** The RET of a function is about to execute. */
  Return: 1,
  /** An exception or interrupt has been delivered. */
  Delivery: 2,
  /** IRET has returned. */
  InterruptReturn: 3,
  /** SYSCALL has executed. */
  SystemCall: 4,
  /** SYSRET has executed. */
  SystemReturn: 5,
} as const;

/** u32: see `CallEntry`. */
export const KIND = 0;
/** u32: the function's number; a delivery's vector; after IRET and SYSRET the privilege level, and 0x100 with the carry flag set. */
export const DETAIL = 4;
/** u64: steps since power-on. */
export const POSITION = 8;
/** u64: RSP. Before IRET and SYSCALL for those, after the delivery for that; of a call it points at the return address. */
export const STACK_POINTER = 16;
/** u64 each. */
export const REGISTERS = 24;

const SLOT_SIZE = 8;
const [RAX, RCX, RDX, RSI, RDI, R8, R9, R10] = [0, 1, 2, 6, 7, 8, 9, 10].map(
  (number) => layout.GPR + SLOT_SIZE * number,
) as [number, number, number, number, number, number, number, number];

/** What a call is given: the first six integer arguments (System V ABI, amd64, 3.2.3). */
export const CALL_REGISTERS: readonly number[] = [RDI, RSI, RDX, RCX, R8, R9];
/** What a system call is given: its number and six arguments; R10 stands for RCX, which SYSCALL overwrites. */
export const SYSTEM_CALL_REGISTERS: readonly number[] = [RAX, RDI, RSI, RDX, R10, R8, R9];
/** What a function or a system call answers with. */
export const RESULT_REGISTERS: readonly number[] = [RAX];

/** Bytes of an entry with so many registers. */
export const entrySize = (registers: readonly number[]): number => REGISTERS + SLOT_SIZE * registers.length;
export const LARGEST_ENTRY = entrySize(SYSTEM_CALL_REGISTERS);

/** 32-bit words of an entry, by its kind. */
export const ENTRY_WORDS: readonly number[] = [
  entrySize(CALL_REGISTERS),
  entrySize(RESULT_REGISTERS),
  entrySize([]),
  entrySize(RESULT_REGISTERS),
  entrySize(SYSTEM_CALL_REGISTERS),
  entrySize(RESULT_REGISTERS),
].map((size) => size / 4);
/** In DETAIL of a return to user mode: the carry flag. */
export const DETAIL_CARRY = 0x100;
