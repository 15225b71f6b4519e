import * as layout from '../layout.ts';
import { Vector } from '../system/exception.ts';
import { carry, overflow, setCarryAndOverflow, setFlags } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64 } from '../wasm/expressions.ts';
import { signExtend } from './arithmetic.ts';

const RAX = layout.GPR;
const RDX = layout.GPR + 2 * 8;
const MASK32 = i64.const(0xffff_ffff);

/** High 64 bits of the unsigned product of two locals, from four 32-bit products. */
export function multiplyHighUnsigned(site: Site, a: I64, b: I64): I64 {
  const { body } = site;
  const half = (value: I64): [I64, I64] => [i64.and(value, MASK32), i64.shrU(value, i64.const(32))];
  const [aLow, aHigh] = half(a);
  const [bLow, bHigh] = half(b);
  const low = body.let64(i64.mul(aLow, bLow));
  const middle = body.let64(i64.add(i64.mul(aHigh, bLow), i64.shrU(low, i64.const(32))));
  const other = body.let64(i64.add(i64.mul(aLow, bHigh), i64.and(middle, MASK32)));
  return body.let64(
    i64.add(i64.add(i64.mul(aHigh, bHigh), i64.shrU(middle, i64.const(32))), i64.shrU(other, i64.const(32))),
  );
}

/** High 64 bits of the signed product: the unsigned one less the other factor for each negative factor. */
function multiplyHighSigned(site: Site, a: I64, b: I64): I64 {
  const sign = (value: I64): I64 => i64.shrS(value, i64.const(63));
  return i64.sub(i64.sub(multiplyHighUnsigned(site, a, b), i64.and(sign(a), b)), i64.and(sign(b), a));
}

/** CF = OF = `lost`. */
function setMultiplyFlags(site: Site, lost: I32): void {
  const both = site.body.let32(lost);
  setCarryAndOverflow(site, both, both);
}

/** A result that gives neither ZF nor SF nor PF, and AF's bit of aux (see layout.ts). */
const NO_FLAGS_RESULT = 1n;
const AUX_ADJUST = 16n;

/** CF and OF stay, AF is set, PF, ZF and SF are cleared. */
function setDivideFlags(site: Site): void {
  const { body } = site;
  const kept = body.let32(carry(site));
  const difference = i64.shl(i64.extendI32U(i32.xor(overflow(site), kept)), i64.const(63));
  setFlags(site, i64.const(NO_FLAGS_RESULT), body.let64(i64.or(difference, i64.const(AUX_ADJUST))), kept);
}

/** Operand sizes of the general registers. */
type GeneralSize = 1 | 2 | 4 | 8;

/** MUL and IMUL with one operand: rDX:rAX (AX for bytes) = rAX × operand. */
const multiplyAccumulator =
  (signed: boolean): Semantics =>
  (site) => {
    const { body } = site;
    const operand = site.operand(0);
    const size = operand.size as GeneralSize;
    const factor = body.let64(signed ? operand.signed() : operand.unsigned());
    const load = {
      1: [i64.load8s, i64.load8u],
      2: [i64.load16s, i64.load16u],
      4: [i64.load32s, i64.load32u],
      8: [i64.load, i64.load],
    }[size][signed ? 0 : 1] as typeof i64.load;
    const accumulator = body.let64(load(i32.const(RAX)));
    const low = body.let64(i64.mul(accumulator, factor));
    if (size === 8) {
      const high = body.let64(
        signed
          ? multiplyHighSigned(site, accumulator, factor)
          : multiplyHighUnsigned(site, accumulator, factor),
      );
      site.set64(RAX, low);
      site.set64(RDX, high);
      const expected = signed ? i64.shrS(low, i64.const(63)) : i64.const(0);
      setMultiplyFlags(site, i64.ne(high, expected));
      return;
    }
    const result = body.let64(signExtend(low, size));
    const truncated = signed ? result : i64.and(low, i64.const((1n << BigInt(8 * size)) - 1n));
    if (size === 1) body.storeLow(2, i32.const(RAX), low);
    else {
      const high = i64.shrU(low, i64.const(8 * size));
      if (size === 2) {
        body.storeLow(2, i32.const(RAX), low);
        body.storeLow(2, i32.const(RDX), high);
      } else {
        site.set64(RAX, i64.and(low, MASK32));
        site.set64(RDX, high);
      }
    }
    setMultiplyFlags(site, i64.ne(low, truncated));
  };

