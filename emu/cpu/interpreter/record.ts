/**
 * A decoded-instruction record in linear memory. Straight-line code lies in consecutive records, so that the next
 * instruction is `record + RECORD_SIZE`. Registers are given as offsets of their slots (see layout.ts), so that AH is
 * one more offset and an absent base or index is the slot ZERO.
 */
export const RECORD_SIZE = 48;

/** u16: number of the handler in the interpreter's `br_table`. */
export const HANDLER = 0;
/** u16: offset of the instruction in its page (4096 for a lookup that leaves the page). */
export const OFFSET = 2;
/** u16: offset of the byte after the instruction, relative to the instruction's page. */
export const NEXT = 4;
/** u8: log2 of the index register's factor; of a logged entry, whether the host is told. */
export const SCALE = 6;
/** u8: whether it is an instruction's own record, and of what kind: see `RecordKind`. */
export const KIND = 7;
/** u16: slot of register operand 0, 1 and 2. */
export const REGISTER0 = 8;
export const REGISTER1 = 10;
export const REGISTER2 = 40;
/** u16: slots of the base and the index register of the memory operand. */
export const BASE = 12;
export const INDEX = 14;
/** i64: displacement; for relative branches the target's offset from the instruction's page; of a crossing record, the number of the second physical page. */
export const DISPLACEMENT = 16;
/** i64: immediate operand. */
export const IMMEDIATE = 24;
/** u32: how often a conditional branch, which has no immediate, was taken while executions are counted. */
export const TAKEN = 24;
/** u32: for relative branches the target's record once linked, LINK_NEVER when it lies in another page; of the call log, the function's number; of a breakpoint, its own. */
export const LINK = 32;
/** u32: index of the instruction's out-of-line function; of a crossing record, the fetch generation it was checked in. */
export const AUXILIARY = 36;

/** u32: how often the instruction was executed while executions are counted; FAULTED is set when it has faulted. */
export const EXECUTED = 44;

export const LINK_NEVER = 1;

/** Bit of EXECUTED. */
export const FAULTED = 0x8000_0000;

/** Bits of KIND; a record without them only prepares the instruction of a record behind it. */
export const RecordKind = { Instruction: 1, ConditionalBranch: 2 } as const;

/** Handlers that are not instructions. They take no step. */
export const HANDLER_LOOKUP = 0;
export const HANDLER_CROSS = 1;
/** Computes a segmented or truncated address into EA: flat 64-bit and legacy (result truncated to 32 bits). */
export const HANDLER_ADDRESS = 2;
export const HANDLER_ADDRESS_LEGACY = 3;
/** Calls the out-of-line function AUXILIARY. */
export const HANDLER_RARE = 4;
export const FIRST_FORM_HANDLER = 5;
