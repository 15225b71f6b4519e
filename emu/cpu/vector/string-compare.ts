import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { ARITHMETIC, CF, OF, SF, writeFlags, ZF } from '../system/flags.ts';
import { Status } from '../system/status.ts';

/** What tells PCMPESTRI, PCMPESTRM, PCMPISTRI and PCMPISTRM apart. */
export const StringVariant = {
  /** Lengths come from EAX and EDX; without it a string ends at its first zero. */
  ExplicitLengths: 1,
  /** From all of RAX and RDX (REX.W). */
  WideLengths: 2,
  /** The result is a mask in XMM0; without it an index in ECX. */
  Mask: 4,
} as const;

/** The immediate's fields (Intel SDM volume 2, 4.1). */
const WORDS = 1 << 0;
const SIGNED = 1 << 1;
const AGGREGATION_SHIFT = 2;
const NEGATED = 1 << 4;
const ONLY_VALID_NEGATED = 1 << 5;
/** The last index for an index, whole elements for a mask. */
const LAST_OR_EXPANDED = 1 << 6;

const REGISTER_BYTES = 16;
const RAX = layout.GPR;
const RCX = layout.GPR + 1 * 8;
const RDX = layout.GPR + 2 * 8;

/** An operand: its elements, of which the first `length` are valid. */
interface Text {
  readonly elements: readonly number[];
  readonly length: number;
}

/** Which elements of `second` the first operand finds, a bit each: `found` of table 4-3 before it is negated. */
type Aggregation = (first: Text, second: Text) => number;

function forEachElement(second: Text, holds: (index: number) => boolean): number {
  let bits = 0;
  for (let i = 0; i < second.elements.length; i++) if (holds(i)) bits |= 1 << i;
  return bits;
}

/** The element is one of the set's. */
const equalAny: Aggregation = (first, second) =>
  forEachElement(
    second,
    (i) => i < second.length && first.elements.slice(0, first.length).includes(second.elements[i] as number),
  );

/** The element lies in one of the ranges: two elements each, of which both must be valid. */
const ranges: Aggregation = (first, second) =>
  forEachElement(second, (i) => {
    if (i >= second.length) return false;
    const element = second.elements[i] as number;
    for (let pair = 0; pair + 1 < first.length; pair += 2) {
      const [low, high] = first.elements.slice(pair, pair + 2) as [number, number];
      if (low <= element && element <= high) return true;
    }
    return false;
  });

/** Both elements are valid and equal, or neither is valid. */
const equalEach: Aggregation = (first, second) =>
  forEachElement(second, (i) =>
    i < first.length && i < second.length
      ? first.elements[i] === second.elements[i]
      : i >= first.length && i >= second.length,
  );

/** The first operand, as far as the register goes, stands at the element. */
const equalOrdered: Aggregation = (first, second) =>
  forEachElement(second, (i) => {
    for (let j = 0; j < first.length && i + j < second.elements.length; j++) {
      if (i + j >= second.length || first.elements[j] !== second.elements[i + j]) return false;
    }
    return true;
  });

const AGGREGATIONS: readonly Aggregation[] = [equalAny, ranges, equalEach, equalOrdered];

function elementsAt(view: DataView, at: number, control: number): number[] {
  const words = (control & WORDS) !== 0;
  const elements: number[] = [];
  for (let offset = 0; offset < REGISTER_BYTES; offset += words ? 2 : 1) {
    if ((control & SIGNED) === 0)
      elements.push(words ? view.getUint16(at + offset, true) : view.getUint8(at + offset));
    else elements.push(words ? view.getInt16(at + offset, true) : view.getInt8(at + offset));
  }
  return elements;
}

function explicitLength(state: State, register: number, wide: boolean, most: number): number {
  const length = BigInt.asIntN(wide ? 64 : 32, state.get64(register));
  const magnitude = length < 0n ? -length : length;
  return magnitude > BigInt(most) ? most : Number(magnitude);
}

function implicitLength(elements: readonly number[]): number {
  const end = elements.indexOf(0);
  return end < 0 ? elements.length : end;
}

/** The string comparisons of SSE4.2 (Intel SDM volume 2, 4.1). */
export function compareStrings(
  state: State,
  first: number,
  second: number,
  control: number,
  variant: number,
): number {
  const view = new DataView(state.memory.buffer);
  const explicit = (variant & StringVariant.ExplicitLengths) !== 0;
  const wide = (variant & StringVariant.WideLengths) !== 0;
  const text = (at: number, register: number): Text => {
    const elements = elementsAt(view, at, control);
    const length = explicit
      ? explicitLength(state, register, wide, elements.length)
      : implicitLength(elements);
    return { elements, length };
  };
  const [a, b] = [text(first, RAX), text(second, RDX)];
  const count = b.elements.length;
  const aggregate = AGGREGATIONS[(control >> AGGREGATION_SHIFT) & 3] as Aggregation;
  let found = aggregate(a, b);
  if ((control & NEGATED) !== 0) {
    found ^= (1 << ((control & ONLY_VALID_NEGATED) !== 0 ? b.length : count)) - 1;
  }
  if ((variant & StringVariant.Mask) !== 0) writeMask(view, found, count, control);
  else {
    const lowest = 31 - Math.clz32(found & -found);
    const index = found === 0 ? count : (control & LAST_OR_EXPANDED) !== 0 ? 31 - Math.clz32(found) : lowest;
    state.setPair(RCX, index, 0);
  }
  const flags =
    (found !== 0 ? CF : 0) |
    (b.length < count ? ZF : 0) |
    (a.length < count ? SF : 0) |
    ((found & 1) !== 0 ? OF : 0);
  writeFlags(state, flags, ARITHMETIC);
  return Status.Next;
}

/** XMM0 = the bits, or elements of ones and zeros. */
function writeMask(view: DataView, found: number, count: number, control: number): void {
  view.setBigUint64(layout.XMM, 0n, true);
  view.setBigUint64(layout.XMM + 8, 0n, true);
  if ((control & LAST_OR_EXPANDED) === 0) {
    view.setUint16(layout.XMM, found, true);
    return;
  }
  const size = REGISTER_BYTES / count;
  for (let i = 0; i < REGISTER_BYTES; i++) {
    if (((found >> Math.floor(i / size)) & 1) !== 0) view.setUint8(layout.XMM + i, 0xff);
  }
}
