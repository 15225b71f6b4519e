import * as layout from '../layout.ts';
import { CS, DS, ES, FS, GS, SS, type State } from '../state.ts';
import {
  ATTRIBUTE_CODE,
  ATTRIBUTE_DEFAULT_BIG,
  ATTRIBUTE_EXPAND_DOWN,
  ATTRIBUTE_READABLE,
  ATTRIBUTE_UNUSABLE,
  ATTRIBUTE_WRITABLE,
  FLAT_LIMIT,
} from './descriptor.ts';
import { generalProtection, raiseWithError, Vector } from './exception.ts';

const WORD_MASK = 0xffff;

/** What an access goes through, as generated code tells the slow paths. */
export const Through = {
  /** The memory operand's segment, which the record before the instruction has left in `layout.ACCESS_SEGMENT`. */
  Operand: 0,
  /** The stack: a push, a pop; in 64-bit code a memory operand based on RSP or RBP too. */
  Stack: 1,
  /** ES, which a string instruction's destination always has. */
  Destination: 2,
} as const;

const slotOf = (segment: number): number => layout.SEGMENTS + segment * layout.SEGMENT_SIZE;
const attributesOf = (state: State, segment: number): number =>
  state.get32(slotOf(segment) + layout.SEGMENT_ATTRIBUTES);
const limitOf = (state: State, segment: number): number =>
  state.get32(slotOf(segment) + layout.SEGMENT_LIMIT);

/**
 * Whether legacy code can reach every address through its segments, so that nothing has to be checked. A null FS or GS does no harm:
 * instructions that name them look for themselves.
 */
export function hasFlatSegments(state: State): boolean {
  const code = attributesOf(state, CS);
  if ((code & ATTRIBUTE_READABLE) === 0 || limitOf(state, CS) !== FLAT_LIMIT) return false;
  for (const segment of [ES, SS, DS]) if (!isFlatData(state, segment)) return false;
  for (const segment of [FS, GS]) {
    if ((attributesOf(state, segment) & ATTRIBUTE_UNUSABLE) === 0 && !isFlatData(state, segment))
      return false;
  }
  return true;
}

function isFlatData(state: State, segment: number): boolean {
  const mask = ATTRIBUTE_UNUSABLE | ATTRIBUTE_CODE | ATTRIBUTE_EXPAND_DOWN | ATTRIBUTE_WRITABLE;
  const isPlain = (attributesOf(state, segment) & mask) === ATTRIBUTE_WRITABLE;
  return isPlain && limitOf(state, segment) === FLAT_LIMIT;
}

/** The bits of the stack pointer that legacy code's pushes and pops use: SS.B says. */
export function stackMask(state: State): number {
  return (attributesOf(state, SS) & ATTRIBUTE_DEFAULT_BIG) !== 0 ? FLAT_LIMIT : WORD_MASK;
}

/**
 * Checks an access of legacy code against its segment: type and limit (AMD APM vol. 2, sections 4.11 and 4.12). False with
 * #SS(0) recorded for the stack segment and #GP(0) for the others.
 */
export function segmentAllows(
  state: State,
  through: number,
  low: number,
  size: number,
  write: boolean,
): boolean {
  let segment: number = state.get32(layout.ACCESS_SEGMENT);
  if (through === Through.Stack) segment = SS;
  if (through === Through.Destination) segment = ES;
  const attributes = attributesOf(state, segment);
  const readOnly = (attributes & ATTRIBUTE_CODE) !== 0 || (attributes & ATTRIBUTE_WRITABLE) === 0;
  const unreadable = (attributes & ATTRIBUTE_CODE) !== 0 && (attributes & ATTRIBUTE_READABLE) === 0;
  const wrongType = (attributes & ATTRIBUTE_UNUSABLE) !== 0 || (write ? readOnly : unreadable);
  if (!wrongType && isWithinLimit(state, segment, attributes, low, size)) return true;
  if (segment === SS) raiseWithError(state, Vector.StackFault, 0);
  else generalProtection(state);
  return false;
}

function isWithinLimit(
  state: State,
  segment: number,
  attributes: number,
  low: number,
  size: number,
): boolean {
  const limit = limitOf(state, segment);
  const offset = (low - state.get32(slotOf(segment) + layout.SEGMENT_BASE)) >>> 0;
  const last = offset + size - 1;
  if ((attributes & (ATTRIBUTE_CODE | ATTRIBUTE_EXPAND_DOWN)) !== ATTRIBUTE_EXPAND_DOWN) {
    // Nothing lies beyond a limit of 4 GiB: the access goes around.
    return limit === FLAT_LIMIT || last <= limit;
  }
  const upper = (attributes & ATTRIBUTE_DEFAULT_BIG) !== 0 ? FLAT_LIMIT : WORD_MASK;
  return offset > limit && last <= upper;
}
