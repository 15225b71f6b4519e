import { carry, setCarryAndOverflow, setFlags } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64, select } from '../wasm/expressions.ts';
import { signExtend } from './arithmetic.ts';

/** The count masked to 5 bits, 6 for 64-bit operands. */
function maskedCount(site: Site): I64 {
  const size = site.operand(0).size;
  return site.body.let64(i64.and(site.operand(1).unsigned(), i64.const(size === 8 ? 63 : 31)));
}

const bit = (value: I64, position: I64): I32 => i32.wrap(i64.and(i64.shrU(value, position), i64.const(1)));
const signBit = (value: I64): I32 => i32.wrap(i64.shrU(value, i64.const(63)));

/**
 * SHL, SHR, SAR. A count of zero changes no flag (but writes the operand, which clears the upper half of a 32-bit register).
 * OF is defined for a count of 1 only; other counts give what AMD processors give: the formula for 1 applied to the last step.
 * AF, which is undefined, is set.
 */
const shift =
  (
    operation: (value: I64, count: I64) => I64,
    signed: boolean,
    carryOut: (value: I64, count: I64, width: number) => I32,
    overflowOut: (value: I64, result: I64, carryValue: I32, count: I64, width: number) => I32,
  ): Semantics =>
  (site) => {
    const { body } = site;
    const destination = site.operand(0);
    const width = destination.size * 8;
    const count = maskedCount(site);
    const value = body.let64(signed ? destination.signed() : destination.unsigned());
    const result = body.let64(signExtend(operation(value, count), destination.size));
    destination.write(result);
    body.if(i64.ne(count, i64.const(0)), () => {
      const carryValue = body.let32(carryOut(value, count, width));
      const overflowValue = overflowOut(value, result, carryValue, count, width);
      setFlags(site, result, auxWith(i32.xor(overflowValue, carryValue)), carryValue);
    });
  };

/** FLAG_AUX with a bit for OF ^ CF, and AF set. */
const auxWith = (difference: I32): I64 =>
  i64.or(i64.shl(i64.extendI32U(difference), i64.const(63)), i64.const(AUX_ADJUST));
const AUX_ADJUST = 16;

const shl = shift(
  i64.shl,
  false,
  // For counts beyond the width the last bit shifted out is one of the zeros that came in.
  (value, count, width) =>
    i32.and(
      bit(value, i64.and(i64.sub(i64.const(width), count), i64.const(63))),
      i64.leU(count, i64.const(width)),
    ),
  (_value, result, carryValue) => i32.xor(signBit(result), carryValue),
);
const shr = shift(
  i64.shrU,
  false,
  (value, count) => bit(value, i64.sub(count, i64.const(1))),
  // The sign of the original operand for a count of 1; further steps shift in zeros.
  (value, _result, _carry, count, width) =>
    i32.and(bit(value, i64.const(width - 1)), i64.eq(count, i64.const(1))),
);
const sar = shift(
  i64.shrS,
  true,
  (value, count) => bit(value, i64.sub(count, i64.const(1))),
  () => i32.const(0),
);

/** ROL and ROR within `width` bits: the count is taken modulo the width, but CF and OF change whenever the masked count is not zero. */
const rotate =
  (left: boolean): Semantics =>
  (site) => {
    const { body } = site;
    const destination = site.operand(0);
    const width = destination.size * 8;
    const count = maskedCount(site);
    const value = body.let64(destination.unsigned());
    const turn = body.let64(i64.and(count, i64.const(width - 1)));
    const back = i64.and(i64.sub(i64.const(width), turn), i64.const(width - 1));
    const [up, down] = left ? [turn, back] : [back, turn];
    const rotated =
      width === 64
        ? left
          ? i64.rotl(value, turn)
          : i64.rotr(value, turn)
        : i64.or(i64.shl(value, up), i64.shrU(value, down));
    const result = body.let64(signExtend(rotated, destination.size));
    destination.write(result);
    body.if(i64.ne(count, i64.const(0)), () => {
      const top = body.let32(signBit(result));
      if (left) {
        const low = body.let32(i32.and(i32.wrap(result), i32.const(1)));
        setCarryAndOverflow(site, low, i32.xor(top, low));
      } else {
        const second = bit(result, i64.const(width - 2));
        setCarryAndOverflow(site, top, i32.xor(top, second));
      }
    });
  };

