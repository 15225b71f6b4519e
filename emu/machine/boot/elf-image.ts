import { BootError } from './errors.ts';

/** ELF-64 (System V ABI, chapters 4 and 5; amd64 supplement, section 4.1). Offsets are in bytes. */
const MAGIC = 0x464c_457f;
const CLASS_OFFSET = 4;
const CLASS_64 = 2;
const ENCODING_OFFSET = 5;
const LITTLE_ENDIAN = 1;
const TYPE_OFFSET = 16;
const TYPE_EXECUTABLE = 2;
const MACHINE_OFFSET = 18;
const MACHINE_AMD64 = 62;
const PROGRAM_HEADERS_OFFSET = 32;
const PROGRAM_HEADER_SIZE_OFFSET = 54;
const PROGRAM_HEADER_COUNT_OFFSET = 56;
const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const SEGMENT_LOAD = 1;
const SEGMENT_NOTE = 4;
const NOTE_HEADER_SIZE = 12;

/** The note that names the 32-bit entry point of a PVH kernel (Xen public headers, elfnote.h). */
const XEN_OWNER = 'Xen\0';
const XEN_PHYS32_ENTRY = 18;

/** A loadable segment: `bytes` go to `physicalAddress`, and zeros follow up to `memorySize`. */
export interface LoadSegment {
  readonly physicalAddress: number;
  readonly bytes: Uint8Array;
  /** Bytes in memory. */
  readonly memorySize: number;
}

/** What a boot loader needs of a kernel file. */
export interface KernelImage {
  readonly segments: readonly LoadSegment[];
  /** Physical address of the PVH entry point. */
  readonly entry: number;
}

interface ProgramHeader {
  readonly index: number;
  readonly type: number;
  readonly offset: number;
  readonly physicalAddress: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

/**
 * Reads the program headers and the PVH note of a kernel.
 * Throws BootError naming `file` when it is not a bootable 64-bit amd64 kernel.
 */
export function readKernelImage(file: string, bytes: Uint8Array): KernelImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkHeader(file, bytes, view);
  const headers = readProgramHeaders(file, view);
  const segments = headers
    .filter((header) => header.type === SEGMENT_LOAD && header.memorySize > 0)
    .map((header) => ({
      physicalAddress: header.physicalAddress,
      bytes: bytes.subarray(header.offset, header.offset + header.fileSize),
      memorySize: header.memorySize,
    }));
  if (segments.length === 0) {
    throw new BootError('noLoadSegment', file, 'the ELF file has nothing to load (no PT_LOAD segment)');
  }
  for (const header of headers) {
    if (header.type !== SEGMENT_NOTE) continue;
    const entry = findPvhEntry(file, view, header);
    if (entry !== undefined) return { segments, entry };
  }
  throw new BootError(
    'noPvhNote',
    file,
    'no PVH entry point; link the kernel with a PT_NOTE segment that holds the Xen note of type 18',
  );
}

function checkHeader(file: string, bytes: Uint8Array, view: DataView): void {
  if (bytes.length === 0) throw new BootError('empty', file, 'the kernel file is empty');
  if (bytes.length < 4 || view.getUint32(0, true) !== MAGIC) {
    throw new BootError('notElf', file, 'not an ELF file; a kernel as linked by the guest build is expected');
  }
  if (bytes.length < HEADER_SIZE) {
    throw new BootError(
      'truncated',
      file,
      `the file ends within the ELF header (${bytes.length} of ${HEADER_SIZE} bytes)`,
    );
  }
  if (bytes[CLASS_OFFSET] !== CLASS_64) {
    throw new BootError('notElf64', file, 'a 32-bit ELF file; an ELF64 kernel for amd64 is expected');
  }
  if (bytes[ENCODING_OFFSET] !== LITTLE_ENDIAN) {
    throw new BootError('notLittleEndian', file, 'a big-endian ELF file; amd64 is little-endian');
  }
  const machine = view.getUint16(MACHINE_OFFSET, true);
  if (machine !== MACHINE_AMD64) {
    throw new BootError('notAmd64', file, `an ELF file for machine ${machine}; amd64 is ${MACHINE_AMD64}`);
  }
  const type = view.getUint16(TYPE_OFFSET, true);
  if (type !== TYPE_EXECUTABLE) {
    throw new BootError(
      'notExecutable',
      file,
      `ELF type ${type}; a kernel linked at fixed addresses (ET_EXEC, ${TYPE_EXECUTABLE}) is expected`,
    );
  }
}

