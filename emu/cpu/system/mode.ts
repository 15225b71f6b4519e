import * as layout from '../layout.ts';
import { CS, type State } from '../state.ts';
import { ATTRIBUTE_DEFAULT_BIG, ATTRIBUTE_LONG } from './descriptor.ts';
import { AC } from './flags.ts';
import { CR0_AM, CR0_PE, EFER_LMA } from './registers.ts';
import { hasFlatSegments, stackMask } from './segment-checks.ts';

const USER_PRIVILEGE = 3;
const FETCH_TAG_VALID = 1;
const FETCH_TAG_USER = 2;
const FETCH_TAG_CODE_SIZE_SHIFT = 2;
const FETCH_TAG_CHECKED = 1 << 6;

/** True in 64-bit and compatibility mode (EFER.LMA). */
export function isLongMode(state: State): boolean {
  return (state.get32(layout.EFER) & EFER_LMA) !== 0;
}

/** True while 64-bit code runs. */
export function is64BitCode(state: State): boolean {
  return state.get32(layout.CODE_SIZE) === 8;
}

export function isProtectedMode(state: State): boolean {
  return (state.get32(layout.CR0) & CR0_PE) !== 0;
}

export function currentPrivilege(state: State): number {
  return state.get32(layout.CPL);
}

/**
 * Brings what follows from the segment registers, CPL, EFER, CR0 and RFLAGS.AC into line with them: code size, fetch tag, data TLB,
 * segment checks. Data segments count outside of 64-bit code only.
 * Every change of one of those ends with a call of this.
 */
export function updateMode(state: State): void {
  const attributes = state.get32(layout.SEGMENTS + CS * layout.SEGMENT_SIZE + layout.SEGMENT_ATTRIBUTES);
  let codeSize = (attributes & ATTRIBUTE_DEFAULT_BIG) !== 0 ? 4 : 2;
  if (isLongMode(state) && (attributes & ATTRIBUTE_LONG) !== 0) codeSize = 8;
  const user = state.get32(layout.CPL) === USER_PRIVILEGE;
  const checked = codeSize !== 8 && !hasFlatSegments(state);
  let tag = FETCH_TAG_VALID | (codeSize << FETCH_TAG_CODE_SIZE_SHIFT);
  if (user) tag |= FETCH_TAG_USER;
  if (checked) tag |= FETCH_TAG_CHECKED;
  state.set32(layout.SEGMENT_CHECKS, checked ? 1 : 0);
  state.setPair(layout.STACK_MASK, stackMask(state), 0);
  state.set32(layout.CODE_SIZE, codeSize);
  state.setPair(layout.FETCH_TAG, tag, 0);
  const tlb = user ? layout.TLB_USER : layout.TLB_SUPERVISOR;
  // The slow path looks at each access.
  state.set32(layout.TLB_BASE, checked || isAlignmentChecked(state) ? layout.TLB_NONE : tlb);
}

/** True while a user access that is not aligned is #AC (AMD APM vol. 2, section 3.1.6). */
export function isAlignmentChecked(state: State): boolean {
  if (state.get32(layout.CPL) !== USER_PRIVILEGE) return false;
  return (state.get32(layout.CR0) & CR0_AM) !== 0 && (state.get32(layout.RFLAGS_SYSTEM) & AC) !== 0;
}

/** Sets the privilege level and what depends on it. */
export function setPrivilege(state: State, privilege: number): void {
  state.set32(layout.CPL, privilege);
  updateMode(state);
}
