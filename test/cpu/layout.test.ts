import { describe, expect, it } from 'vitest';
import * as layout from '../../emu/cpu/layout.ts';

const WORD = 4;
const QUAD = 8;
const TABLE = layout.TLB_ENTRIES * layout.TLB_ENTRY_SIZE;

/** Every place in the linear memory and its size in bytes. */
const PLACES: Readonly<Record<string, number>> = {
  GPR: 16 * QUAD,
  ZERO: QUAD,
  EA: QUAD,
  RIP: QUAD,
  PAGE_BASE: QUAD,
  FLAG_RESULT: QUAD,
  FLAG_AUX: QUAD,
  FLAG_CARRY: WORD,
  RFLAGS_SYSTEM: WORD,
  SCRATCH: QUAD,
  CR0: QUAD,
  CR2: QUAD,
  CR3: QUAD,
  CR4: QUAD,
  CR8: QUAD,
  XCR0: QUAD,
  DR0: 4 * QUAD,
  DR6: QUAD,
  DR7: QUAD,
  SEGMENTS: 8 * layout.SEGMENT_SIZE,
  GDTR: 2 * QUAD,
  IDTR: 2 * QUAD,
  EFER: QUAD,
  STAR: QUAD,
  LSTAR: QUAD,
  CSTAR: QUAD,
  SFMASK: QUAD,
  KERNEL_GS_BASE: QUAD,
  TSC_AUX: QUAD,
  SYSENTER_CS: QUAD,
  SYSENTER_ESP: QUAD,
  SYSENTER_EIP: QUAD,
  PAT: QUAD,
  APIC_BASE: QUAD,
  TSC_OFFSET: QUAD,
  CPL: WORD,
  INTERRUPT_SHADOW: WORD,
  HALTED: WORD,
  CODE_SIZE: WORD,
  FETCH_TAG: QUAD,
  TLB_BASE: WORD,
  BREAK_PASSED: WORD,
  FAULT_VECTOR: WORD,
  FAULT_ERROR: WORD,
  FAULT_HAS_ERROR: WORD,
  BUDGET: WORD,
  BOUNCE_SIZE: WORD,
  FETCH_GENERATION: WORD,
  RECORD: WORD,
  ONE: WORD,
  RANDOM: QUAD,
  ACCESS_SEGMENT: WORD,
  SEGMENT_CHECKS: WORD,
  STACK_MASK: QUAD,
  DEBUG_PENDING: WORD,
  REPEATING: WORD,
  X87_SELECTORS: WORD,
  NON_MASKABLE: WORD,
  FX: layout.STATE_END - layout.FX,
  BOUNCE: 64,
  CALL_LOG_NEXT: WORD,
  CALL_LOG_LIMIT: WORD,
  CALL_LOG_SLICE_END: WORD,
  ITLB: layout.ITLB_ENTRIES * layout.ITLB_ENTRY_SIZE,
  TLB_SUPERVISOR: TABLE,
  TLB_USER: TABLE,
  TLB_NONE: TABLE,
  PAGE_MAPS: layout.PAGE_MAP_SIZE * layout.PAGE_MAP_COUNT,
  RECORDS: layout.RECORDS_END - layout.RECORDS,
  CALL_LOG: layout.CALL_LOG_END - layout.CALL_LOG,
};

/** Offsets inside a place, sizes, counts and values. */
const NO_PLACES = [
  /^SEGMENT_(SIZE|SELECTOR|ATTRIBUTES|LIMIT|BASE)$/,
  /^(X87_(CONTROL|STATUS|TAGS|OPCODE|INSTRUCTION|DATA|CODE_SELECTOR|DATA_SELECTOR)|MXCSR|MXCSR_MASK|X87|XMM)$/,
  /^(I?TLB)_(ENTRIES|ENTRY_SIZE|TAG|MAP|READ_TAG|WRITE_TAG|ADDEND|INVALID_LOW)$/,
  /^PAGE_MAP_(SIZE|COUNT)$/,
  /^(STATE_END|RECORDS_END|CALL_LOG_END|RAM)$/,
];

const numbers = Object.entries(layout).filter(
  (entry): entry is [string, number] => typeof entry[1] === 'number',
);

describe('the linear memory', () => {
  it('should have every place in this list', () => {
    const missing = numbers.filter(([name]) => !(name in PLACES) && !NO_PLACES.some((one) => one.test(name)));
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  it('should hold no two things at one place', () => {
    const places = Object.entries(PLACES)
      .map(([name, size]) => ({
        name,
        start: (layout as unknown as Record<string, number>)[name] ?? Number.NaN,
        size,
      }))
      .sort((a, b) => a.start - b.start);
    places.forEach(({ name, start, size }, index) => {
      const next = places[index + 1];
      expect(start % Math.min(size, QUAD), `${name} is aligned`).toBe(0);
      if (next !== undefined)
        expect(start + size, `${name} ends before ${next.name}`).toBeLessThanOrEqual(next.start);
    });
    expect(layout.CALL_LOG_END).toBeLessThanOrEqual(layout.RAM);
  });
});
