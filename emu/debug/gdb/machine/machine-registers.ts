import { layout } from '../../../cpu/index.ts';
import { fullTagWord, REGISTER_SLOT, stackSlot, X87_REGISTERS } from '../../../cpu/x87/register-file.ts';
import { type Machine, type RegisterName, Registers } from '../../../machine/index.ts';
import { GuestWriteError, type GuestWriter } from '../../guest-writer.ts';
import { refused } from '../packet-error.ts';
import type { TargetRegisters } from '../target.ts';
import { TARGET_DESCRIPTION } from './description.ts';
import type { SavedRegisters } from './kernel-threads.ts';
import { type MachineRegisterRow, REGISTER_ROWS, registerNumber } from './register-table.ts';

const WORD = 8;

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
  readonly #writer: GuestWriter;

  constructor(machine: Machine, saved: SavedRegistersOf, writer: GuestWriter) {
    this.#machine = machine;
    this.#registers = new Registers(machine.state);
    this.#saved = saved;
    this.#writer = writer;
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
    try {
      this.#writer.register(register, value);
    } catch (error) {
      if (error instanceof GuestWriteError) throw refused(error.message);
      throw error;
    }
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
    this.#writer.slots(slots);
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
