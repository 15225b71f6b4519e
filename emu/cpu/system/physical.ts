import type { Bus } from '../bus.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';

/** Physical memory: RAM, and what the bus answers for the rest in naturally aligned pieces of at most 4 bytes. */
export class PhysicalMemory {
  readonly #state: State;
  readonly #bus: Bus;
  readonly #view: DataView;

  constructor(state: State, bus: Bus) {
    this.#state = state;
    this.#bus = bus;
    this.#view = new DataView(state.memory.buffer);
  }

  /** Copies `size` bytes at a physical address to an offset in the shared linear memory. */
  read(address: number, target: number, size: number): void {
    const state = this.#state;
    if (address + size <= state.ram.length) {
      const source = layout.RAM + address;
      state.u8.copyWithin(target, source, source + size);
      return;
    }
    for (let done = 0; done < size; ) {
      const piece = pieceSize(address + done, size - done);
      this.#put(target + done, piece, this.#bus.memoryRead(address + done, piece));
      done += piece;
    }
  }

  /** Copies `size` bytes at an offset in the shared linear memory to a physical address. */
  write(address: number, source: number, size: number): void {
    const state = this.#state;
    if (address + size <= state.ram.length) {
      state.u8.copyWithin(layout.RAM + address, source, source + size);
      return;
    }
    for (let done = 0; done < size; ) {
      const piece = pieceSize(address + done, size - done);
      this.#bus.memoryWrite(address + done, piece, this.#get(source + done, piece));
      done += piece;
    }
  }

  #put(offset: number, size: number, value: number): void {
    if (size === 4) this.#view.setUint32(offset, value, true);
    else if (size === 2) this.#view.setUint16(offset, value, true);
    else this.#view.setUint8(offset, value);
  }

  #get(offset: number, size: number): number {
    if (size === 4) return this.#view.getUint32(offset, true);
    return size === 2 ? this.#view.getUint16(offset, true) : this.#view.getUint8(offset);
  }
}

/** The largest naturally aligned piece of an access that starts at `address`. */
function pieceSize(address: number, remaining: number): 1 | 2 | 4 {
  if (remaining >= 4 && (address & 3) === 0) return 4;
  return remaining >= 2 && (address & 1) === 0 ? 2 : 1;
}
