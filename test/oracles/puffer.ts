import { FlatMachine } from '../../emu/cpu/flat.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { DS, ES, FS, GS, LDTR, type Segment } from '../../emu/cpu/state.ts';
import {
  ATTRIBUTE_ACCESSED,
  ATTRIBUTE_CODE,
  ATTRIBUTE_DEFAULT_BIG,
  ATTRIBUTE_DPL_SHIFT,
  ATTRIBUTE_EXPAND_DOWN,
  ATTRIBUTE_GRANULARITY,
  ATTRIBUTE_NOT_SYSTEM,
  ATTRIBUTE_PRESENT,
  ATTRIBUTE_UNUSABLE,
  ATTRIBUTE_WRITABLE,
  FLAT_DATA,
  FLAT_LIMIT,
  SystemType,
} from '../../emu/cpu/system/descriptor.ts';
import { fxImage, setFxImage } from '../../emu/cpu/vector/fx-layout.ts';
import {
  CASE_FLAGS,
  changedRuns,
  codeAddress,
  endAddress,
  FIXED_FLAGS,
  FXSAVE_BYTES,
  GPRS,
  INT3,
  isEndTrap,
  LDT_DATA,
  LDT_DATA_BASE,
  LOCAL_SEGMENTS,
  type LocalSegment,
  type MemoryChunk,
  type Outcome,
  PAGE_BYTES,
  type Region,
  type Runner,
  regions,
  startSegments,
  USER_DATA,
  type UserCase,
} from './user-case.ts';

/** More steps than any case takes that ends. */
const BUDGET = 200_000;
const X87_CONTROL = 0x37f;
const MXCSR = 0x1f80;
const FX_MXCSR = 24;
const FX_MXCSR_MASK = 28;
const MXCSR_MASK = 0x2_ffff;

interface PufferRegion {
  readonly region: Region;
  readonly fill: number;
  /** What the memory held before the case. */
  readonly pristine: Uint8Array;
  /** The machine's memory, page by page. */
  readonly pages: readonly Uint8Array[];
  /** Pages of `pristine` that are not all `fill`. */
  readonly used: Set<number>;
}

/** Where the LDT lies, which only ring 0 reaches: entry 0 is what host-cpu.c has there. Its selector is Linux's. */
const LDT_PAGE = 0xffff_fe00_0010_0000n;
const LDT_SELECTOR = 0x50;
const LDT_LIMIT = 8 * LOCAL_SEGMENTS.length - 1;
const USER = 3 << ATTRIBUTE_DPL_SHIFT;

/** A data segment register's hidden part for the selectors that a case may start with. */
function dataSegment(selector: number, base: bigint): Segment {
  const usable = selector === USER_DATA || selector === LDT_DATA;
  const attributes = usable ? FLAT_DATA | USER : FLAT_DATA | ATTRIBUTE_UNUSABLE;
  return { selector, attributes, limit: FLAT_LIMIT, base };
}

const KIND_ATTRIBUTES = {
  data: 0,
  'expand-down': ATTRIBUTE_EXPAND_DOWN,
  code: ATTRIBUTE_CODE,
} as const;

function descriptorOf({ base, limit, pages, kind, restricted, short, absent }: LocalSegment): bigint {
  let attributes = ATTRIBUTE_NOT_SYSTEM | ATTRIBUTE_ACCESSED | USER | KIND_ATTRIBUTES[kind];
  if (restricted !== true) attributes |= ATTRIBUTE_WRITABLE;
  if (short !== true) attributes |= ATTRIBUTE_DEFAULT_BIG;
  if (pages === true) attributes |= ATTRIBUTE_GRANULARITY;
  if (absent !== true) attributes |= ATTRIBUTE_PRESENT;
  const limits = BigInt(limit & 0xffff) | (BigInt(limit >>> 16) << 48n);
  return limits | (BigInt(attributes) << 40n) | ((base & 0xff_ffffn) << 16n) | ((base >> 24n) << 56n);
}

function localTable(): Uint8Array {
  return new Uint8Array(BigUint64Array.from(LOCAL_SEGMENTS, descriptorOf).buffer);
}

/** The machine that cases of one code size run in: decoded instructions stay from case to case. */
class PufferMachine {
  readonly machine = new FlatMachine();
  readonly memories: PufferRegion[];
  readonly ldt: Segment;

  constructor(bits: 32 | 64) {
    const { machine } = this;
    this.memories = regions.map((region) => {
      machine.map(region.start, region.length, {
        user: true,
        writable: region.permissions === 'rw',
        executable: region.permissions === 'rx',
      });
      const fill = region.permissions === 'rx' ? INT3 : 0;
      const pristine = new Uint8Array(region.length).fill(fill);
      machine.write(region.start, pristine);
      const pages: Uint8Array[] = [];
      for (let at = 0; at < region.length; at += PAGE_BYTES) {
        pages.push(machine.page(region.start + BigInt(at)));
      }
      return { region, fill, pristine, pages, used: new Set<number>() };
    });
    machine.map(LDT_PAGE, PAGE_BYTES, { writable: true });
    machine.write(LDT_PAGE, localTable());
    const attributes = ATTRIBUTE_PRESENT | SystemType.Ldt;
    this.ldt = { selector: LDT_SELECTOR, attributes, limit: LDT_LIMIT, base: LDT_PAGE };
    machine.setMode({ ring: 3, bits });
  }
}

