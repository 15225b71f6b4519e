import * as layout from '../layout.ts';
import { DF, ZF } from '../system/flags.ts';
import { type I32, type I64, i32, i64 } from '../wasm/expressions.ts';
import type { Site } from './site.ts';

const SIGN_DELTA_SHIFT = 1;
export const PARITY_DELTA_SHIFT = 2;

/**
 * Sets all six arithmetic flags. `result` sign-extended from the operand size; OF = bit 63 of `aux` ^ `carry`, AF = bit 4 of
 * `aux`; `carry` is 0 or 1. For an addition or subtraction `aux` is source1 ^ source2 ^ result.
 */
export function setFlags(site: Site, result: I64, aux: I64, carry: I32): void {
  site.set64(layout.FLAG_RESULT, result);
  site.set64(layout.FLAG_AUX, aux);
  site.set32(layout.FLAG_CARRY, carry);
}

/** Flags of a logic instruction: CF = OF = 0 (AF, which the manuals leave undefined, is cleared). */
export function setLogicFlags(site: Site, result: I64): void {
  setFlags(site, result, i64.const(0), i32.const(0));
}

const sign = (value: I64): I32 => i32.wrap(i64.shrU(value, i64.const(63)));

export const carry = (site: Site): I32 => i32.and(site.get32(layout.FLAG_CARRY), i32.const(1));
export const zero = (site: Site): I32 => i64.eqz(site.get64(layout.FLAG_RESULT));
export const signFlag = (site: Site): I32 =>
  i32.and(
    i32.xor(
      sign(site.get64(layout.FLAG_RESULT)),
      i32.shrU(site.get32(layout.FLAG_CARRY), i32.const(SIGN_DELTA_SHIFT)),
    ),
    i32.const(1),
  );
export const overflow = (site: Site): I32 =>
  i32.and(i32.xor(sign(site.get64(layout.FLAG_AUX)), site.get32(layout.FLAG_CARRY)), i32.const(1));
export const adjust = (site: Site): I32 =>
  i32.and(i32.wrap(i64.shrU(site.get64(layout.FLAG_AUX), i64.const(4))), i32.const(1));
export const parity = (site: Site): I32 =>
  i32.and(
    i32.xor(
      i32.add(i32.popcnt(i32.and(i32.wrap(site.get64(layout.FLAG_RESULT)), i32.const(0xff))), i32.const(1)),
      i32.shrU(site.get32(layout.FLAG_CARRY), i32.const(PARITY_DELTA_SHIFT)),
    ),
    i32.const(1),
  );

/** SF ^ OF, the "less" of signed comparisons. */
const less = (site: Site): I32 =>
  i32.and(
    i32.xor(
      sign(i64.xor(site.get64(layout.FLAG_RESULT), site.get64(layout.FLAG_AUX))),
      i32.xor(
        site.get32(layout.FLAG_CARRY),
        i32.shrU(site.get32(layout.FLAG_CARRY), i32.const(SIGN_DELTA_SHIFT)),
      ),
    ),
    i32.const(1),
  );

const CONDITIONS: readonly ((site: Site) => I32)[] = [
  overflow,
  carry,
  zero,
  (site) => i32.or(carry(site), zero(site)),
  signFlag,
  parity,
  less,
  (site) => i32.or(less(site), zero(site)),
];

/** The suffixes of Jcc, SETcc and CMOVcc by condition code. */
export const CONDITION_NAMES = [
  'O',
  'NO',
  'B',
  'AE',
  'E',
  'NE',
  'BE',
  'A',
  'S',
  'NS',
  'P',
  'NP',
  'L',
  'GE',
  'LE',
  'G',
];
/** The flags that each pair of conditions reads. */
export const CONDITION_FLAGS = ['o', 'c', 'z', 'cz', 's', 'p', 'so', 'soz'];

