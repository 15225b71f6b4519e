import { layout, type MemoryInspector } from '../cpu/index.ts';
import { ALL, writeFlags } from '../cpu/system/flags.ts';
import { GENERAL_REGISTERS, type GeneralRegister, type Machine, PAGE_SIZE } from '../machine/index.ts';
import type { Course } from './time/course.ts';

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

/** Something in the guest that a debugger cannot write; nothing was written. */
export class GuestWriteError extends Error {
  override readonly name = 'GuestWriteError';
  readonly code: 'unmapped' | 'refused';

  constructor(code: GuestWriteError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface GuestWriterOptions {
  readonly machine: Machine;
  readonly inspector: MemoryInspector;
  readonly course: Course;
  /** CR3 of the address space that is written to; undefined for the processor's. */
  readonly root?: (() => bigint | undefined) | undefined;
}

/** A debugger's writes into the guest. Each goes through the input log with its position, and from there on another course is taken. */
export class GuestWriter {
  readonly #options: GuestWriterOptions;

  constructor(options: GuestWriterOptions) {
    this.#options = options;
  }

  /** Writes memory at a linear address, whatever its permissions: all of it or nothing. Throws GuestWriteError 'unmapped'. */
  memory(address: bigint, bytes: Uint8Array): void {
    const { machine, inspector, course, root } = this.#options;
    const pieces: { physical: number; bytes: Uint8Array }[] = [];
    for (let done = 0; done < bytes.length; ) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const physical = inspector.within(root?.(), () => inspector.translateAny(at));
      if (physical === undefined || physical >= machine.state.ram.length)
        throw new GuestWriteError('unmapped', `no memory at 0x${at.toString(16)}`);
      const length = Math.min(bytes.length - done, PAGE_SIZE - (physical % PAGE_SIZE));
      pieces.push({ physical, bytes: bytes.subarray(done, done + length) });
      done += length;
    }
    course.change(() => {
      for (const piece of pieces) machine.writeMemory(piece.physical, piece.bytes);
    });
  }

  /** Writes a register by its name in the debugger. Throws GuestWriteError 'refused'. */
  register(name: string, value: bigint): void {
    const general = GENERAL_REGISTERS.indexOf(name as GeneralRegister);
    const slot = general >= 0 ? layout.GPR + general * WORD : PLAIN_SLOTS[name];
    if (slot !== undefined) this.slots([[slot, WORD, value]]);
    else if (name === 'rflags') this.#writeFlags(Number(BigInt.asUintN(32, value)));
    // Selectors have hidden parts, and the mode of the processor hangs on CR0, CR4 and EFER.
    else
      throw new GuestWriteError(
        'refused',
        `${name} cannot be changed: other state of the processor hangs on it`,
      );
  }

  /** The encoding of the flags is the processor's own: it is made in place, taken, and then written through the input log. */
  #writeFlags(value: number): void {
    const { state } = this.#options.machine;
    const read = (): bigint[] =>
      FLAG_SLOTS.map(([slot, size]) => (size === WORD ? state.get64(slot) : BigInt(state.get32(slot))));
    const before = read();
    writeFlags(state, value, ALL);
    const after = read();
    FLAG_SLOTS.forEach(([slot, size], index) => {
      if (size === WORD) state.set64(slot, before[index] as bigint);
      else state.set32(slot, Number(before[index]));
    });
    this.slots(FLAG_SLOTS.map(([slot, size], index) => [slot, size, after[index] as bigint]));
  }

  /** Writes slots of the processor's state (see `cpu/layout`). */
  slots(slots: readonly (readonly [slot: number, size: 4 | 8, value: bigint])[]): void {
    const { machine, course } = this.#options;
    course.change(() => {
      for (const [slot, size, value] of slots) machine.writeRegister(slot, size, value);
    });
  }
}
