import { isNaNKind, type Unpacked } from './extended.ts';
import { DENORMAL, INVALID, type Rules } from './rules.ts';

export type Relation = 'less' | 'equal' | 'greater' | 'unordered';

/** Compares two values. What is no number is unordered and invalid; a quiet NaN is invalid only when `quietIsInvalid`. */
export function compare(a: Unpacked, b: Unpacked, quietIsInvalid: boolean, rules: Rules): Relation {
  const unsupported = a.kind === 'unsupported' || b.kind === 'unsupported';
  if (unsupported || isNaNKind(a) || isNaNKind(b)) {
    if (unsupported || quietIsInvalid || a.kind === 'signaling' || b.kind === 'signaling')
      rules.flags |= INVALID;
    return 'unordered';
  }
  if (a.denormal || b.denormal) rules.flags |= DENORMAL;
  if (a.kind === 'zero' && b.kind === 'zero') return 'equal';
  if (a.kind === 'zero') return b.sign === 1 ? 'greater' : 'less';
  if (a.sign !== b.sign || b.kind === 'zero') return a.sign === 1 ? 'less' : 'greater';
  const magnitude = compareMagnitudes(a, b);
  if (magnitude === 0) return 'equal';
  return magnitude < 0 === (a.sign === 0) ? 'less' : 'greater';
}

/** Below, at or above zero as |a| is below, at or above |b|; neither is zero. */
function compareMagnitudes(a: Unpacked, b: Unpacked): number {
  if (a.kind === 'infinity' || b.kind === 'infinity') {
    return (a.kind === 'infinity' ? 1 : 0) - (b.kind === 'infinity' ? 1 : 0);
  }
  // Denormals have the smallest exponent, so that a larger exponent always means a larger value.
  if (a.exponent !== b.exponent) return a.exponent - b.exponent;
  if (a.significand === b.significand) return 0;
  return a.significand < b.significand ? -1 : 1;
}
