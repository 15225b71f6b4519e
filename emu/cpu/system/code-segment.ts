import type { State } from '../state.ts';
import { ATTRIBUTE_DEFAULT_BIG, ATTRIBUTE_LONG, type Descriptor, limitOf } from './descriptor.ts';
import { isLongMode } from './mode.ts';
import { isCanonical } from './registers.ts';

/** Code size in bytes (2, 4 or 8) that a code descriptor selects in the present mode. */
export function codeSegmentSize(state: State, attributes: number): number {
  if (isLongMode(state) && (attributes & ATTRIBUTE_LONG) !== 0) return 8;
  return (attributes & ATTRIBUTE_DEFAULT_BIG) !== 0 ? 4 : 2;
}

/** L and D must not both be set in long mode. */
export function hasValidSize(state: State, attributes: number): boolean {
  const both = ATTRIBUTE_LONG | ATTRIBUTE_DEFAULT_BIG;
  return !isLongMode(state) || (attributes & both) !== both;
}

/** True when control may go to `offset` in a segment of code: canonical, or within the limit. */
export function isValidTargetOffset(offset: bigint, descriptor: Descriptor, codeSize: number): boolean {
  if (codeSize === 8) return isCanonical(Number((offset >> 32n) & 0xffff_ffffn));
  return offset <= BigInt(limitOf(descriptor.low, descriptor.high));
}