/** RCL and RCR: a rotation of width + 1 bits through CF. */
const rotateThroughCarry =
  (left: boolean): Semantics =>
  (site) => {
    const { body } = site;
    const destination = site.operand(0);
    const width = destination.size * 8;
    const masked = maskedCount(site);
    const value = body.let64(destination.unsigned());
    const carryIn = body.let64(i64.extendI32U(carry(site)));
    const count = body.let64(width < 32 ? i64.remU(masked, i64.const(width + 1)) : masked);
    const nonzero = i64.ne(count, i64.const(0));
    const overflowAfter = (result: I64, carryOut: I32): I32 =>
      i32.xor(signBit(result), left ? carryOut : bit(result, i64.const(width - 2)));
    body.if(
      nonzero,
      () => {
        const rest = body.let64(i64.sub(i64.const(width + 1), count));
        const up = left ? i64.shl(value, count) : shiftLeftWide(value, rest);
        const down = left ? shiftRightWide(value, rest) : i64.shrU(value, count);
        const carried = left
          ? i64.shl(carryIn, i64.sub(count, i64.const(1)))
          : i64.shl(carryIn, i64.sub(i64.const(width), count));
        const result = body.let64(signExtend(i64.or(i64.or(up, down), carried), destination.size));
        const carryOut = body.let32(
          left ? bit(value, i64.sub(i64.const(width), count)) : bit(value, i64.sub(count, i64.const(1))),
        );
        destination.write(result);
        setCarryAndOverflow(site, carryOut, overflowAfter(result, carryOut));
      },
      () => {
        destination.write(value);
        if (width >= 32) return;
        // Whole turns of 9 or 17 bits: CF stays, and OF follows from what is there.
        body.if(i64.ne(masked, i64.const(0)), () => {
          const kept = body.let32(i32.wrap(carryIn));
          setCarryAndOverflow(
            site,
            kept,
            overflowAfter(body.let64(signExtend(value, destination.size)), kept),
          );
        });
      },
    );
  };

/** Shifts whose amount may be 64 (giving zero). */
const shiftLeftWide = (value: I64, amount: I64): I64 =>
  select(i64.gtU(amount, i64.const(63)), i64.const(0), i64.shl(value, amount));
const shiftRightWide = (value: I64, amount: I64): I64 =>
  select(i64.gtU(amount, i64.const(63)), i64.const(0), i64.shrU(value, amount));

/**
 * SHLD and SHRD. For a 16-bit operand and a masked count above 16 all is undefined; the bits then come from the source once more, CF is
 * cleared, as on AMD's processors. OF of other counts than 1 follows the formula for 1.
 */
const doubleShift =
  (left: boolean): Semantics =>
  (site) => {
    const { body } = site;
    const destination = site.operand(0);
    const width = destination.size * 8;
    const count = body.let64(i64.and(site.operand(2).unsigned(), i64.const(width === 64 ? 63 : 31)));
    const value = body.let64(destination.unsigned());
    const source = body.let64(site.operand(1).unsigned());
    body.if(
      i64.ne(count, i64.const(0)),
      () => {
        const [result, carryOut] = (width === 16 ? double16 : doubleWide)(left, value, source, count, width);
        const kept = body.let64(signExtend(result, destination.size));
        const carryValue = body.let32(carryOut);
        destination.write(kept);
        // Of SHLD the destination's own bits alone take part in OF, and with a count of the width or more there are none left.
        const within = i64.ltU(count, i64.const(width));
        const overflowValue = left
          ? i32.xor(i32.and(signBit(kept), within), carryValue)
          : i32.xor(signBit(kept), bit(kept, i64.const(width - 2)));
        setFlags(site, kept, auxWith(i32.xor(overflowValue, carryValue)), carryValue);
      },
      () => destination.write(value),
    );
  };

