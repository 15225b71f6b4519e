import { layout } from '../../cpu/index.ts';
import { fullTagWord, REGISTER_SLOT, stackSlot, X87_REGISTERS } from '../../cpu/x87/register-file.ts';
import { type Machine, Registers } from '../../machine/index.ts';
import { integerBytes, integerFromBytes } from '../expressions/values.ts';
import { GuestWriteError, type GuestWriter } from '../guest-writer.ts';
import type { MachineRegisterRow } from './register-table.ts';

const WORD = 8;

/** The processor's registers, as a debugger has them: little-endian bytes. */
export class ProcessorRegisters {
  readonly #machine: Machine;
  readonly #registers: Registers;
  readonly #writer: GuestWriter;

  constructor(machine: Machine, writer: GuestWriter) {
    this.#machine = machine;
    this.#registers = new Registers(machine.state);
    this.#writer = writer;
  }

  read({ bits, place }: MachineRegisterRow): Uint8Array {
    const size = bits / 8;
    switch (place.kind) {
      case 'named':
        return integerBytes(this.#registers.get(place.register), size);
      case 'image': {
        const bytes = new Uint8Array(size);
        const at = this.#slotOf(place.offset);
        bytes.set(this.#machine.state.u8.subarray(at, at + place.bytes));
        return bytes;
      }
      case 'tagWord':
        return integerBytes(BigInt(fullTagWord(this.#machine.state)), size);
    }
  }

  /** Throws GuestWriteError 'refused' when it cannot be changed. */
  write(row: MachineRegisterRow, value: Uint8Array): void {
    if (row.place.kind === 'image' && row.place.writable) {
      this.#writeImage(this.#slotOf(row.place.offset), value);
    } else if (row.place.kind === 'named') {
      this.#writer.register(row.place.register, integerFromBytes(value));
    } else throw new GuestWriteError('refused', `${row.name} cannot be changed`);
  }

  /** Where the processor has what the image has at an offset: the x87 registers do not lie in the order of their stack. */
  #slotOf(offset: number): number {
    const inStack = offset - (layout.X87 - layout.FX);
    const index = inStack / REGISTER_SLOT;
    return index >= 0 && index < X87_REGISTERS ? stackSlot(this.#machine.state, index) : layout.FX + offset;
  }

  /** Whole words around the bytes. */
  #writeImage(at: number, value: Uint8Array): void {
    const { u8 } = this.#machine.state;
    const slots: [number, 4 | 8, bigint][] = [];
    for (let offset = 0; offset < value.length; offset += WORD) {
      const word = u8.slice(at + offset, at + offset + WORD);
      word.set(value.subarray(offset, offset + WORD));
      slots.push([at + offset, WORD, integerFromBytes(word)]);
    }
    this.#writer.slots(slots);
  }
}
