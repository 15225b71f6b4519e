import * as layout from '../cpu/layout.ts';
import { LDTR, type Segment, type State, TR } from '../cpu/state.ts';
import { readFlags } from '../cpu/system/flags.ts';
import type { StateHash } from './hash.ts';

/**
 * The processor's state as the manuals know it: the ranges of the state page that count, in bytes. Left out are
 * temporaries (EA, SCRATCH, FAULT_*, BUDGET, BOUNCE_SIZE), what follows from other slots (PAGE_BASE, CODE_SIZE,
 * FETCH_TAG, TLB_BASE), what belongs to the host (BREAK_PASSED), the flags in their lazy form and the segment
 * registers, whose slots have gaps; the last two are added in their visible form.
 */
const RANGES: readonly (readonly [start: number, end: number])[] = [
  [layout.GPR, layout.ZERO],
  [layout.RIP, layout.PAGE_BASE],
  [layout.CR0, layout.SEGMENTS],
  [layout.EFER, layout.CODE_SIZE],
  [layout.RANDOM, layout.RANDOM + 8],
  [layout.DEBUG_PENDING, layout.NON_MASKABLE + 4],
  [layout.FX, layout.STATE_END],
];

const SEGMENT_REGISTERS = [0, 1, 2, 3, 4, 5, LDTR, TR];

/** Adds the processor's architectural state to a hash. */
export function hashProcessorState(hash: StateHash, state: State): void {
  for (const [start, end] of RANGES) hash.words(state.u32, start >>> 2, end >>> 2);
  hash.word(readFlags(state));
  for (const index of SEGMENT_REGISTERS) hashSegment(hash, state.segment(index));
  for (const table of [layout.GDTR, layout.IDTR]) {
    hash.word(state.get32(table));
    hash.words(state.u32, (table + 8) >>> 2, (table + 16) >>> 2);
  }
}

function hashSegment(hash: StateHash, segment: Segment): void {
  hash.word(segment.selector);
  hash.word(segment.attributes);
  hash.word(segment.limit);
  hash.word(Number(segment.base & 0xffff_ffffn));
  hash.word(Number(segment.base >> 32n));
}
