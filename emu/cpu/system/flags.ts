import * as layout from '../layout.ts';
import type { State } from '../state.ts';

/** RFLAGS bits (AMD APM vol. 2, section 3.1.4). */
export const CF = 1 << 0;
export const RFLAGS_FIXED = 1 << 1;
export const PF = 1 << 2;
export const AF = 1 << 4;
export const ZF = 1 << 6;
export const SF = 1 << 7;
export const TF = 1 << 8;
export const IF = 1 << 9;
export const DF = 1 << 10;
export const OF = 1 << 11;
export const IOPL = 3 << 12;
export const IOPL_SHIFT = 12;
export const NT = 1 << 14;
export const RF = 1 << 16;
export const VM = 1 << 17;
export const AC = 1 << 18;
export const VIF = 1 << 19;
export const VIP = 1 << 20;
export const ID = 1 << 21;

/** The six flags that are kept as a result and its operands (see `layout.FLAG_RESULT`). */
export const ARITHMETIC = CF | PF | AF | ZF | SF | OF;
/** Every flag that RFLAGS has. */
export const ALL = ARITHMETIC | TF | IF | DF | IOPL | NT | RF | VM | AC | VIF | VIP | ID;

const CARRY_CF = 1;
const CARRY_INVERT_SF = 2;
const CARRY_INVERT_PF = 4;
const AUX_AF = 1 << 4;

/** 1 when the low byte of `value` has an even number of set bits. */
function evenParity(value: number): number {
  let bits = value & 0xff;
  bits ^= bits >>> 4;
  bits ^= bits >>> 2;
  bits ^= bits >>> 1;
  return (bits & 1) ^ 1;
}

/** The six arithmetic flags at their RFLAGS positions. */
export function readArithmeticFlags(state: State): number {
  const resultLow = state.get32(layout.FLAG_RESULT);
  const resultHigh = state.high(layout.FLAG_RESULT);
  const carry = state.get32(layout.FLAG_CARRY);
  const carryFlag = carry & CARRY_CF;
  let flags = carryFlag;
  if (evenParity(resultLow) !== (carry & CARRY_INVERT_PF) >>> 2) flags |= PF;
  if ((state.get32(layout.FLAG_AUX) & AUX_AF) !== 0) flags |= AF;
  if ((resultLow | resultHigh) === 0) flags |= ZF;
  if (resultHigh >>> 31 !== (carry & CARRY_INVERT_SF) >>> 1) flags |= SF;
  if (state.high(layout.FLAG_AUX) >>> 31 !== carryFlag) flags |= OF;
  return flags;
}

/** RFLAGS as an unsigned number (its upper 32 bits are always zero). */
export function readFlags(state: State): number {
  return (state.get32(layout.RFLAGS_SYSTEM) | RFLAGS_FIXED | readArithmeticFlags(state)) >>> 0;
}

/**
 * Sets the RFLAGS bits in `mask` to those of `value`; the others keep their value.
 * The encoding it leaves is a function of the six flags alone, so that equal flags give equal state.
 */
export function writeFlags(state: State, value: number, mask: number): void {
  const system = state.get32(layout.RFLAGS_SYSTEM);
  state.set32(layout.RFLAGS_SYSTEM, (((system & ~mask) | (value & mask)) & ALL & ~ARITHMETIC) | RFLAGS_FIXED);
  if ((mask & ARITHMETIC) !== 0) {
    encodeArithmeticFlags(state, (readArithmeticFlags(state) & ~mask) | (value & mask));
  }
}

/** Brings the arithmetic flags into the one encoding `writeFlags` uses, without changing any. */
export function settleFlags(state: State): void {
  encodeArithmeticFlags(state, readArithmeticFlags(state));
}

function encodeArithmeticFlags(state: State, flags: number): void {
  const carryFlag = flags & CF;
  const zero = (flags & ZF) !== 0;
  // A result of 0 has even parity and one of 1 odd parity; neither is negative.
  const parity = zero ? PF : 0;
  let carry = carryFlag;
  if ((flags & SF) !== 0) carry |= CARRY_INVERT_SF;
  if ((flags & PF) !== parity) carry |= CARRY_INVERT_PF;
  const overflow = (flags & OF) !== 0 ? 1 : 0;
  state.setPair(layout.FLAG_RESULT, zero ? 0 : 1, 0);
  state.setPair(layout.FLAG_AUX, (flags & AF) !== 0 ? AUX_AF : 0, ((overflow ^ carryFlag) << 31) >>> 0);
  state.set32(layout.FLAG_CARRY, carry);
}

/** The I/O privilege level, 0–3. */
export function ioPrivilegeLevel(state: State): number {
  return (state.get32(layout.RFLAGS_SYSTEM) & IOPL) >>> IOPL_SHIFT;
}