/** The condition of Jcc, SETcc and CMOVcc (Intel SDM volume 2, appendix B.1.4.7): not zero when it holds. */
export function condition(site: Site, code: number): I32 {
  const even = (CONDITIONS[code >> 1] as (site: Site) => I32)(site);
  return (code & 1) === 0 ? even : i32.eqz(even);
}

/** Replaces CF and leaves the other flags: bit 63 of aux follows so that OF stays. `value` is 0 or 1 and evaluated once. */
export function setCarryOnly(site: Site, value: I32): void {
  const { body } = site;
  const old = body.let32(site.get32(layout.FLAG_CARRY));
  const fresh = body.let32(i32.or(i32.and(old, i32.const(~1)), value));
  site.set64(
    layout.FLAG_AUX,
    i64.xor(site.get64(layout.FLAG_AUX), i64.shl(i64.extendI32U(i32.xor(old, fresh)), i64.const(63))),
  );
  site.set32(layout.FLAG_CARRY, fresh);
}

/** Replaces CF and OF (0 or 1 each, evaluated once) and leaves SF, ZF, AF and PF. */
export function setCarryAndOverflow(site: Site, carryValue: I32, overflowValue: I32): void {
  const { body } = site;
  const fresh = body.let32(carryValue);
  // Bit 63 goes out by shifting: a 64-bit mask would be prepared on every step of the main loop.
  const aux = i64.shrU(i64.shl(site.get64(layout.FLAG_AUX), i64.const(1)), i64.const(1));
  const top = i64.shl(i64.extendI32U(i32.xor(fresh, overflowValue)), i64.const(63));
  site.set64(layout.FLAG_AUX, i64.or(aux, top));
  site.set32(layout.FLAG_CARRY, i32.or(i32.and(site.get32(layout.FLAG_CARRY), i32.const(~1)), fresh));
}

/** Replaces ZF and leaves the other flags: `value` is 0 or 1 and evaluated once. */
export function setZeroOnly(site: Site, value: I32): void {
  const flags = site.body.let32(packArithmetic(site));
  const zeroFlag = i32.mul(value, i32.const(ZF));
  unpackArithmetic(site, i32.or(i32.and(flags, i32.const(~ZF)), zeroFlag));
}

/** The six arithmetic flags at their places in RFLAGS. */
export function packArithmetic(site: Site): I32 {
  const at = (bit: number, value: I32): I32 => i32.shl(value, i32.const(bit));
  return i32.or(
    i32.or(i32.or(carry(site), at(2, parity(site))), i32.or(at(4, adjust(site)), at(6, zero(site)))),
    i32.or(at(7, signFlag(site)), at(11, overflow(site))),
  );
}

/** Sets the six arithmetic flags from an image of RFLAGS (evaluated once). */
export function unpackArithmetic(site: Site, image: I32): void {
  const { body } = site;
  const flags = body.let32(image);
  const bit = (position: number): I32 => i32.and(i32.shrU(flags, i32.const(position)), i32.const(1));
  // A result of 0 gives ZF, SF = 0 and PF = 1; a result of 1 gives none of them. The deltas turn SF and PF as needed.
  const zeroFlag = body.let32(bit(6));
  site.set64(layout.FLAG_RESULT, i64.extendI32U(i32.xor(zeroFlag, i32.const(1))));
  site.set64(
    layout.FLAG_AUX,
    i64.or(
      i64.shl(i64.extendI32U(i32.xor(bit(11), bit(0))), i64.const(63)),
      i64.shl(i64.extendI32U(bit(4)), i64.const(4)),
    ),
  );
  site.set32(
    layout.FLAG_CARRY,
    i32.or(
      bit(0),
      i32.or(
        i32.shl(bit(7), i32.const(SIGN_DELTA_SHIFT)),
        i32.shl(i32.xor(bit(2), zeroFlag), i32.const(PARITY_DELTA_SHIFT)),
      ),
    ),
  );
}

/** Not zero when DF is set: string instructions go down. */
export const directionFlag = (site: Site): I32 => i32.and(site.get32(layout.RFLAGS_SYSTEM), i32.const(DF));
