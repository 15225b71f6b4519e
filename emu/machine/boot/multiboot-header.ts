import { isElf, type LoadSegment, readElfKernel } from './elf-image.ts';
import { BootError } from './errors.ts';
import { hex } from './placement.ts';

/** The header of a kernel's file (Multiboot Specification 0.6.96, section 3.1). */
const HEADER_MAGIC = 0x1bad_b002;
/** It lies within so many bytes from the start of the file, aligned to 4. */
const SEARCHED_BYTES = 8192;
const HEADER_SIZE = 12;
const HEADER_WITH_ADDRESSES_SIZE = 32;
const FLAG_ADDRESSES = 1 << 16;
/** Requirements that a loader must know: modules on page boundaries, a memory map, a video mode. */
const KNOWN_REQUIREMENTS = 0b111;
const REQUIREMENTS = 0xffff;
/** Offsets of the address fields. */
const HEADER_ADDRESS = 12;
const LOAD_ADDRESS = 16;
const LOAD_END_ADDRESS = 20;
const BSS_END_ADDRESS = 24;
const ENTRY_ADDRESS = 28;

/** A Multiboot kernel: what goes where, and where it begins. */
export interface MultibootImage {
  readonly segments: readonly LoadSegment[];
  /** Physical address. */
  readonly entry: number;
}

/** Offset of a file's Multiboot header, undefined when it has none. */
export function findMultibootHeader(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(bytes.length, SEARCHED_BYTES);
  for (let at = 0; at + HEADER_SIZE <= end; at += 4) {
    if (view.getUint32(at, true) !== HEADER_MAGIC) continue;
    const sum = HEADER_MAGIC + view.getUint32(at + 4, true) + view.getUint32(at + 8, true);
    if (sum % 2 ** 32 === 0) return at;
  }
  return undefined;
}

/**
 * Reads a Multiboot kernel whose header lies at an offset: by the header's address fields, else as an ELF file.
 * Throws BootError.
 */
export function readMultiboot(file: string, bytes: Uint8Array, header: number): MultibootImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint32(header + 4, true);
  const unknown = flags & REQUIREMENTS & ~KNOWN_REQUIREMENTS;
  if (unknown !== 0) {
    throw new BootError(
      'unsupported',
      file,
      `the Multiboot header requires what this loader does not know (flags ${hex(unknown)})`,
    );
  }
  const image = (flags & FLAG_ADDRESSES) !== 0 ? readByAddresses(file, bytes, header) : readElf(file, bytes);
  if (!image.segments.some((segment) => holds(segment, segment.physicalAddress, image.entry))) {
    throw new BootError('outsideRam', file, `the entry point ${hex(image.entry)} lies in no segment`);
  }
  return image;
}

function readByAddresses(file: string, bytes: Uint8Array, header: number): MultibootImage {
  if (header + HEADER_WITH_ADDRESSES_SIZE > bytes.length) {
    throw new BootError('truncated', file, `the file ends within its Multiboot header at offset ${header}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const field = (offset: number) => view.getUint32(header + offset, true);
  const start = field(LOAD_ADDRESS);
  const fileStart = header - (field(HEADER_ADDRESS) - start);
  // Zero: the text and data go to the end of the file; there is no bss.
  const size = field(LOAD_END_ADDRESS) === 0 ? bytes.length - fileStart : field(LOAD_END_ADDRESS) - start;
  const memorySize = field(BSS_END_ADDRESS) === 0 ? size : field(BSS_END_ADDRESS) - start;
  if (fileStart < 0 || fileStart > header || size <= 0 || memorySize < size) {
    throw new BootError('damaged', file, 'the address fields of the Multiboot header contradict each other');
  }
  if (fileStart + size > bytes.length) {
    throw new BootError(
      'truncated',
      file,
      `the Multiboot header promises ${size} bytes at offset ${fileStart}, but the file has ${bytes.length} bytes`,
    );
  }
  const segment = {
    virtualAddress: start,
    physicalAddress: start,
    bytes: bytes.subarray(fileStart, fileStart + size),
    memorySize,
  };
  return { segments: [segment], entry: field(ENTRY_ADDRESS) };
}

function readElf(file: string, bytes: Uint8Array): MultibootImage {
  if (!isElf(bytes)) {
    throw new BootError(
      'damaged',
      file,
      'the Multiboot header has no address fields (flag 16), and the file is no ELF file',
    );
  }
  const { segments, entry } = readElfKernel(file, bytes);
  // A kernel for the high half names its entry point by its virtual address.
  const linked = segments.find((segment) => holds(segment, segment.virtualAddress, entry));
  return {
    segments,
    entry: linked === undefined ? entry : entry - linked.virtualAddress + linked.physicalAddress,
  };
}

function holds(segment: LoadSegment, start: number, address: number): boolean {
  return address >= start && address < start + segment.memorySize;
}
