import * as layout from '../../cpu/layout.ts';
import { CS, DS, ES, FS, GS, LDTR, SS, type State, TR } from '../../cpu/state.ts';
import { writeFlags } from '../../cpu/system/flags.ts';
import { updateMode } from '../../cpu/system/mode.ts';
import { CR0_ET, CR0_PE } from '../../cpu/system/registers.ts';

/** Hidden parts of the segment registers: descriptor bits 40–55 (AMD APM vol. 2, section 4.7). */
const CODE_32 = 0xc09b;
const DATA_32 = 0xc093;
const LDT = 0x0082;
const BUSY_TSS_32 = 0x008b;
const FLAT_LIMIT = 0xffff_ffff;
const TSS_LIMIT = 0x67;
/** Selectors that firmware's loader used; there is no table behind them that a kernel could rely on. */
const CODE_SELECTOR = 0x08;
const DATA_SELECTOR = 0x10;

const GPR_COUNT = 16;
const EBX = layout.GPR + 3 * 8;
const ALL_FLAGS = 0xffff_ffff;
const FIXED_FLAGS = 0x2;

/**
 * The registers with which PVH enters a kernel (Xen, docs/misc/pvh: "x86/HVM direct boot ABI"): 32-bit protected mode,
 * flat segments, paging and interrupts off, EBX = physical address of the start-of-day structure. The others are zero.
 */
export function enterPvh(state: State, entry: number, startInfo: number): void {
  for (let index = 0; index < GPR_COUNT; index++) state.set64(layout.GPR + 8 * index, 0n);
  state.setPair(EBX, startInfo, 0);
  state.setPair(layout.RIP, entry, 0);
  state.setPair(layout.PAGE_BASE, 0, 0);
  writeFlags(state, FIXED_FLAGS, ALL_FLAGS);
  state.setPair(layout.CR0, CR0_PE | CR0_ET, 0);
  for (const register of [layout.CR2, layout.CR3, layout.CR4, layout.CR8, layout.EFER])
    state.set64(register, 0n);
  const flat = { limit: FLAT_LIMIT, base: 0n };
  state.setSegment(CS, { selector: CODE_SELECTOR, attributes: CODE_32, ...flat });
  for (const segment of [DS, ES, SS, FS, GS]) {
    state.setSegment(segment, { selector: DATA_SELECTOR, attributes: DATA_32, ...flat });
  }
  state.setSegment(TR, { selector: 0, attributes: BUSY_TSS_32, limit: TSS_LIMIT, base: 0n });
  state.setSegment(LDTR, { selector: 0, attributes: LDT, limit: 0, base: 0n });
  for (const table of [layout.GDTR, layout.IDTR]) {
    state.set32(table, 0);
    state.set64(table + 8, 0n);
  }
  for (const slot of [layout.CPL, layout.INTERRUPT_SHADOW, layout.HALTED, layout.BREAK_PASSED]) {
    state.set32(slot, 0);
  }
  updateMode(state);
}