function doubleWide(left: boolean, value: I64, source: I64, count: I64, width: number): [I64, I32] {
  const rest = i64.sub(i64.const(width), count);
  return left
    ? [i64.or(i64.shl(value, count), i64.shrU(source, rest)), bit(value, rest)]
    : [i64.or(i64.shrU(value, count), i64.shl(source, rest)), bit(value, i64.sub(count, i64.const(1)))];
}

function double16(left: boolean, value: I64, source: I64, count: I64): [I64, I32] {
  const third = (high: I64, middle: I64, low: I64): I64 =>
    i64.or(i64.or(i64.shl(high, i64.const(32)), i64.shl(middle, i64.const(16))), low);
  const within = i64.leU(count, i64.const(16));
  if (left) {
    const joined = third(value, source, source);
    const carryOut = bit(joined, i64.sub(i64.const(48), count));
    return [i64.shrU(i64.shl(joined, count), i64.const(32)), i32.and(carryOut, within)];
  }
  const joined = third(source, source, value);
  return [i64.shrU(joined, count), i32.and(bit(joined, i64.sub(count, i64.const(1))), within)];
}

const MODIFY = { access: 'modify' as const };
const DOUBLE_PROFILE =
  'AF is set; OF of every count is that of its last step. A word shifted by more than 16 takes the source twice; CF, and OF of SHLD, are then cleared.';
const SHIFT_PROFILE = 'AF is set; OF and CF of every count are those of its last step.';
const ROTATE_PROFILE = 'OF of every count is that of its last step.';
const SHIFT_FLAGS = {
  ...MODIFY,
  flags: { written: 'oszpc', undefined: 'oa' },
  hot: [1, 4, 8],
  profile: SHIFT_PROFILE,
};
const ROTATE_FLAGS = {
  ...MODIFY,
  flags: { written: 'oc', undefined: 'o' },
  hot: [4, 8],
  profile: ROTATE_PROFILE,
};
const CARRY_FLAGS = {
  ...MODIFY,
  flags: { read: 'c', written: 'oc', undefined: 'o' },
  profile: ROTATE_PROFILE,
};

const OPERATIONS: [string, number, Semantics, Partial<Row>][] = [
  ['ROL', 0, rotate(true), ROTATE_FLAGS],
  ['ROR', 1, rotate(false), ROTATE_FLAGS],
  ['RCL', 2, rotateThroughCarry(true), CARRY_FLAGS],
  ['RCR', 3, rotateThroughCarry(false), CARRY_FLAGS],
  ['SHL', 4, shl, SHIFT_FLAGS],
  ['SHR', 5, shr, SHIFT_FLAGS],
  ['SHL', 6, shl, SHIFT_FLAGS],
  ['SAR', 7, sar, SHIFT_FLAGS],
];

export const shiftRows: Row[] = [
  ...OPERATIONS.flatMap(([name, digit, emit, options]) => [
    row(name, `C0 /${digit}`, 'Eb,Ib', emit, options),
    row(name, `C1 /${digit}`, 'Ev,Ib', emit, options),
    row(name, `D0 /${digit}`, 'Eb,1', emit, options),
    row(name, `D1 /${digit}`, 'Ev,1', emit, options),
    row(name, `D2 /${digit}`, 'Eb,CL', emit, options),
    row(name, `D3 /${digit}`, 'Ev,CL', emit, options),
  ]),
  ...(['SHLD', 'SHRD'] as const).flatMap((name) => {
    const emit = doubleShift(name === 'SHLD');
    const options = { ...MODIFY, flags: { written: 'oszpc', undefined: 'oszapc' }, profile: DOUBLE_PROFILE };
    const first = name === 'SHLD' ? 0xa4 : 0xac;
    return [
      row(name, `0F ${first.toString(16).toUpperCase()} /r`, 'Ev,Gv,Ib', emit, options),
      row(name, `0F ${(first + 1).toString(16).toUpperCase()} /r`, 'Ev,Gv,CL', emit, options),
    ];
  }),
];
