import { layout } from '../../cpu/index.ts';
import { ALL, writeFlags } from '../../cpu/system/flags.ts';
import { GENERAL_REGISTERS, type GeneralRegister, PAGE_SIZE } from '../../machine/index.ts';
import type { Course } from '../time/course.ts';
import type { Debuggee } from './debuggee.ts';
import { DebugError } from './errors.ts';
import type { GuestWriter } from './values.ts';

const WORD = 8;
type Slot = readonly [slot: number, size: 4 | 8];

/** Slots of 64 bits that can be set alone: nothing else is derived from them (see `cpu/layout`). */
const PLAIN_SLOTS: Readonly<Record<string, number>> = {
  rip: layout.RIP,
  cr2: layout.CR2,
  cr3: layout.CR3,
  cr8: layout.CR8,
  kernel_gs_base: layout.KERNEL_GS_BASE,
  fs_base: layout.SEGMENTS + 4 * layout.SEGMENT_SIZE + layout.SEGMENT_BASE,
  gs_base: layout.SEGMENTS + 5 * layout.SEGMENT_SIZE + layout.SEGMENT_BASE,
};
/** Where RFLAGS is kept (see `cpu/layout`): the lazy flags and the others. */
const FLAG_SLOTS: readonly Slot[] = [
  [layout.FLAG_RESULT, 8],
  [layout.FLAG_AUX, 8],
  [layout.FLAG_CARRY, 4],
  [layout.RFLAGS_SYSTEM, 4],
];

/** A debugger's writes into the guest. Each goes through the input log with its position, and from there on another course is taken. */
export class LoggedWriter implements GuestWriter {
  readonly #debuggee: Debuggee;
  readonly #course: Course;
  readonly #root: () => bigint | undefined;

  /** `root`: CR3 of the address space that is written to; undefined for the processor's. */
  constructor(debuggee: Debuggee, course: Course, root: () => bigint | undefined) {
    this.#debuggee = debuggee;
    this.#course = course;
    this.#root = root;
  }

  memory(address: bigint, bytes: Uint8Array): void {
    const { machine, cpu } = this.#debuggee;
    const { inspector } = cpu.system;
    const pieces: { physical: number; bytes: Uint8Array }[] = [];
    for (let done = 0; done < bytes.length; ) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const physical = inspector.within(this.#root(), () => inspector.translateAny(at));
      if (physical === undefined || physical >= machine.state.ram.length)
        throw new DebugError('refused', `no memory at 0x${at.toString(16)}`);
      const length = Math.min(bytes.length - done, PAGE_SIZE - (physical % PAGE_SIZE));
      pieces.push({ physical, bytes: bytes.subarray(done, done + length) });
      done += length;
    }
    this.#course.change(() => {
      for (const piece of pieces) machine.writeMemory(piece.physical, piece.bytes);
    });
  }

  register(name: string, value: bigint): void {
    const general = GENERAL_REGISTERS.indexOf(name as GeneralRegister);
    const slot = general >= 0 ? layout.GPR + general * WORD : PLAIN_SLOTS[name];
    if (slot !== undefined) this.#writeSlots([[slot, WORD, value]]);
    else if (name === 'rflags') this.#writeFlags(Number(BigInt.asUintN(32, value)));
    // Selectors have hidden parts, and the mode of the processor hangs on CR0, CR4 and EFER.
    else
      throw new DebugError('refused', `$${name} cannot be changed: other state of the processor hangs on it`);
  }

  /** The encoding of the flags is the processor's own: it is made in place, taken, and then written through the input log. */
  #writeFlags(value: number): void {
    const { state } = this.#debuggee.machine;
    const read = (): bigint[] =>
      FLAG_SLOTS.map(([slot, size]) => (size === WORD ? state.get64(slot) : BigInt(state.get32(slot))));
    const before = read();
    writeFlags(state, value, ALL);
    const after = read();
    FLAG_SLOTS.forEach(([slot, size], index) => {
      if (size === WORD) state.set64(slot, before[index] as bigint);
      else state.set32(slot, Number(before[index]));
    });
    this.#writeSlots(FLAG_SLOTS.map(([slot, size], index) => [slot, size, after[index] as bigint]));
  }

  #writeSlots(slots: readonly (readonly [slot: number, size: 4 | 8, value: bigint])[]): void {
    this.#course.change(() => {
      for (const [slot, size, value] of slots) this.#debuggee.machine.writeRegister(slot, size, value);
    });
  }
}
