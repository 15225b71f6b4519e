import {
  DWARF_RBP,
  DWARF_REGISTER_COUNT,
  DWARF_RIP,
  DWARF_RSP,
  type MemoryReader,
  type RegisterValues,
} from './registers.ts';
import type { SymbolTable } from './symbol-table.ts';

/** Bytes of an address. */
export const WORD_SIZE = 8;
/** CALL rel32 (Intel SDM vol. 2, CALL): e8 and four bytes. */
const CALL_REL32 = 0xe8;
const CALL_SIZE = 5;

/** Offsets are small signed numbers; addresses wrap at 2^64. */
export function plus(address: bigint, offset: number): bigint {
  return BigInt.asUintN(64, address + BigInt(offset));
}

export function readWord(address: bigint, readMemory: MemoryReader): bigint | undefined {
  const bytes = readMemory(address, WORD_SIZE);
  if (bytes === undefined || bytes.length < WORD_SIZE) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}

/** The convention of -fno-omit-frame-pointer: rbp points at the caller's rbp, and above it is the return address. */
export function unwindByFramePointer(
  registers: RegisterValues,
  readMemory: MemoryReader,
): RegisterValues | undefined {
  const framePointer = registers[DWARF_RBP];
  const stackPointer = registers[DWARF_RSP];
  if (framePointer === undefined || framePointer % BigInt(WORD_SIZE) !== 0n) return undefined;
  // A frame pointer below the stack pointer is no frame pointer; the stack grows downwards.
  if (stackPointer !== undefined && framePointer < stackPointer) return undefined;
  const savedFramePointer = readWord(framePointer, readMemory);
  const returnAddress = readWord(plus(framePointer, WORD_SIZE), readMemory);
  if (savedFramePointer === undefined || returnAddress === undefined) return undefined;
  const caller: (bigint | undefined)[] = new Array(DWARF_REGISTER_COUNT).fill(undefined);
  caller[DWARF_RBP] = savedFramePointer;
  caller[DWARF_RSP] = plus(framePointer, 2 * WORD_SIZE);
  caller[DWARF_RIP] = returnAddress;
  return caller;
}

/**
 * The caller of assembly that has no frame of its own: the return address on top of the stack, if the instruction before it is a call
 * of this very function.
 */
export function unwindFrameless(
  registers: RegisterValues,
  readMemory: MemoryReader,
  symbols: SymbolTable,
): RegisterValues | undefined {
  const pc = registers[DWARF_RIP];
  const stackPointer = registers[DWARF_RSP];
  const hit = pc === undefined ? undefined : symbols.at(pc);
  if (hit === undefined || stackPointer === undefined) return undefined;
  const returnAddress = readWord(stackPointer, readMemory);
  if (returnAddress === undefined) return undefined;
  const call = readMemory(plus(returnAddress, -CALL_SIZE), CALL_SIZE);
  if (call === undefined || call[0] !== CALL_REL32) return undefined;
  const distance = new DataView(call.buffer, call.byteOffset).getInt32(1, true);
  if (plus(returnAddress, distance) !== hit.symbol.address) return undefined;
  const caller = registers.slice(0, DWARF_REGISTER_COUNT);
  caller[DWARF_RSP] = plus(stackPointer, WORD_SIZE);
  caller[DWARF_RIP] = returnAddress;
  return caller;
}
