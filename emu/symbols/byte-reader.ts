import { keyOfWords } from './address.ts';
import { DwarfError } from './errors.ts';
import { decodeText } from './text.ts';

/** A named piece of the ELF file. */
export interface Section {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Virtual address of the first byte; 0 for sections that are not loaded. */
  readonly address: bigint;
  /** What is to be added to the addresses of code and data that its bytes hold: 0 unless the file is seen where it was loaded. */
  readonly loadBias: number;
}

/** Makes a section of some bytes. */
export function sectionOf(name: string, bytes: Uint8Array, address = 0n, loadBias = 0): Section {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { name, bytes, view, address, loadBias };
}

const TWO_TO_32 = 0x1_0000_0000;
const LEB_MORE = 0x80;
const LEB_PAYLOAD = 0x7f;
const LEB_SIGN = 0x40;
const LEB_BITS = 7;
/** Bytes of LEB128 whose payload fits a 32-bit shift. */
const LEB_QUICK_SHIFT = 28;

/** A cursor over part of a section, little-endian. Reading past the end throws DwarfError "truncated". */
export class ByteReader {
  readonly section: Section;
  readonly end: number;
  offset: number;

  constructor(section: Section, start = 0, end = section.bytes.length) {
    this.section = section;
    this.offset = start;
    this.end = end;
    if (!(start >= 0 && start <= end && end <= section.bytes.length)) {
      throw new DwarfError(
        'bad-reference',
        `${section.name}: range ${hex(start)}..${hex(end)} is outside the section (${hex(section.bytes.length)} bytes)`,
      );
    }
  }

  get atEnd(): boolean {
    return this.offset >= this.end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  /** An error at the cursor. */
  malformed(what: string): DwarfError {
    return new DwarfError('malformed', `${this.section.name}+${hex(this.offset)}: ${what}`);
  }

  /** Moves on by `size` bytes and returns where they began. */
  advance(size: number): number {
    const start = this.offset;
    if (!(size >= 0 && size <= this.end - start)) {
      throw new DwarfError(
        'truncated',
        `${this.section.name}+${hex(start)}: ${size} bytes wanted, ${this.end - start} left`,
      );
    }
    this.offset = start + size;
    return start;
  }

  u8(): number {
    return this.section.view.getUint8(this.advance(1));
  }

  i8(): number {
    return this.section.view.getInt8(this.advance(1));
  }

  u16(): number {
    return this.section.view.getUint16(this.advance(2), true);
  }

  i16(): number {
    return this.section.view.getInt16(this.advance(2), true);
  }

  u24(): number {
    const low = this.u16();
    return low + this.u8() * 0x1_0000;
  }

  u32(): number {
    return this.section.view.getUint32(this.advance(4), true);
  }

  i32(): number {
    return this.section.view.getInt32(this.advance(4), true);
  }

  u64(): bigint {
    return this.section.view.getBigUint64(this.advance(8), true);
  }

  i64(): bigint {
    return this.section.view.getBigInt64(this.advance(8), true);
  }

  /** A 64-bit address as a key, of where the file was loaded. */
  addressKey(): number {
    return this.wordKey() + this.section.loadBias;
  }

  /** A 64-bit word as a key: a distance, or an address as the file has it. */
  wordKey(): number {
    const start = this.advance(8);
    return keyOfWords(this.section.view.getUint32(start, true), this.section.view.getUint32(start + 4, true));
  }

  /** A section offset or length of 4 or 8 bytes (32- and 64-bit DWARF). */
  sectionOffset(size: number): number {
    if (size === 4) return this.u32();
    const low = this.u32();
    const value = this.u32() * TWO_TO_32 + low;
    if (!Number.isSafeInteger(value)) throw this.malformed('an offset beyond any file');
    return value;
  }

  /** Unsigned LEB128 that must fit a safe integer. */
  uleb(): number {
    let value = 0;
    let shift = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      const payload = byte & LEB_PAYLOAD;
      if (shift < LEB_QUICK_SHIFT) value |= payload << shift;
      else if (payload !== 0) value += payload * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw this.malformed('LEB128 number too large');
      if (byte < LEB_MORE) return value;
      shift += LEB_BITS;
      scale *= 1 << LEB_BITS;
    }
  }

  /** Signed LEB128 that must fit a safe integer. */
  sleb(): number {
    const value = Number(this.slebBig());
    if (!Number.isSafeInteger(value)) throw this.malformed('LEB128 number too large');
    return value;
  }

  /** Unsigned LEB128, modulo 2^64. */
  ulebBig(): bigint {
    return BigInt.asUintN(64, this.#leb(false));
  }

  /** Signed LEB128, wrapped to 64 bits. */
  slebBig(): bigint {
    const first = this.offset < this.end ? (this.section.bytes[this.offset] ?? 0) : LEB_MORE;
    if (first < LEB_MORE) {
      this.offset++;
      return BigInt(first & LEB_SIGN ? first - LEB_MORE : first);
    }
    return BigInt.asIntN(64, this.#leb(true));
  }

  #leb(signed: boolean): bigint {
    let value = 0n;
    let shift = 0;
    for (;;) {
      const byte = this.u8();
      // Bits past 64 cannot matter; not shifting by them keeps padded numbers cheap.
      if (shift < 64) value |= BigInt(byte & LEB_PAYLOAD) << BigInt(shift);
      shift += LEB_BITS;
      if (byte < LEB_MORE) {
        return signed && byte & LEB_SIGN && shift < 64 ? value - (1n << BigInt(shift)) : value;
      }
    }
  }

  /** Moves past a LEB128 number. */
  skipLeb(): void {
    while (this.u8() >= LEB_MORE);
  }

  /** A view (not a copy) of the next `size` bytes. */
  take(size: number): Uint8Array {
    const start = this.advance(size);
    return this.section.bytes.subarray(start, start + size);
  }

  /** A NUL-terminated string. */
  cString(): string {
    const start = this.offset;
    return decodeText(this.section.bytes, start, this.skipCString());
  }

  /** Moves past a NUL-terminated string; returns the offset of the NUL. */
  skipCString(): number {
    const nul = this.section.bytes.indexOf(0, this.offset);
    if (nul < 0 || nul >= this.end) {
      throw new DwarfError('truncated', `${this.section.name}+${hex(this.offset)}: a string without its NUL`);
    }
    this.offset = nul + 1;
    return nul;
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