function readProgramHeaders(file: string, view: DataView): ProgramHeader[] {
  const start = readOffset(view, PROGRAM_HEADERS_OFFSET);
  const size = view.getUint16(PROGRAM_HEADER_SIZE_OFFSET, true);
  const count = view.getUint16(PROGRAM_HEADER_COUNT_OFFSET, true);
  if (count > 0 && size !== PROGRAM_HEADER_SIZE) {
    throw new BootError(
      'damaged',
      file,
      `program headers of ${size} bytes; ELF64 has ${PROGRAM_HEADER_SIZE}`,
    );
  }
  if (start + count * PROGRAM_HEADER_SIZE > view.byteLength) {
    throw new BootError(
      'truncated',
      file,
      `the file ends within its ${count} program headers at offset ${start} (${view.byteLength} bytes)`,
    );
  }
  return Array.from({ length: count }, (_, index) => readProgramHeader(file, view, start, index));
}

function readProgramHeader(file: string, view: DataView, start: number, index: number): ProgramHeader {
  const at = start + index * PROGRAM_HEADER_SIZE;
  const header: ProgramHeader = {
    index,
    type: view.getUint32(at, true),
    offset: readOffset(view, at + 8),
    physicalAddress: readOffset(view, at + 24),
    fileSize: readOffset(view, at + 32),
    memorySize: readOffset(view, at + 40),
    alignment: readOffset(view, at + 48),
  };
  if (header.type !== SEGMENT_LOAD && header.type !== SEGMENT_NOTE) return header;
  if (header.offset + header.fileSize > view.byteLength) {
    throw new BootError(
      'truncated',
      file,
      `segment ${index} goes to offset ${header.offset + header.fileSize}, but the file has ${view.byteLength} bytes`,
    );
  }
  if (header.type === SEGMENT_LOAD && header.fileSize > header.memorySize) {
    throw new BootError(
      'damaged',
      file,
      `segment ${index} has ${header.fileSize} bytes in the file and only ${header.memorySize} in memory`,
    );
  }
  return header;
}

/** A 64-bit field as a number; what exceeds 2^53 is rounded, and is out of range anywhere it is used. */
function readOffset(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function findPvhEntry(file: string, view: DataView, header: ProgramHeader): number | undefined {
  // Notes are padded to 4 bytes, except in segments aligned to 8.
  const alignment = header.alignment === 8 ? 8 : 4;
  const pad = (size: number) => Math.ceil(size / alignment) * alignment;
  const end = header.offset + header.fileSize;
  let at = header.offset;
  while (at + NOTE_HEADER_SIZE <= end) {
    const nameSize = view.getUint32(at, true);
    const valueSize = view.getUint32(at + 4, true);
    const type = view.getUint32(at + 8, true);
    const nameAt = at + NOTE_HEADER_SIZE;
    const valueAt = at + pad(NOTE_HEADER_SIZE + nameSize);
    if (valueAt + valueSize > end) {
      throw new BootError('damaged', file, `a note at offset ${at} goes beyond its segment ${header.index}`);
    }
    if (type === XEN_PHYS32_ENTRY && isXen(view, nameAt, nameSize)) {
      if (valueSize === 4) return view.getUint32(valueAt, true);
      if (valueSize === 8) return readOffset(view, valueAt);
      throw new BootError(
        'damaged',
        file,
        `the PVH note holds ${valueSize} bytes; an address of 4 or 8 is expected`,
      );
    }
    at = valueAt + pad(valueSize);
  }
  return undefined;
}

function isXen(view: DataView, at: number, size: number): boolean {
  if (size !== XEN_OWNER.length) return false;
  for (let index = 0; index < size; index++) {
    if (view.getUint8(at + index) !== XEN_OWNER.charCodeAt(index)) return false;
  }
  return true;
}
