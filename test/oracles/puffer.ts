import { FlatMachine } from '../../emu/cpu/flat.ts';
import * as layout from '../../emu/cpu/layout.ts';
import {
  CASE_FLAGS,
  CODE,
  changedRuns,
  endAddress,
  FIXED_FLAGS,
  FXSAVE_BYTES,
  GPRS,
  INT3,
  isEndTrap,
  type MemoryChunk,
  type Outcome,
  PAGE_BYTES,
  type Region,
  type Runner,
  regions,
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

/** Runs user cases on puffer's processor in a FlatMachine. */
export class Puffer implements Runner {
  readonly name = 'puffer';
  readonly machine = new FlatMachine();
  /** Encodings that puffer does not implement, as hexadecimal bytes: cases that met one raised #UD. */
  readonly unimplemented = new Set<string>();
  private readonly memories: PufferRegion[];

  constructor() {
    this.memories = regions.map((region) => {
      this.machine.map(region.start, region.length, {
        user: true,
        writable: region.permissions === 'rw',
        executable: region.permissions === 'rx',
      });
      const fill = region.permissions === 'rx' ? INT3 : 0;
      const pristine = new Uint8Array(region.length).fill(fill);
      this.machine.write(region.start, pristine);
      const pages: Uint8Array[] = [];
      for (let at = 0; at < region.length; at += PAGE_BYTES) {
        pages.push(this.machine.page(region.start + BigInt(at)));
      }
      return { region, fill, pristine, pages, used: new Set<number>() };
    });
    this.machine.cpu.onUnimplemented = ({ bytes }) => {
      this.unimplemented.add(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' '));
    };
  }

  async run(cases: readonly UserCase[]): Promise<Outcome[]> {
    return cases.map((test) => this.runOne(test));
  }

  close(): void {}

  runOne(test: UserCase): Outcome {
    const { machine } = this;
    this.loadMemory(test);
    machine.resetState();
    machine.registers.set(test.registers);
    machine.flags = (test.flags & CASE_FLAGS) | FIXED_FLAGS;
    machine.rip = CODE;
    machine.setSegmentBase('fs', test.fsBase ?? 0n);
    machine.setSegmentBase('gs', test.gsBase ?? 0n);
    this.loadFx(test);
    const result = machine.run({ budget: BUDGET });

    const state = {
      registers: machine.registers.slice(0, GPRS),
      flags: machine.flags,
      fsBase: machine.segmentBase('fs'),
      gsBase: machine.segmentBase('gs'),
      memory: this.changes(),
      ...(test.fx && {
        fx: machine.cpu.state.u8.slice(layout.FX, layout.FX + FXSAVE_BYTES),
      }),
    };
    const ripOffset = machine.rip - CODE;
    if (result.reason !== 'fault') return { ...state, end: 'hang', ripOffset };
    if (isEndTrap(test, result.fault.vector, machine.rip)) {
      return { ...state, end: 'end', ripOffset: endAddress(test) - CODE };
    }
    return { ...state, end: 'fault', ripOffset, fault: result.fault };
  }

  private loadMemory(test: UserCase): void {
    for (const { region, fill, pristine, pages, used } of this.memories) {
      const dirty = new Set(used);
      for (const page of used) pristine.fill(fill, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
      used.clear();
      const put = (offset: number, bytes: Uint8Array) => {
        pristine.set(bytes, offset);
        for (let page = offset >> 12; page <= (offset + bytes.length - 1) >> 12; page++) used.add(page);
      };
      if (region.start === CODE && test.code.length > 0) put(0, test.code);
      for (const chunk of test.memory) {
        const offset = Number(chunk.address - region.start);
        if (offset >= 0 && offset < region.length && chunk.bytes.length > 0) put(offset, chunk.bytes);
      }
      for (const page of used) dirty.add(page);
      for (const page of dirty) {
        const from = page * PAGE_BYTES;
        const bytes = pristine.subarray(from, from + PAGE_BYTES);
        if (region.permissions === 'rx') this.machine.write(region.start + BigInt(from), bytes);
        else (pages[page] as Uint8Array).set(bytes);
      }
    }
  }

  private loadFx(test: UserCase): void {
    const { state } = this.machine.cpu;
    state.u8.fill(0, layout.FX, layout.FX + FXSAVE_BYTES);
    if (test.fx) {
      state.u8.set(test.fx, layout.FX);
      return;
    }
    state.u16[layout.FX / 2] = X87_CONTROL;
    state.set32(layout.FX + FX_MXCSR, MXCSR);
    state.set32(layout.FX + FX_MXCSR_MASK, MXCSR_MASK);
  }

  /** Memory that the case changed; remembers the pages, so that the next case finds them clean. */
  private changes(): MemoryChunk[] {
    const runs: MemoryChunk[] = [];
    for (const { region, pristine, pages, used } of this.memories) {
      if (region.permissions !== 'rw') continue;
      const same = (page: Uint8Array, index: number) =>
        Buffer.compare(page, pristine.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES)) === 0;
      if (pages.every(same)) continue;
      for (const run of changedRuns(region, pristine, this.machine.read(region.start, region.length))) {
        runs.push(run);
        const offset = Number(run.address - region.start);
        for (let page = offset >> 12; page <= (offset + run.bytes.length - 1) >> 12; page++) used.add(page);
      }
    }
    return runs;
  }
}
