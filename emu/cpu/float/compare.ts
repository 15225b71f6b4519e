import type { FloatFunction } from './arithmetic.ts';
import { DENORMAL, type FloatEnvironment, INVALID } from './environment.ts';
import { type FloatFormat, isNaNKind, type Unpacked, unpack } from './format.ts';

export type Relation = 'less' | 'equal' | 'greater' | 'unordered';

/** A number that orders as the value does; both zeros are 0. */
function orderOf({ kind, sign, bits }: Unpacked, of: FloatFormat): bigint {
  if (kind === 'zero') return 0n;
  const magnitude = BigInt.asUintN(Number(of.signShift), bits);
  return sign === 1 ? -magnitude : magnitude;
}

/** Compares two values. A signaling NaN is always invalid, a quiet one when `quietIsInvalid`. */
export function compare(
  aBits: bigint,
  bBits: bigint,
  of: FloatFormat,
  environment: FloatEnvironment,
  quietIsInvalid: boolean,
): Relation {
  const a = unpack(aBits, of, environment.denormalsAreZero);
  const b = unpack(bBits, of, environment.denormalsAreZero);
  if (isNaNKind(a) || isNaNKind(b)) {
    if (quietIsInvalid || a.kind === 'signaling' || b.kind === 'signaling') environment.flags |= INVALID;
    return 'unordered';
  }
  if (a.denormal || b.denormal) environment.flags |= DENORMAL;
  const [first, second] = [orderOf(a, of), orderOf(b, of)];
  if (first === second) return 'equal';
  return first < second ? 'less' : 'greater';
}

/** MIN and MAX are a comparison and a choice: the second operand when they are equal or one is a NaN (Intel SDM volume 2, MINPS). */
const choose =
  (wanted: Relation): FloatFunction =>
  (a, b, of, environment) => {
    const chosen = compare(a, b, of, environment, true) === wanted ? a : b;
    // A denormal that counts as zero comes out as one.
    const value = unpack(chosen, of, environment.denormalsAreZero);
    return value.bits;
  };

export const minimum: FloatFunction = choose('less');
export const maximum: FloatFunction = choose('greater');

/** The predicates of CMPPS: bit 2 negates; LT and LE (and their negations) find quiet NaNs invalid. */
const PREDICATE_BITS = 7;
const NEGATED = 4;
const HOLDS: readonly (readonly Relation[])[] = [['equal'], ['less'], ['less', 'equal'], ['unordered']];

/** Whether a predicate of CMPPS and its relatives (Intel SDM volume 2, table 3-1) holds. */
export function holds(
  predicate: number,
  a: bigint,
  b: bigint,
  of: FloatFormat,
  environment: FloatEnvironment,
): boolean {
  const basic = predicate & PREDICATE_BITS & ~NEGATED;
  const relation = compare(a, b, of, environment, basic === 1 || basic === 2);
  const found = (HOLDS[basic] as readonly Relation[]).includes(relation);
  return (predicate & NEGATED) === 0 ? found : !found;
}
