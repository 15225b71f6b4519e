import type { Body } from '../wasm/body.ts';
import type { I32, I64, V128 } from '../wasm/expressions.ts';

/** Sizes of operands in bytes; 10 of x87 registers, 16 of XMM registers, and what is loaded into them. */
export type OperandSize = 1 | 2 | 4 | 8 | 10 | 16;

/** An operand as the semantics see it, wherever it lives. Each read of a memory operand loads; keep the value with `let64`. */
export interface Operand {
  readonly size: OperandSize;
  readonly isMemory: boolean;
  /** The value, sign-extended to 64 bits. */
  signed(): I64;
  /** The value, zero-extended to 64 bits. */
  unsigned(): I64;
  /**
   * Stores the low `size` bytes of `value`; a 4-byte write of a general register clears the upper half, one of an XMM register nothing.
   */
  write(value: I64): void;
  /** The value as a vector, zero above its size (4, 8 or 16 bytes). */
  vector(): V128;
  /** Stores the low `size` bytes of a vector; the rest of an XMM register stays. */
  writeVector(value: V128): void;
  /** Where the bytes lie in linear memory: the register's slot, or the translated address, which is good until the next access. */
  pointer(): I32;
}

export type MemoryAccess = 'read' | 'write' | 'modify';

/** A translated linear address: bytes can be loaded and stored at `pointer`; `commit` must follow the last store. */
export interface MemoryPointer {
  readonly pointer: I32;
  commit(): void;
}

/**
 * The place in the generated code where an instruction's meaning is being written. The interpreter's sites read operands
 * from the decoded record; the translator's know them. Nothing architectural may be written before the last access
 * that can fault.
 */
export interface Site {
  readonly body: Body;
  /** Operand size of the form in bytes (0 when the instruction has none). */
  readonly size: number;
  /** Address size of the form in bytes. */
  readonly addressSize: number;
  /** Whether the form is for 64-bit code (only kept apart for rows marked `stack`). */
  readonly long: boolean;
  readonly repeat: 'none' | 'rep' | 'repne';
  readonly operands: readonly Operand[];
  operand(index: number): Operand;

  /** 64-bit and 32-bit state slots (layout.ts). */
  get64(slot: number): I64;
  set64(slot: number, value: I64): void;
  get32(slot: number): I32;
  set32(slot: number, value: I32): void;

  /** The slot of register operand `index`, as a number known when the code runs. */
  registerSlot(index: number): I32;
  immediate(): I64;
  displacement(): I64;
  /** Effective linear address of the memory operand. */
  address(): I64;
  /** Slot of the memory operand's base register. */
  baseSlot(): I32;
  /** Not zero when the memory operand is addressed through SS. */
  throughStack(): I32;
  /** Segment base to add to a string instruction's source, and to its destination. */
  sourceBase(): I64;
  destinationBase(): I64;
  /** Address of this instruction. */
  thisInstruction(): I64;
  /** Address of the next instruction. */
  nextInstruction(): I64;
  /** Target of a relative branch. */
  branchTarget(): I64;

  /**
   * Translates a linear address (evaluated once) for an access of `size` bytes; leaves with the fault when there is one.
   * `stack` is not zero for an access through SS: a non-canonical address is then #SS.
   */
  memory(address: I64, size: number, access: MemoryAccess, stack?: I32): MemoryPointer;

  /** Leaves with exception `vector` (and an error code where the exception has one). */
  raise(vector: number, errorCode?: number): void;
  /**
   * Where the condition holds, `write` does the rest of the instruction, out of line: the main loop has no code for it and hands the
   * instruction over. Nothing may have been written yet.
   */
  rarely(condition: I32, write: () => void): void;
  /** Goes to the address in RIP. Ends the instruction's code. */
  jump(target: I64): void;
  /** Takes the relative branch. Ends the path. */
  branch(): void;
  /** Runs a system helper: RIP is the next instruction's address when it is called; its status decides what follows. Ends the path. */
  helper(name: string, ...operands: I32[]): void;
  /** As `helper`, running `commit` before the instruction is left for anything but a fault. */
  helperThen(commit: () => void, name: string, ...operands: I32[]): void;
  /** Runs a system helper that can only answer Next or Fault, and goes on here when it is Next. */
  call(name: string, ...operands: I32[]): void;
  /** Steps left in this slice. */
  budget(): I32;
  setBudget(value: I32): void;
  /** Starts this instruction again as a new step (REP), leaving when the budget is used up. Ends the path. */
  again(): void;
}
