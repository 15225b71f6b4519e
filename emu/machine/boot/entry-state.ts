import * as layout from '../../cpu/layout.ts';
import { CS, DS, ES, FS, GS, LDTR, SS, type State, TR } from '../../cpu/state.ts';
import { writeFlags } from '../../cpu/system/flags.ts';
import { updateMode } from '../../cpu/system/mode.ts';
import { CR0_ET, CR0_PE, CR0_PG, CR4_PAE, EFER_LMA, EFER_LME } from '../../cpu/system/registers.ts';
import { TABLES_ADDRESS } from './linux.ts';
import { LINUX_CODE_SELECTOR, LINUX_DATA_SELECTOR, linuxTables } from './linux-tables.ts';
import type { KernelPlacement } from './placement.ts';

/** Hidden parts of the segment registers: descriptor bits 40–55 (AMD APM vol. 2, section 4.7). */
const CODE_32 = 0xc09b;
const CODE_64 = 0xa09b;
const DATA_32 = 0xc093;
const LDT = 0x0082;
const BUSY_TSS_32 = 0x008b;
const FLAT_LIMIT = 0xffff_ffff;
const TSS_LIMIT = 0x67;
/** Selectors that firmware's loader used; there is no table behind them that a kernel could rely on. */
const CODE_SELECTOR = 0x08;
const DATA_SELECTOR = 0x10;

const GPR_COUNT = 16;
const EAX = layout.GPR;
const EBX = layout.GPR + 3 * 8;
const ESI = layout.GPR + 6 * 8;
/** What EAX tells a Multiboot kernel. */
const MULTIBOOT_MAGIC = 0x2bad_b002;
const ALL_FLAGS = 0xffff_ffff;
const FIXED_FLAGS = 0x2;

/** What a protocol sets in general registers: offsets of their slots and values; the others are zero. */
type EntryRegisters = readonly (readonly [slot: number, value: number])[];

/** Puts the processor where a kernel begins. */
export function enterKernel(state: State, placement: KernelPlacement): void {
  const { protocol, entry, startInfo } = placement;
  switch (protocol) {
    case 'pvh':
      // Xen, docs/misc/pvh: "x86/HVM direct boot ABI".
      enterProtectedMode(state, entry, [[EBX, startInfo]]);
      break;
    case 'multiboot':
      // Multiboot Specification 0.6.96, section 3.2.
      enterProtectedMode(state, entry, [
        [EAX, MULTIBOOT_MAGIC],
        [EBX, startInfo],
      ]);
      break;
    case 'linux32':
    case 'linux64':
      enterLinux(state, placement);
      break;
  }
}

/** 32-bit protected mode, flat segments, paging and interrupts off. */
function enterProtectedMode(state: State, entry: number, registers: EntryRegisters): void {
  for (let index = 0; index < GPR_COUNT; index++) state.set64(layout.GPR + 8 * index, 0n);
  for (const [slot, value] of registers) state.setPair(slot, value, 0);
  state.setPair(layout.RIP, entry, 0);
  state.setPair(layout.PAGE_BASE, 0, 0);
  writeFlags(state, FIXED_FLAGS, ALL_FLAGS);
  state.setPair(layout.CR0, CR0_PE | CR0_ET, 0);
  for (const register of [layout.CR2, layout.CR3, layout.CR4, layout.CR8, layout.EFER])
    state.set64(register, 0n);
  setFlatSegments(state, CODE_SELECTOR, CODE_32, DATA_SELECTOR);
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

/**
 * Linux (Documentation/x86/boot.rst, "32-bit" and "64-bit Boot Protocol"): ESI or RSI = boot_params, the loader's own flat
 * descriptors, and for the 64-bit entry the loader's identity map.
 */
function enterLinux(state: State, { protocol, entry, startInfo }: KernelPlacement): void {
  enterProtectedMode(state, entry, [[ESI, startInfo]]);
  const tables = linuxTables(TABLES_ADDRESS);
  state.set32(layout.GDTR, tables.gdtLimit);
  state.setPair(layout.GDTR + 8, tables.gdt, 0);
  const long = protocol === 'linux64';
  setFlatSegments(state, LINUX_CODE_SELECTOR, long ? CODE_64 : CODE_32, LINUX_DATA_SELECTOR);
  if (long) {
    state.setPair(layout.CR3, tables.pageMap, 0);
    state.setPair(layout.CR4, CR4_PAE, 0);
    state.setPair(layout.EFER, EFER_LME | EFER_LMA, 0);
    state.setPair(layout.CR0, (CR0_PG | CR0_PE | CR0_ET) >>> 0, 0);
  }
  updateMode(state);
}

function setFlatSegments(state: State, code: number, codeAttributes: number, data: number): void {
  const flat = { limit: FLAT_LIMIT, base: 0n };
  state.setSegment(CS, { selector: code, attributes: codeAttributes, ...flat });
  for (const segment of [DS, ES, SS, FS, GS]) {
    state.setSegment(segment, { selector: data, attributes: DATA_32, ...flat });
  }
}
