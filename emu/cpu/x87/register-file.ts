import * as layout from '../layout.ts';
import type { State } from '../state.ts';

/** Fields of the status word (AMD APM volume 1, 6.2.2). */
export const STATUS_EXCEPTIONS = 0x3f;
export const STATUS_STACK_FAULT = 1 << 6;
export const STATUS_ERROR_SUMMARY = 1 << 7;
export const STATUS_BUSY = 1 << 15;
export const TOP_SHIFT = 11;
export const STATUS_TOP = 7 << TOP_SHIFT;
/** Bits of the control word that are always one, and those that can be either (AMD APM volume 1, 6.2.3). */
export const CONTROL_FIXED = 0x0040;
export const CONTROL_DEFINED = 0x1f3f;
/** FNINIT's control word. */
export const CONTROL_INITIAL = 0x037f;
export const OPCODE_DEFINED = 0x07ff;

export const X87_REGISTERS = 8;
/** A register's slot in the state, and the bytes of it that count. */
export const REGISTER_SLOT = 16;
export const REGISTER_BYTES = 10;
export const ALL_VALID = 0xff;
export const ALL_EMPTY = 0;

/**
 * The state keeps the registers in the processor's order, R0–R7, so that a push moves TOP and no register, and MMn is always
 * Rn. Images in memory have them in the order of the stack: who makes or reads one asks here where ST(index) lies.
 */
export function stackSlot(state: State, index: number): number {
  return layout.X87 + (((statusWord(state) >>> TOP_SHIFT) + index) & 7) * REGISTER_SLOT;
}

export const statusWord = (state: State): number => state.u16[layout.X87_STATUS >>> 1] as number;
export const controlWord = (state: State): number => state.u16[layout.X87_CONTROL >>> 1] as number;
export const opcodeWord = (state: State): number => state.u16[layout.X87_OPCODE >>> 1] as number;

/** Sets the control word and lets the error summary follow. */
export function setControlWord(state: State, word: number): void {
  state.u16[layout.X87_CONTROL >>> 1] = (word & CONTROL_DEFINED) | CONTROL_FIXED;
  setStatusWord(state, statusWord(state));
}

/** Sets the status word; ES and B say whether an exception in it is not masked, whatever the value has there. */
export function setStatusWord(state: State, word: number): void {
  const pending = (word & ~controlWord(state) & STATUS_EXCEPTIONS) !== 0;
  const plain = word & ~(STATUS_ERROR_SUMMARY | STATUS_BUSY);
  state.u16[layout.X87_STATUS >>> 1] = pending ? plain | STATUS_ERROR_SUMMARY | STATUS_BUSY : plain;
}

/** FNINIT. The registers keep their contents, marked empty. */
export function initialize(state: State): void {
  state.u16[layout.X87_CONTROL >>> 1] = CONTROL_INITIAL;
  state.u16[layout.X87_STATUS >>> 1] = 0;
  state.u8[layout.X87_TAGS] = ALL_EMPTY;
  state.u16[layout.X87_OPCODE >>> 1] = 0;
  state.set64(layout.X87_INSTRUCTION, 0n);
  state.set64(layout.X87_DATA, 0n);
  state.set32(layout.X87_SELECTORS, 0);
}

/** Kinds of contents as the full tag word has them (AMD APM volume 1, 6.2.4). */
const TAG_VALID = 0;
const TAG_ZERO = 1;
const TAG_SPECIAL = 2;
const TAG_EMPTY = 3;
const EXPONENT_MASK = 0x7fff;
const INTEGER_BIT_HIGH = 0x8000_0000;

/** The tag word with two bits a register, which the processor makes from the contents when it is asked for. */
export function fullTagWord(state: State): number {
  let word = 0;
  for (let register = 0; register < X87_REGISTERS; register++) {
    const full = ((state.u8[layout.X87_TAGS] as number) >>> register) & 1;
    const tag = full === 0 ? TAG_EMPTY : kindOfContents(state, layout.X87 + register * REGISTER_SLOT);
    word |= tag << (2 * register);
  }
  return word;
}

function kindOfContents(state: State, slot: number): number {
  const exponent = (state.u16[(slot + 8) >>> 1] as number) & EXPONENT_MASK;
  const low = state.get32(slot);
  const high = state.high(slot);
  if (exponent === EXPONENT_MASK) return TAG_SPECIAL;
  if (exponent === 0) return low === 0 && high === 0 ? TAG_ZERO : TAG_SPECIAL;
  return (high & INTEGER_BIT_HIGH) === 0 ? TAG_SPECIAL : TAG_VALID;
}

/** Takes over which registers are empty from a full tag word; the other kinds follow from the contents. */
export function setFullTagWord(state: State, word: number): void {
  let tags = 0;
  for (let register = 0; register < X87_REGISTERS; register++) {
    if (((word >>> (2 * register)) & 3) !== TAG_EMPTY) tags |= 1 << register;
  }
  state.u8[layout.X87_TAGS] = tags;
}
