import type { FrameState } from './locals.ts';
import type { Location, Piece } from './location.ts';

/** Bytes of a general register. */
const REGISTER_BYTES = 8;
const BITS_PER_BYTE = 8n;
/** Values are assembled bit by bit; nothing in a register or a few pieces is longer. */
const SIZE_LIMIT = 1 << 16;

/**
 * The bytes at a location, `size` of them, or undefined when any of them is not known.
 * `readValue(type, bytes)` makes a value of them.
 */
export function readLocation(location: Location, size: number, frame: FrameState): Uint8Array | undefined {
  switch (location.kind) {
    case 'memory':
      return frame.readMemory(location.address, size);
    case 'register': {
      const value = frame.registers[location.register];
      return value === undefined || size > REGISTER_BYTES ? undefined : bytesOf(value, size);
    }
    case 'value':
      return size > REGISTER_BYTES ? undefined : bytesOf(location.value, size);
    case 'bytes':
      return location.bytes.length < size ? undefined : location.bytes.subarray(0, size);
    case 'pieces':
      return readPieces(location.pieces, size, frame);
    case 'optimised-out':
      return undefined;
  }
}

function readPieces(pieces: readonly Piece[], size: number, frame: FrameState): Uint8Array | undefined {
  if (size > SIZE_LIMIT) return undefined;
  let value = 0n;
  let filled = 0;
  for (const { location, bitSize, bitOffset } of pieces) {
    const byteSize = Math.ceil((bitOffset + bitSize) / Number(BITS_PER_BYTE));
    if (byteSize > SIZE_LIMIT) return undefined;
    const bytes = readLocation(location, byteSize, frame);
    if (bytes === undefined) return undefined;
    let bits = 0n;
    for (let index = bytes.length - 1; index >= 0; index--)
      bits = (bits << BITS_PER_BYTE) | BigInt(bytes[index] ?? 0);
    value |= BigInt.asUintN(bitSize, bits >> BigInt(bitOffset)) << BigInt(filled);
    filled += bitSize;
    if (filled > SIZE_LIMIT * Number(BITS_PER_BYTE)) return undefined;
  }
  return filled < size * Number(BITS_PER_BYTE) ? undefined : bytesOf(value, size);
}

function bytesOf(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = value;
  for (let index = 0; index < size; index++) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= BITS_PER_BYTE;
  }
  return bytes;
}
