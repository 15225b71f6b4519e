import { type Cpu, layout } from '../../cpu/index.ts';

const PAGE_SIZE = 4096;
const PAGE_MASK = PAGE_SIZE - 1;
const HIGH_WORD = 2 ** 32;
/** The value of no byte. */
const NO_BYTE = -1;

/**
 * Registers and memory of the guest as pairs of signed 32-bit halves: what is read is left in `low` and `high`. Nothing is allocated, and
 * nothing is changed in the guest.
 */
export class GuestWords {
  low = 0;
  high = 0;
  readonly #cpu: Cpu;

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
  }

  /** A register by its slot in the processor's state. */
  register(slot: number): void {
    const { u32 } = this.#cpu.state;
    this.low = (u32[slot >>> 2] as number) | 0;
    this.high = (u32[(slot >>> 2) + 1] as number) | 0;
  }

  /**
   * An integer of 1, 2, 4 or 8 bytes at the linear address that `low` and `high` are, extended by its sign or by zeros. False, with
   * nothing changed, when not all of it is mapped to RAM, or the processor is not in long mode.
   */
  load(size: number, isSigned: boolean): boolean {
    const { low } = this;
    if ((low & PAGE_MASK) + size > PAGE_SIZE) return this.#loadAcross(size, isSigned);
    const physical = this.#cpu.system.inspector.longModeAddress(low, this.high);
    if (physical < 0) return false;
    const { u8 } = this.#cpu.state;
    const at = layout.RAM + physical;
    switch (size) {
      case 1:
        this.#set(u8[at] as number, isSigned, 24);
        return true;
      case 2:
        this.#set((u8[at] as number) | ((u8[at + 1] as number) << 8), isSigned, 16);
        return true;
      case 4:
        this.low = fourBytes(u8, at);
        this.high = isSigned ? this.low >> 31 : 0;
        return true;
      default:
        this.low = fourBytes(u8, at);
        this.high = fourBytes(u8, at + 4);
        return true;
    }
  }

  /** Copies bytes from the linear address that `low` and `high` are. Returns how many could be read. */
  copy(into: Uint8Array): number {
    return this.#copyUntil(into, NO_BYTE);
  }

  /** Copies bytes up to the first zero, which is one of them, as `copy` does. */
  copyText(into: Uint8Array): number {
    return this.#copyUntil(into, 0);
  }

  #copyUntil(into: Uint8Array, last: number): number {
    const { u8 } = this.#cpu.state;
    for (let done = 0; done < into.length; ) {
      const physical = this.#cpu.system.inspector.longModeAddress(this.low, this.high);
      if (physical < 0) return done;
      const length = Math.min(into.length - done, PAGE_SIZE - (physical & PAGE_MASK));
      const at = layout.RAM + physical;
      for (let index = 0; index < length; index++) {
        const byte = u8[at + index] as number;
        into[done++] = byte;
        if (byte === last) return done;
      }
      this.add(length, 0);
    }
    return into.length;
  }

  /** Adds a 64-bit number, given by its halves. */
  add(low: number, high: number): void {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum >= HIGH_WORD ? 1 : 0)) | 0;
    this.low = sum | 0;
  }

  set(low: number, high: number): void {
    this.low = low;
    this.high = high;
  }

  #set(value: number, isSigned: boolean, spare: number): void {
    this.low = isSigned ? (value << spare) >> spare : value;
    this.high = isSigned ? this.low >> 31 : 0;
  }

  /** Byte by byte, as two pages have it. */
  #loadAcross(size: number, isSigned: boolean): boolean {
    const bytes = new Uint8Array(8);
    const { low, high } = this;
    const piece = bytes.subarray(0, size);
    if (this.copy(piece) < size) {
      this.set(low, high);
      return false;
    }
    if (isSigned && ((piece[size - 1] as number) & 0x80) !== 0) bytes.fill(0xff, size);
    this.set(fourBytes(bytes, 0), fourBytes(bytes, 4));
    return true;
  }
}

function fourBytes(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** The signed halves of a number. */
export const lowHalf = (value: bigint): number => Number(BigInt.asIntN(32, value));
export const highHalf = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n));
