import { layout } from '../../../cpu/index.ts';
import { ALL, writeFlags } from '../../../cpu/system/flags.ts';
import { fullTagWord, REGISTER_SLOT, stackSlot, X87_REGISTERS } from '../../../cpu/x87/register-file.ts';
import {
  GENERAL_REGISTERS,
  type GeneralRegister,
  type Machine,
  type RegisterName,
  Registers,
} from '../../../machine/index.ts';
import { refused } from '../packet-error.ts';
import type { TargetRegisters } from '../target.ts';
import type { Course } from './course.ts';
import { TARGET_DESCRIPTION } from './description.ts';
import type { SavedRegisters } from './kernel-threads.ts';
import { type MachineRegisterRow, REGISTER_ROWS, registerNumber } from './register-table.ts';

const WORD = 8;

/** Slots of 64 bits that can be set alone: nothing else is derived from them (see `cpu/layout`). */
const PLAIN_SLOTS: Partial<Record<RegisterName, number>> = {
  rip: layout.RIP,
  cr2: layout.CR2,
  cr3: layout.CR3,
  cr8: layout.CR8,
  kernel_gs_base: layout.KERNEL_GS_BASE,
  fs_base: layout.SEGMENTS + 4 * layout.SEGMENT_SIZE + layout.SEGMENT_BASE,
  gs_base: layout.SEGMENTS + 5 * layout.SEGMENT_SIZE + layout.SEGMENT_BASE,
};
/** Where RFLAGS is kept (see `cpu/layout`): the lazy flags and the others. */
const FLAG_SLOTS: readonly (readonly [slot: number, size: 4 | 8])[] = [
  [layout.FLAG_RESULT, 8],
  [layout.FLAG_AUX, 8],
  [layout.FLAG_CARRY, 4],
  [layout.RFLAGS_SYSTEM, 4],
];

/** Whose registers a thread number means: those of the processor, or those a sleeping thread has left on its stack. */
export type SavedRegistersOf = (thread: number) => 'running' | SavedRegisters;

/** The processor's registers, and what the kernel has kept of other threads'. */
export class MachineRegisters implements TargetRegisters {
  readonly description = TARGET_DESCRIPTION;
  readonly rows = REGISTER_ROWS;
  readonly expedited = ['rbp', 'rsp', 'rip'].map(registerNumber);
  readonly #machine: Machine;
  readonly #registers: Registers;
  readonly #saved: SavedRegistersOf;
  readonly #course: Course;

  constructor(machine: Machine, saved: SavedRegistersOf, course: Course) {
    this.#machine = machine;
    this.#registers = new Registers(machine.state);
    this.#saved = saved;
    this.#course = course;
  }

  read(thread: number, register: number): Uint8Array | undefined {
    const row = REGISTER_ROWS[register];
    if (row === undefined) return undefined;
    const saved = this.#saved(thread);
    if (saved === 'running') return this.#readRunning(row);
    const value = row.place.kind === 'named' ? saved[row.place.register] : undefined;
    return value === undefined ? undefined : littleEndian(value, row.bits / 8);
  }

  #readRunning({ bits, place }: MachineRegisterRow): Uint8Array {
    const size = bits / 8;
    switch (place.kind) {
      case 'named':
        return littleEndian(this.#registers.get(place.register), size);
      case 'image': {
        const bytes = new Uint8Array(size);
        const at = this.#slotOf(place.offset);
        bytes.set(this.#machine.state.u8.subarray(at, at + place.bytes));
        return bytes;
      }
      case 'tagWord':
        return littleEndian(BigInt(fullTagWord(this.#machine.state)), size);
    }
  }

  /** Where the processor has what the image has at an offset: the x87 registers do not lie in the order of their stack. */
  #slotOf(offset: number): number {
    const inStack = offset - (layout.X87 - layout.FX);
    const index = inStack / REGISTER_SLOT;
    return index >= 0 && index < X87_REGISTERS ? stackSlot(this.#machine.state, index) : layout.FX + offset;
  }

  write(thread: number, register: number, value: Uint8Array): void {
    const row = REGISTER_ROWS[register];
    if (row === undefined) throw refused(`no register ${register}`);
    if (this.#saved(thread) !== 'running') throw refused('the thread does not run: its registers are memory');
    const number = numberOf(value);
    if (row.place.kind === 'image' && row.place.writable) {
      this.#writeImage(this.#slotOf(row.place.offset), value);
    } else if (row.place.kind === 'named') this.#writeNamed(row.place.register, number);
    else throw refused(`${row.name} cannot be changed`);
  }

  #writeNamed(register: RegisterName, value: bigint): void {
    const general = GENERAL_REGISTERS.indexOf(register as GeneralRegister);
    const slot = general >= 0 ? layout.GPR + general * WORD : PLAIN_SLOTS[register];
    if (slot !== undefined) this.#writeSlots([[slot, WORD, value]]);
    else if (register === 'rflags') this.#writeFlags(Number(value));
    // Selectors have hidden parts, and the mode of the processor hangs on CR0, CR4 and EFER.
    else throw refused(`${register} cannot be changed`);
  }

  /** The encoding of the flags is the processor's own: it is made in place, taken, and then written through the input log. */
  #writeFlags(value: number): void {
    const { state } = this.#machine;
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

  /** Whole words around the bytes. */
  #writeImage(at: number, value: Uint8Array): void {
    const { u8 } = this.#machine.state;
    const slots: [number, 4 | 8, bigint][] = [];
    for (let offset = 0; offset < value.length; offset += WORD) {
      const word = u8.slice(at + offset, at + offset + WORD);
      word.set(value.subarray(offset, offset + WORD));
      slots.push([at + offset, WORD, numberOf(word)]);
    }
    this.#writeSlots(slots);
  }

  #writeSlots(slots: readonly (readonly [slot: number, size: 4 | 8, value: bigint])[]): void {
    this.#course.change(() => {
      for (const [slot, size, value] of slots) this.#machine.writeRegister(slot, size, value);
    });
  }
}

function littleEndian(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(8 * size, value);
  for (let index = 0; index < size; index++) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function numberOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return value;
}
