import { BootError } from './errors.ts';
import type { PlacementPlan } from './placement.ts';

/** ELF (System V ABI, chapters 4 and 5; amd64 supplement, section 4.1). Offsets are in bytes. */
const MAGIC = 0x464c_457f;
const CLASS_OFFSET = 4;
const CLASS_32 = 1;
const CLASS_64 = 2;
const ENCODING_OFFSET = 5;
const LITTLE_ENDIAN = 1;
const TYPE_OFFSET = 16;
const TYPE_EXECUTABLE = 2;
const MACHINE_OFFSET = 18;
const MACHINE_386 = 3;
const MACHINE_AMD64 = 62;
const ENTRY_OFFSET = 24;
const SEGMENT_LOAD = 1;
const SEGMENT_NOTE = 4;

/** Where the fields lie that differ between the two classes. */
interface ClassLayout {
  readonly bits: 32 | 64;
  readonly headerSize: number;
  readonly programHeaders: number;
  readonly programHeaderSizeField: number;
  readonly programHeaderCount: number;
  readonly programHeaderSize: number;
  /** Fields of a program header. */
  readonly offset: number;
  readonly virtualAddress: number;
  readonly physicalAddress: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

const LAYOUT_32: ClassLayout = {
  bits: 32,
  headerSize: 52,
  programHeaders: 28,
  programHeaderSizeField: 42,
  programHeaderCount: 44,
  programHeaderSize: 32,
  offset: 4,
  virtualAddress: 8,
  physicalAddress: 12,
  fileSize: 16,
  memorySize: 20,
  alignment: 28,
};
const LAYOUT_64: ClassLayout = {
  bits: 64,
  headerSize: 64,
  programHeaders: 32,
  programHeaderSizeField: 54,
  programHeaderCount: 56,
  programHeaderSize: 56,
  offset: 8,
  virtualAddress: 16,
  physicalAddress: 24,
  fileSize: 32,
  memorySize: 40,
  alignment: 48,
};

/** A loadable segment: `bytes` go to `physicalAddress`, and zeros follow up to `memorySize`. */
export interface LoadSegment {
  readonly virtualAddress: number;
  readonly physicalAddress: number;
  readonly bytes: Uint8Array;
  /** Bytes in memory. */
  readonly memorySize: number;
}

/** A segment's place in the file. */
export interface FilePart {
  /** Number of its program header. */
  readonly index: number;
  readonly offset: number;
  /** Bytes in the file. */
  readonly size: number;
  readonly alignment: number;
}

/** What a boot loader needs of a kernel in an ELF file. */
export interface ElfKernel {
  readonly segments: readonly LoadSegment[];
  /** Segments that hold notes. */
  readonly notes: readonly FilePart[];
  /** The ELF header's entry point, a virtual address. */
  readonly entry: number;
}

interface ProgramHeader extends FilePart {
  readonly type: number;
  readonly virtualAddress: number;
  readonly physicalAddress: number;
  readonly memorySize: number;
}

/** Reads the fields of one class; addresses as numbers: what exceeds 2^53 is rounded, and is out of range anywhere it is used. */
class Reader {
  readonly file: string;
  readonly view: DataView;
  readonly layout: ClassLayout;

  constructor(file: string, view: DataView, layout: ClassLayout) {
    this.file = file;
    this.view = view;
    this.layout = layout;
  }