/** IMUL r, r/m and IMUL r, r/m, imm: operand 0 = a × b, truncated. */
const multiplyTruncated =
  (first: number, second: number): Semantics =>
  (site) => {
    const { body } = site;
    const size = site.operand(0).size;
    const a = body.let64(site.operand(first).signed());
    const b = body.let64(site.operand(second).signed());
    const product = body.let64(i64.mul(a, b));
    const result = body.let64(signExtend(product, size));
    const lost = body.let32(
      size === 8
        ? i64.ne(multiplyHighSigned(site, a, b), i64.shrS(product, i64.const(63)))
        : i64.ne(product, result),
    );
    site.operand(0).write(result);
    setMultiplyFlags(site, lost);
  };

/**
 * DIV and IDIV: rDX:rAX (AX for bytes) by the operand. #DE for a divisor of zero or a quotient that does not fit.
 */
const divide =
  (signed: boolean): Semantics =>
  (site) => {
    const operand = site.operand(0);
    const divisor = site.body.let64(signed ? operand.signed() : operand.unsigned());
    site.body.if(i64.eqz(divisor), () => site.raise(Vector.DivideError));
    if (operand.size === 8) divide128(site, divisor, signed);
    else divideNarrow(site, divisor, operand.size as 1 | 2 | 4, signed);
    setDivideFlags(site);
  };

function divideNarrow(site: Site, divisor: I64, size: 1 | 2 | 4, signed: boolean): void {
  const { body } = site;
  const width = size * 8;
  const mask = i64.const((1n << BigInt(width)) - 1n);
  const raw =
    size === 1
      ? i64.load16u(i32.const(RAX))
      : i64.or(i64.and(site.get64(RAX), mask), i64.shl(i64.and(site.get64(RDX), mask), i64.const(width)));
  const dividend = body.let64(signed ? signExtend(raw, size * 2) : raw);
  if (signed && size === 4) {
    // The one signed quotient that wasm cannot form.
    const lowest = i32.and(i64.eqz(i64.shl(dividend, i64.const(1))), i64.ltS(dividend, i64.const(0)));
    const overflow = i32.and(lowest, i64.eq(divisor, i64.const(-1)));
    body.if(overflow, () => site.raise(Vector.DivideError));
  }
  const quotient = body.let64((signed ? i64.divS : i64.divU)(dividend, divisor));
  const remainder = body.let64((signed ? i64.remS : i64.remU)(dividend, divisor));
  const fits = signed ? signExtend(quotient, size) : i64.and(quotient, mask);
  body.if(i64.ne(quotient, fits), () => site.raise(Vector.DivideError));
  if (size === 4) {
    site.set64(RAX, i64.and(quotient, MASK32));
    site.set64(RDX, i64.and(remainder, MASK32));
  } else if (size === 2) {
    body.storeLow(2, i32.const(RAX), quotient);
    body.storeLow(2, i32.const(RDX), remainder);
  } else {
    body.storeLow(1, i32.const(RAX), quotient);
    body.storeLow(1, i32.const(RAX + 1), remainder);
  }
}

