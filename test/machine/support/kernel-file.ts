/** A segment or note of a kernel file that a test makes. */
export interface FileSegment {
  readonly type: number;
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Bytes in memory; those in the file if not given. */
  readonly memorySize?: number;
}

export const PT_LOAD = 1;
export const PT_NOTE = 4;
const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;

/** An ELF note: owner, type, value. */
export function makeNote(owner: string, type: number, value: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode(`${owner}\0`);
  const pad = (size: number) => Math.ceil(size / 4) * 4;
  const bytes = new Uint8Array(12 + pad(name.length) + pad(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, name.length, true);
  view.setUint32(4, value.length, true);
  view.setUint32(8, type, true);
  bytes.set(name, 12);
  bytes.set(value, 12 + pad(name.length));
  return bytes;
}

/** The note that names the PVH entry point, as a 32-bit or 64-bit address. */
export function pvhNote(entry: number, size: 4 | 8 = 4): Uint8Array {
  const value = new Uint8Array(size);
  new DataView(value.buffer).setUint32(0, entry, true);
  return makeNote('Xen', 18, value);
}

/** An ELF64 executable for amd64 with the given segments. */
export function makeElf(segments: readonly FileSegment[]): Uint8Array {
  let at = HEADER_SIZE + segments.length * PROGRAM_HEADER_SIZE;
  const bytes = new Uint8Array(segments.reduce((size, segment) => size + segment.bytes.length, at));
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setUint32(32, HEADER_SIZE, true);
  view.setUint16(52, HEADER_SIZE, true);
  view.setUint16(54, PROGRAM_HEADER_SIZE, true);
  view.setUint16(56, segments.length, true);
  segments.forEach((segment, index) => {
    const header = HEADER_SIZE + index * PROGRAM_HEADER_SIZE;
    view.setUint32(header, segment.type, true);
    view.setBigUint64(header + 8, BigInt(at), true);
    view.setBigUint64(header + 16, BigInt(segment.address), true);
    view.setBigUint64(header + 24, BigInt(segment.address), true);
    view.setBigUint64(header + 32, BigInt(segment.bytes.length), true);
    view.setBigUint64(header + 40, BigInt(segment.memorySize ?? segment.bytes.length), true);
    view.setBigUint64(header + 48, 4n, true);
    bytes.set(segment.bytes, at);
    at += segment.bytes.length;
  });
  return bytes;
}

/** A small PVH kernel: one segment at its entry point. */
export function makeKernel(options: { entry: number; code?: Uint8Array; memorySize?: number }): Uint8Array {
  const code = options.code ?? Uint8Array.of(0xf4);
  return makeElf([
    { type: PT_LOAD, address: options.entry, bytes: code, memorySize: options.memorySize ?? code.length },
    { type: PT_NOTE, address: 0, bytes: pvhNote(options.entry) },
  ]);
}
