import * as layout from '../layout.ts';
import { CS, DS, ES, FS, GS, LDTR, SS, type State, TR } from '../state.ts';
import { DR6_FIXED, DR7_FIXED } from './debug-registers.ts';
import {
  ATTRIBUTE_DPL_SHIFT,
  ATTRIBUTE_PRESENT,
  FLAT_CODE_32,
  FLAT_CODE_64,
  FLAT_DATA,
  FLAT_LIMIT,
  SystemType,
} from './descriptor.ts';
import { ALL, writeFlags } from './flags.ts';
import { setPrivilege } from './mode.ts';
import {
  CR0_CD,
  CR0_ET,
  CR0_NE,
  CR0_NW,
  CR0_PE,
  CR0_PG,
  CR0_WP,
  CR4_OSFXSR,
  CR4_OSXMMEXCPT,
  CR4_PAE,
  CR4_PGE,
  EFER_LMA,
  EFER_LME,
  EFER_NXE,
  EFER_SCE,
} from './registers.ts';

const REAL_LIMIT = 0xffff;
const REAL_DATA = 0x0093;
const REAL_CODE = 0x009b;
const RESET_CODE_SELECTOR = 0xf000;
const RESET_CODE_BASE = 0xffff_0000n;
const RESET_INSTRUCTION_POINTER = 0xfff0n;
const LDT_ATTRIBUTES = ATTRIBUTE_PRESENT | SystemType.Ldt;
const TSS_ATTRIBUTES = ATTRIBUTE_PRESENT | SystemType.BusyTss;
/** WB, WT, UC-, UC, twice. */
const RESET_PAT = 0x0007_0406_0007_0406n;
/** Local APIC at its usual address, enabled, on the boot processor. */
const RESET_APIC_BASE = 0xfee0_0900n;
const RESET_X87_CONTROL = 0x0040;
const RESET_MXCSR = 0x1f80;
const MXCSR_MASK = 0xffff;
const FX_MXCSR = 24;
const FX_MXCSR_MASK = 28;
const USER_PRIVILEGE = 3;
const DATA = [ES, SS, DS, FS, GS] as const;
/** A TSS without an I/O permission bitmap, at address 0 until LTR. */
const TSS_LIMIT = 0x67;

/** Selectors that `setFlat32` and `setFlat64` leave in the segment registers. They need no GDT until one is reloaded. */
export const FLAT_CODE_SELECTOR = 0x08;
export const FLAT_DATA_SELECTOR = 0x10;

/** Puts the processor into the state after RESET (AMD APM vol. 2, table 14-1), save that no code runs in its real mode. */
export function resetState(state: State): void {
  const random = state.get64(layout.RANDOM);
  state.u8.fill(0, 0, layout.STATE_END);
  state.set64(layout.RANDOM, random);
  for (const index of DATA) {
    state.setSegment(index, { selector: 0, attributes: REAL_DATA, limit: REAL_LIMIT, base: 0n });
  }
  state.setSegment(CS, {
    selector: RESET_CODE_SELECTOR,
    attributes: REAL_CODE,
    limit: REAL_LIMIT,
    base: RESET_CODE_BASE,
  });
  state.setSegment(LDTR, { selector: 0, attributes: LDT_ATTRIBUTES, limit: REAL_LIMIT, base: 0n });
  state.setSegment(TR, { selector: 0, attributes: TSS_ATTRIBUTES, limit: REAL_LIMIT, base: 0n });
  state.set32(layout.GDTR, REAL_LIMIT);
  state.set32(layout.IDTR, REAL_LIMIT);
  state.set64(layout.RIP, RESET_INSTRUCTION_POINTER);
  state.setPair(layout.CR0, CR0_CD | CR0_NW | CR0_ET, 0);
  state.setPair(layout.DR6, DR6_FIXED, 0);
  state.setPair(layout.DR7, DR7_FIXED, 0);
  state.set64(layout.XCR0, 1n);
  state.set64(layout.PAT, RESET_PAT);
  state.set64(layout.APIC_BASE, RESET_APIC_BASE);
  state.u16[layout.FX >>> 1] = RESET_X87_CONTROL;
  state.set32(layout.FX + FX_MXCSR, RESET_MXCSR);
  state.set32(layout.FX + FX_MXCSR_MASK, MXCSR_MASK);
  writeFlags(state, 0, ALL);
  setPrivilege(state, 0);
}

/**
 * The state in which PVH starts a kernel: 32-bit protected mode, flat 4 GiB segments, paging and interrupts off.
 * General registers are zero but for what the caller sets.
 */
export function setFlat32(state: State, entry: number): void {
  resetState(state);
  state.setPair(layout.CR0, CR0_PE | CR0_ET, 0);
  const data = { selector: FLAT_DATA_SELECTOR, attributes: FLAT_DATA, limit: FLAT_LIMIT, base: 0n };
  for (const index of DATA) state.setSegment(index, data);
  state.setSegment(CS, {
    selector: FLAT_CODE_SELECTOR,
    attributes: FLAT_CODE_32,
    limit: FLAT_LIMIT,
    base: 0n,
  });
  state.setSegment(TR, { selector: 0, attributes: TSS_ATTRIBUTES, limit: TSS_LIMIT, base: 0n });
  state.setPair(layout.RIP, entry >>> 0, 0);
  setPrivilege(state, 0);
}

/** Where and how 64-bit code is to run. */
export interface Flat64 {
  readonly ring: 0 | 3;
  /** Physical address of the PML4 table, which the caller has filled. */
  readonly cr3: number;
  readonly rip: bigint;
  readonly rsp: bigint;
}

/** 64-bit mode with paging (NX, global pages, WP), SYSCALL and SSE enabled, flat segments of the given ring, interrupts off. */
export function setFlat64(state: State, { ring, cr3, rip, rsp }: Flat64): void {
  resetState(state);
  state.setPair(layout.CR0, (CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG) >>> 0, 0);
  state.set64(layout.CR3, BigInt(cr3));
  state.setPair(layout.CR4, CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT, 0);
  state.setPair(layout.EFER, EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE, 0);
  const dpl = ring << ATTRIBUTE_DPL_SHIFT;
  const requested = ring === USER_PRIVILEGE ? USER_PRIVILEGE : 0;
  const data = {
    selector: FLAT_DATA_SELECTOR | requested,
    attributes: FLAT_DATA | dpl,
    limit: FLAT_LIMIT,
    base: 0n,
  };
  for (const index of DATA) state.setSegment(index, data);
  state.setSegment(CS, {
    selector: FLAT_CODE_SELECTOR | requested,
    attributes: FLAT_CODE_64 | dpl,
    limit: FLAT_LIMIT,
    base: 0n,
  });
  state.setSegment(TR, { selector: 0, attributes: TSS_ATTRIBUTES, limit: TSS_LIMIT, base: 0n });
  state.set64(layout.GPR + 4 * 8, rsp);
  state.set64(layout.RIP, rip);
  setPrivilege(state, ring);
}