/** 128 by 64 bits. Signed division goes through the magnitudes. */
function divide128(site: Site, divisor: I64, signed: boolean): void {
  const { body } = site;
  const high = body.local('i64');
  const low = body.local('i64');
  body.set(high, site.get64(RDX));
  body.set(low, site.get64(RAX));
  const negativeDividend = body.let64(signed ? i64.shrS(high.get, i64.const(63)) : i64.const(0));
  const negativeDivisor = body.let64(signed ? i64.shrS(divisor, i64.const(63)) : i64.const(0));
  const magnitude = body.let64(i64.sub(i64.xor(divisor, negativeDivisor), negativeDivisor));
  if (signed) {
    body.if(i32.wrap(negativeDividend), () => {
      body.set(low, i64.sub(i64.const(0), low.get));
      body.set(high, i64.sub(i64.xor(high.get, i64.const(-1)), i64.const(-1)));
      body.if(i64.ne(low.get, i64.const(0)), () => body.set(high, i64.sub(high.get, i64.const(1))));
    });
  }
  body.if(i64.geU(high.get, magnitude), () => site.raise(Vector.DivideError));
  body.if(
    i64.eqz(high.get),
    () => {
      body.set(high, i64.remU(low.get, magnitude));
      body.set(low, i64.divU(low.get, magnitude));
    },
    () => longDivision(site, high, low, magnitude),
  );
  // Now low is the quotient's magnitude and high the remainder's.
  const negativeQuotient = body.let64(i64.xor(negativeDividend, negativeDivisor));
  const quotient = body.let64(i64.sub(i64.xor(low.get, negativeQuotient), negativeQuotient));
  if (signed) {
    const wrongSign = i64.ltS(i64.xor(quotient, negativeQuotient), i64.const(0));
    body.if(i32.and(wrongSign, i64.ne(quotient, i64.const(0))), () => site.raise(Vector.DivideError));
  }
  site.set64(RAX, quotient);
  site.set64(RDX, i64.sub(i64.xor(high.get, negativeDividend), negativeDividend));
}

/** Restoring division, one bit a turn: high:low / divisor with high < divisor. Leaves quotient in low, remainder in high. */
function longDivision(
  site: Site,
  high: { get: I64; index: number; type: 'i64' },
  low: { get: I64; index: number; type: 'i64' },
  divisor: I64,
): void {
  const { body } = site;
  const turns = body.local('i32');
  body.set(turns, i32.const(64));
  body.loop((again) => {
    const carried = body.let64(i64.shrS(high.get, i64.const(63)));
    body.set(high, i64.or(i64.shl(high.get, i64.const(1)), i64.shrU(low.get, i64.const(63))));
    body.set(low, i64.shl(low.get, i64.const(1)));
    body.if(i32.or(i32.wrap(carried), i64.geU(high.get, divisor)), () => {
      body.set(high, i64.sub(high.get, divisor));
      body.set(low, i64.or(low.get, i64.const(1)));
    });
    body.set(turns, i32.sub(turns.get, i32.const(1)));
    body.brIf(again, turns.get);
  });
}

const mul = multiplyAccumulator(false);
const imul = multiplyAccumulator(true);
const imul2 = multiplyTruncated(0, 1);
const imul3 = multiplyTruncated(1, 2);
const div = divide(false);
const idiv = divide(true);

const MULTIPLY = {
  access: 'read' as const,
  flags: { written: 'oc', undefined: 'szap' },
  profile: 'SF, ZF, AF and PF stay.',
};
const DIVIDE = {
  access: 'read' as const,
  flags: { undefined: 'oszapc' },
  profile: 'CF and OF stay, AF is set, SF, ZF and PF are cleared.',
};

export const multiplyRows: Row[] = [
  row('MUL', 'F6 /4', 'Eb', mul, MULTIPLY),
  row('MUL', 'F7 /4', 'Ev', mul, { ...MULTIPLY, hot: [4, 8] }),
  row('IMUL', 'F6 /5', 'Eb', imul, MULTIPLY),
  row('IMUL', 'F7 /5', 'Ev', imul, MULTIPLY),
  row('IMUL', '0F AF /r', 'Gv,Ev', imul2, { ...MULTIPLY, access: 'modify', hot: [4, 8] }),
  row('IMUL', '69 /r', 'Gv,Ev,Iz', imul3, { ...MULTIPLY, access: 'write', hot: [4, 8] }),
  row('IMUL', '6B /r', 'Gv,Ev,Ibs', imul3, { ...MULTIPLY, access: 'write', hot: [4, 8] }),
  row('DIV', 'F6 /6', 'Eb', div, DIVIDE),
  row('DIV', 'F7 /6', 'Ev', div, { ...DIVIDE, hot: [4, 8] }),
  row('IDIV', 'F6 /7', 'Eb', idiv, DIVIDE),
  row('IDIV', 'F7 /7', 'Ev', idiv, { ...DIVIDE, hot: [4] }),
];
