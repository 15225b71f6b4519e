/** Bytes of the common header. */
export const TABLE_HEADER_SIZE = 36;
const CHECKSUM_OFFSET = 9;
/** Who made the tables, for the root pointer and each of them. */
export const OEM_ID = 'PUFFER';
const OEM_TABLE_ID = 'PUFFERPC';
const OEM_REVISION = 1;
const CREATOR_ID = 'PUFF';
const CREATOR_REVISION = 1;

/** A structure that is written field by field, at the offsets of its specification. */
export class Fields {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** `size`: bytes, zero at first. */
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  byte(offset: number, value: number): this {
    this.#view.setUint8(offset, value);
    return this;
  }

  word(offset: number, value: number): this {
    this.#view.setUint16(offset, value, true);
    return this;
  }

  dword(offset: number, value: number): this {
    this.#view.setUint32(offset, value, true);
    return this;
  }

  quad(offset: number, value: number): this {
    this.#view.setBigUint64(offset, BigInt(value), true);
    return this;
  }

  text(offset: number, value: string): this {
    this.bytes.set(new TextEncoder().encode(value), offset);
    return this;
  }

  put(offset: number, bytes: ArrayLike<number>): this {
    this.bytes.set(bytes, offset);
    return this;
  }

  /** Makes the first `length` bytes sum to zero with the byte at `offset`. */
  checksum(offset: number, length = this.bytes.length): this {
    this.bytes[offset] = 0;
    let sum = 0;
    for (const byte of this.bytes.subarray(0, length)) sum += byte;
    return this.byte(offset, -sum & 0xff);
  }
}

/**
 * A system description table: the common header (ACPI specification 6.4, section 5.2.6) and what `fill` writes behind
 * it, at offsets from the table's start, with its checksum.
 */
export function systemTable(
  signature: string,
  revision: number,
  size: number,
  fill: (fields: Fields) => void,
): Uint8Array {
  const fields = new Fields(size)
    .text(0, signature)
    .dword(4, size)
    .byte(8, revision)
    .text(10, OEM_ID)
    .text(16, OEM_TABLE_ID)
    .dword(24, OEM_REVISION)
    .text(28, CREATOR_ID)
    .dword(32, CREATOR_REVISION);
  fill(fields);
  return fields.checksum(CHECKSUM_OFFSET).bytes;
}