/** Runs user cases on puffer's processor in a FlatMachine. */
export class Puffer implements Runner {
  readonly name = 'puffer';
  /** Encodings that puffer does not implement, as hexadecimal bytes: cases that met one raised #UD. */
  readonly unimplemented = new Set<string>();
  readonly #machines = new Map<32 | 64, PufferMachine>();

  async run(cases: readonly UserCase[]): Promise<Outcome[]> {
    return cases.map((test) => this.runOne(test));
  }

  close(): void {}

  #machineFor(bits: 32 | 64): PufferMachine {
    let found = this.#machines.get(bits);
    if (found === undefined) {
      found = new PufferMachine(bits);
      found.machine.cpu.onUnimplemented = ({ bytes }) => {
        this.unimplemented.add(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' '));
      };
      this.#machines.set(bits, found);
    }
    return found;
  }

  runOne(test: UserCase): Outcome {
    const runner = this.#machineFor(test.bits ?? 64);
    const { machine, memories } = runner;
    const { state: processor } = machine.cpu;
    loadMemory(machine, memories, test);
    machine.resetState();
    machine.registers.set(test.registers);
    machine.flags = (test.flags & CASE_FLAGS) | FIXED_FLAGS;
    machine.rip = codeAddress(test);
    const { ds, es, fs, gs } = startSegments(test);
    const baseOf = (selector: number) => (selector === LDT_DATA ? LDT_DATA_BASE : 0n);
    processor.setSegment(LDTR, runner.ldt);
    processor.setSegment(DS, dataSegment(ds, baseOf(ds)));
    processor.setSegment(ES, dataSegment(es, baseOf(es)));
    processor.setSegment(FS, dataSegment(fs, test.fsBase ?? 0n));
    processor.setSegment(GS, dataSegment(gs, test.gsBase ?? 0n));
    loadFx(machine, test);
    const result = machine.run({ budget: BUDGET });

    const fault = result.reason === 'fault' ? result.fault : undefined;
    const selector = (index: number) => processor.segment(index).selector;
    const state = {
      registers: machine.registers.slice(0, GPRS),
      flags: machine.flags,
      fsBase: machine.segmentBase('fs'),
      gsBase: machine.segmentBase('gs'),
      ...(fault && {
        segments: {
          ...{ ds: selector(DS), es: selector(ES), fs: selector(FS), gs: selector(GS) },
          ...machine.interruptedSelectors,
        },
      }),
      memory: changes(machine, memories),
      ...(test.fx && { fx: fxImage(processor, true) }),
    };
    const ripOffset = machine.rip - codeAddress(test);
    if (fault === undefined) return { ...state, end: 'hang', ripOffset };
    if (isEndTrap(test, fault.vector, machine.rip)) {
      return { ...state, end: 'end', ripOffset: endAddress(test) - codeAddress(test) };
    }
    return { ...state, end: 'fault', ripOffset, fault };
  }
}

function loadMemory(machine: FlatMachine, memories: readonly PufferRegion[], test: UserCase): void {
  for (const { region, fill, pristine, pages, used } of memories) {
    const dirty = new Set(used);
    for (const page of used) pristine.fill(fill, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    used.clear();
    const put = (offset: number, bytes: Uint8Array) => {
      pristine.set(bytes, offset);
      for (let page = offset >> 12; page <= (offset + bytes.length - 1) >> 12; page++) used.add(page);
    };
    if (region.start === codeAddress(test) && test.code.length > 0) put(0, test.code);
    for (const chunk of test.memory) {
      const offset = Number(chunk.address - region.start);
      if (offset >= 0 && offset < region.length && chunk.bytes.length > 0) put(offset, chunk.bytes);
    }
    for (const page of used) dirty.add(page);
    for (const page of dirty) {
      const from = page * PAGE_BYTES;
      const bytes = pristine.subarray(from, from + PAGE_BYTES);
      if (region.permissions === 'rx') machine.write(region.start + BigInt(from), bytes);
      else (pages[page] as Uint8Array).set(bytes);
    }
  }
}

function loadFx(machine: FlatMachine, test: UserCase): void {
  const { state } = machine.cpu;
  state.u8.fill(0, layout.FX, layout.FX + FXSAVE_BYTES);
  if (test.fx) {
    setFxImage(state, test.fx);
    return;
  }
  state.u16[layout.FX / 2] = X87_CONTROL;
  state.set32(layout.FX + FX_MXCSR, MXCSR);
  state.set32(layout.FX + FX_MXCSR_MASK, MXCSR_MASK);
}

/** Memory that the case changed; remembers the pages, so that the next case finds them clean. */
function changes(machine: FlatMachine, memories: readonly PufferRegion[]): MemoryChunk[] {
  const runs: MemoryChunk[] = [];
  for (const { region, pristine, pages, used } of memories) {
    if (region.permissions !== 'rw') continue;
    const same = (page: Uint8Array, index: number) =>
      Buffer.compare(page, pristine.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES)) === 0;
    if (pages.every(same)) continue;
    for (const run of changedRuns(region, pristine, machine.read(region.start, region.length))) {
      runs.push(run);
      const offset = Number(run.address - region.start);
      for (let page = offset >> 12; page <= (offset + run.bytes.length - 1) >> 12; page++) used.add(page);
    }
  }
  return runs;
}