  address(at: number): number {
    return this.layout.bits === 64 ? Number(this.view.getBigUint64(at, true)) : this.view.getUint32(at, true);
  }
}

/** Whether a file begins as an ELF file does. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === MAGIC;
}

/**
 * Reads the headers of a kernel in an ELF file for i386 or amd64.
 * Throws BootError naming `file` when it is not one that can be loaded.
 */
export function readElfKernel(file: string, bytes: Uint8Array): ElfKernel {
  const reader = openElf(file, bytes);
  const headers = readProgramHeaders(reader);
  const segments = headers
    .filter((header) => header.type === SEGMENT_LOAD && header.memorySize > 0)
    .map((header) => ({
      virtualAddress: header.virtualAddress,
      physicalAddress: header.physicalAddress,
      bytes: bytes.subarray(header.offset, header.offset + header.size),
      memorySize: header.memorySize,
    }));
  if (segments.length === 0) {
    throw new BootError('noLoadSegment', file, 'the ELF file has nothing to load (no PT_LOAD segment)');
  }
  const notes = headers.filter((header) => header.type === SEGMENT_NOTE);
  return { segments, notes, entry: reader.address(ENTRY_OFFSET) };
}

/** Gives the segments of `file` their places. Throws BootError 'outsideRam' or 'overlap'. */
export function claimSegments(plan: PlacementPlan, file: string, segments: readonly LoadSegment[]): void {
  segments.forEach((segment, index) => {
    plan.claim(file, `segment ${index}`, segment.physicalAddress, segment.memorySize);
  });
}

/** Puts segments into RAM, with the zeros that follow their bytes. */
export function loadSegments(ram: Uint8Array, segments: readonly LoadSegment[]): void {
  for (const { bytes, physicalAddress, memorySize } of segments) {
    ram.set(bytes, physicalAddress);
    ram.fill(0, physicalAddress + bytes.length, physicalAddress + memorySize);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function openElf(file: string, bytes: Uint8Array): Reader {
  const view = viewOf(bytes);
  if (bytes.length === 0) throw new BootError('empty', file, 'the kernel file is empty');
  if (!isElf(bytes)) throw new BootError('notElf', file, 'not an ELF file');
  const layout = bytes[CLASS_OFFSET] === CLASS_32 ? LAYOUT_32 : LAYOUT_64;
  if (bytes.length < layout.headerSize) {
    throw new BootError(
      'truncated',
      file,
      `the file ends within the ELF header (${bytes.length} of ${layout.headerSize} bytes)`,
    );
  }
  const elfClass = bytes[CLASS_OFFSET] as number;
  if (elfClass !== CLASS_32 && elfClass !== CLASS_64) {
    throw new BootError('damaged', file, `an ELF file of class ${elfClass}; there are 1 and 2`);
  }
  if (bytes[ENCODING_OFFSET] !== LITTLE_ENDIAN) {
    throw new BootError('notLittleEndian', file, 'a big-endian ELF file; amd64 is little-endian');
  }
  const machine = view.getUint16(MACHINE_OFFSET, true);
  if (machine !== MACHINE_AMD64 && !(machine === MACHINE_386 && layout.bits === 32)) {
    throw new BootError(
      'notAmd64',
      file,
      `an ELF file for machine ${machine}; amd64 is ${MACHINE_AMD64}, i386 is ${MACHINE_386}`,
    );
  }
  const type = view.getUint16(TYPE_OFFSET, true);
  if (type !== TYPE_EXECUTABLE) {
    throw new BootError(
      'notExecutable',
      file,
      `ELF type ${type}; a kernel linked at fixed addresses (ET_EXEC, ${TYPE_EXECUTABLE}) is expected`,
    );
  }
  return new Reader(file, view, layout);
}

function readProgramHeaders(reader: Reader): ProgramHeader[] {
  const { file, view, layout } = reader;
  const start = reader.address(layout.programHeaders);
  const size = view.getUint16(layout.programHeaderSizeField, true);
  const count = view.getUint16(layout.programHeaderCount, true);
  if (count > 0 && size !== layout.programHeaderSize) {
    throw new BootError(
      'damaged',
      file,
      `program headers of ${size} bytes; ELF${layout.bits} has ${layout.programHeaderSize}`,
    );
  }
  if (start + count * layout.programHeaderSize > view.byteLength) {
    throw new BootError(
      'truncated',
      file,
      `the file ends within its ${count} program headers at offset ${start} (${view.byteLength} bytes)`,
    );
  }
  return Array.from({ length: count }, (_, index) => readProgramHeader(reader, start, index));
}

function readProgramHeader(reader: Reader, start: number, index: number): ProgramHeader {
  const { file, view, layout } = reader;
  const at = start + index * layout.programHeaderSize;
  const header: ProgramHeader = {
    index,
    type: view.getUint32(at, true),
    offset: reader.address(at + layout.offset),
    virtualAddress: reader.address(at + layout.virtualAddress),
    physicalAddress: reader.address(at + layout.physicalAddress),
    size: reader.address(at + layout.fileSize),
    memorySize: reader.address(at + layout.memorySize),
    alignment: reader.address(at + layout.alignment),
  };
  if (header.type !== SEGMENT_LOAD && header.type !== SEGMENT_NOTE) return header;
  if (header.offset + header.size > view.byteLength) {
    throw new BootError(
      'truncated',
      file,
      `segment ${index} goes to offset ${header.offset + header.size}, but the file has ${view.byteLength} bytes`,
    );
  }
  if (header.type === SEGMENT_LOAD && header.size > header.memorySize) {
    throw new BootError(
      'damaged',
      file,
      `segment ${index} has ${header.size} bytes in the file and only ${header.memorySize} in memory`,
    );
  }
  return header;
}
