import {
  EHDR,
  ELF_CLASS_64,
  ELF_DATA_LSB,
  ELF_MACHINE_X86_64,
  ELF_MAGIC,
  PHDR,
  PN_XNUM,
  PT,
  SHDR,
  SHF,
  SHN,
  SHT,
} from './elf-constants.ts';
import { buildIdOf, type ElfNote, notesOf } from './elf-notes.ts';
import { ElfError } from './errors.ts';
import { cStringAt } from './text.ts';

/** A program header with the bytes it names. */
export interface ElfSegment {
  readonly type: number;
  /** p_flags: PF.execute, PF.write, PF.read. */
  readonly flags: number;
  readonly offset: number;
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  /** Bytes in the file. */
  readonly fileSize: number;
  /** Bytes in memory; what exceeds `fileSize` is zero. */
  readonly memorySize: number;
  readonly alignment: number;
  /** The `fileSize` bytes (a view of the file). */
  readonly data: Uint8Array;
}

/** A section header with the bytes it names. */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  /** Bytes; a NOBITS section has a size and no data. */
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
  /** The bytes in the file (a view of it); empty for NOBITS. */
  readonly data: Uint8Array;
}

const ADDRESS_BITS = 64;

/**
 * An ELF64 little-endian amd64 file, checked when parsed: every header, segment and section lies inside the bytes.
 * Source: System V gABI, chapter 4 and 5.
 */
export class ElfFile {
  readonly bytes: Uint8Array;
  /** e_type: one of ET. */
  readonly type: number;
  readonly entry: bigint;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  /** What was added to the addresses that the file says: 0 unless it is seen where it was loaded. */
  readonly loadBias: bigint;
  #notes: readonly ElfNote[] | undefined;

  private constructor(
    bytes: Uint8Array,
    type: number,
    entry: bigint,
    segments: readonly ElfSegment[],
    sections: readonly ElfSection[],
    loadBias = 0n,
  ) {
    this.bytes = bytes;
    this.type = type;
    this.entry = entry;
    this.segments = segments;
    this.sections = sections;
    this.loadBias = loadBias;
  }

  /** Reads the headers. Throws ElfError, and nothing else, when the bytes are no such file. */
  static parse(bytes: Uint8Array): ElfFile {
    const file = new HeaderReader(bytes);
    checkIdentification(file);
    const sections = readSections(file);
    const first = sections[0];
    return new ElfFile(
      bytes,
      file.u16(EHDR.type),
      file.u64(EHDR.entry),
      readSegments(file, first?.info ?? 0),
      sections,
    );
  }

  /** A file without anything: what stands for a kernel whose format carries no symbols. */
  static empty(): ElfFile {
    return new ElfFile(new Uint8Array(), 0, 0n, [], []);
  }

  /** The same file, seen at the addresses that it was loaded at: those it says, and `bias`. Physical addresses stay. */
  loadedAt(bias: bigint): ElfFile {
    const moved = (address: bigint): bigint => BigInt.asUintN(ADDRESS_BITS, address + bias);
    return new ElfFile(
      this.bytes,
      this.type,
      moved(this.entry),
      this.segments.map((one) => ({ ...one, virtualAddress: moved(one.virtualAddress) })),
      this.sections.map((one) =>
        (one.flags & SHF.alloc) === 0n ? one : { ...one, address: moved(one.address) },
      ),
      this.loadBias + bias,
    );
  }

  /** The first section of that name. */
  section(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  /**
   * The bytes of a section for reading, or undefined when there is none.
   * Throws ElfError "compressed" when the section was compressed (`objcopy --decompress-debug-sections` undoes it).
   */
  sectionData(name: string): Uint8Array | undefined {
    const section = this.section(name);
    if (section === undefined || section.type === SHT.noBits) return undefined;
    if (section.flags & SHF.compressed) {
      throw new ElfError(
        'compressed',
        `section ${name} is compressed; link with --compress-debug-sections=none or use objcopy --decompress-debug-sections`,
      );
    }
    return section.data;
  }

  /** The allocated section that holds a virtual address. */
  sectionAt(address: bigint): ElfSection | undefined {
    return this.sections.find(
      (section) =>
        (section.flags & SHF.alloc) !== 0n &&
        (section.flags & SHF.tls) === 0n &&
        address >= section.address &&
        address < section.address + BigInt(section.size),
    );
  }

  /** A copy of `size` bytes as loaded at a virtual address (zero-filled past the file), or undefined when unmapped. */
  bytesAt(address: bigint, size: number): Uint8Array | undefined {
    for (const segment of this.segments) {
      if (segment.type !== PT.load || address < segment.virtualAddress) continue;
      const start = Number(address - segment.virtualAddress);
      if (start + size > segment.memorySize) continue;
      const copy = new Uint8Array(size);
      copy.set(segment.data.subarray(start, start + size));
      return copy;
    }
    return undefined;
  }

  /** Every note, of the note segments and of note sections outside them. Throws ElfError on a damaged one. */
  get notes(): readonly ElfNote[] {
    this.#notes ??= notesOf(this.segments, this.sections);
    return this.#notes;
  }

  /** The first note with that owner and type, e.g. `note("Xen", XEN_ELFNOTE_PHYS32_ENTRY)`. */
  note(owner: string, type: number): ElfNote | undefined {
    return this.notes.find((note) => note.owner === owner && note.type === type);
  }

  /** The GNU build-id in hexadecimal, or undefined. */
  get buildId(): string | undefined {
    return buildIdOf(this.notes);
  }
}

/** Bounds-checked reads of header fields. */
class HeaderReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.need(0, EHDR.size, 'the ELF header');
  }

  /** Checks that `size` bytes at `offset` are in the file. */
  need(offset: number, size: number, what: string): void {
    if (offset + size > this.bytes.length) {
      throw new ElfError(
        offset > this.bytes.length ? 'bad-offset' : 'truncated',
        `${what} at file offset ${offset} (${size} bytes) ends outside the file of ${this.bytes.length} bytes`,
      );
    }
  }

  u8(offset: number): number {
    return this.#view.getUint8(offset);
  }

  u16(offset: number): number {
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  /** A 64-bit size or offset as a number. */
  size(offset: number, what: string): number {
    const value = Number(this.u64(offset));
    if (!Number.isSafeInteger(value))
      throw new ElfError('bad-offset', `${what} is ${value}, beyond any file`);
    return value;
  }

  magic(): number {
    return this.#view.getUint32(0, false);
  }
}

function checkIdentification(file: HeaderReader): void {
  if (file.magic() !== ELF_MAGIC) throw new ElfError('not-elf', "the file does not begin with 0x7f 'ELF'");
  if (file.u8(EHDR.class) !== ELF_CLASS_64) {
    throw new ElfError(
      'wrong-class',
      'the file is not 64-bit ELF; puffer is an amd64 machine (build with -m64)',
    );
  }
  if (file.u8(EHDR.data) !== ELF_DATA_LSB)
    throw new ElfError('wrong-byte-order', 'the file is not little-endian');
  const machine = file.u16(EHDR.machine);
  if (machine !== ELF_MACHINE_X86_64) {
    throw new ElfError(
      'wrong-machine',
      `the file is for ELF machine ${machine}, not for amd64 (${ELF_MACHINE_X86_64})`,
    );
  }
}

function readSegments(file: HeaderReader, extendedCount: number): ElfSegment[] {
  const table = file.size(EHDR.programHeaderOffset, 'e_phoff');
  let count = file.u16(EHDR.programHeaderCount);
  if (table === 0 || count === 0) return [];
  // More than 65534 program headers (core files): the number is sh_info of section header 0.
  if (count === PN_XNUM) count = extendedCount;
  const entrySize = file.u16(EHDR.programHeaderEntrySize);
  if (entrySize < PHDR.size)
    throw new ElfError('bad-header', `e_phentsize is ${entrySize}, must be ${PHDR.size}`);
  file.need(table, count * entrySize, 'the program header table');
  const segments: ElfSegment[] = [];
  for (let index = 0; index < count; index++)
    segments.push(readSegment(file, index, table + index * entrySize));
  return segments;
}

function readSegment(file: HeaderReader, index: number, at: number): ElfSegment {
  const name = `program header ${index}`;
  const type = file.u32(at + PHDR.type);
  const offset = file.size(at + PHDR.offset, `p_offset of ${name}`);
  const fileSize = file.size(at + PHDR.fileSize, `p_filesz of ${name}`);
  const memorySize = file.size(at + PHDR.memorySize, `p_memsz of ${name}`);
  file.need(offset, fileSize, `the segment of ${name}`);
  if (type === PT.load && fileSize > memorySize) {
    throw new ElfError(
      'bad-header',
      `${name} has more bytes in the file (${fileSize}) than in memory (${memorySize})`,
    );
  }
  return {
    type,
    flags: file.u32(at + PHDR.flags),
    offset,
    virtualAddress: file.u64(at + PHDR.virtualAddress),
    physicalAddress: file.u64(at + PHDR.physicalAddress),
    fileSize,
    memorySize,
    alignment: Number(file.u64(at + PHDR.alignment)),
    data: file.bytes.subarray(offset, offset + fileSize),
  };
}

function readSections(file: HeaderReader): ElfSection[] {
  const table = file.size(EHDR.sectionHeaderOffset, 'e_shoff');
  if (table === 0) return [];
  const entrySize = file.u16(EHDR.sectionHeaderEntrySize);
  if (entrySize < SHDR.size)
    throw new ElfError('bad-header', `e_shentsize is ${entrySize}, must be ${SHDR.size}`);
  let count = file.u16(EHDR.sectionHeaderCount);
  if (count === 0) {
    // More than 65279 sections: the number is sh_size of section header 0.
    file.need(table, SHDR.size, 'section header 0');
    count = file.size(table + SHDR.sectionSize, 'the extended section count');
  }
  file.need(table, count * entrySize, 'the section header table');
  const raw: { section: Omit<ElfSection, 'name'>; nameOffset: number }[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * entrySize;
    raw.push({ section: readSection(file, index, at), nameOffset: file.u32(at + SHDR.name) });
  }
  let namesIndex = file.u16(EHDR.sectionNameIndex);
  if (namesIndex === SHN.extended) namesIndex = raw[0]?.section.link ?? SHN.undefined;
  if (namesIndex === SHN.undefined) return raw.map(({ section }) => ({ ...section, name: '' }));
  const names = raw[namesIndex]?.section.data;
  if (names === undefined) throw new ElfError('bad-offset', `e_shstrndx ${namesIndex} is no section`);
  return raw.map(({ section, nameOffset }) => {
    const name = cStringAt(names, nameOffset);
    if (name === undefined && section.type !== SHT.null) {
      throw new ElfError(
        'bad-offset',
        `the name of section ${section.index} is outside the section-name table`,
      );
    }
    return { ...section, name: name ?? '' };
  });
}

function readSection(file: HeaderReader, index: number, at: number): Omit<ElfSection, 'name'> {
  const name = `section header ${index}`;
  const type = file.u32(at + SHDR.type);
  const inFile = type !== SHT.noBits && type !== SHT.null;
  const offset = file.size(at + SHDR.offset, `sh_offset of ${name}`);
  const size = file.size(at + SHDR.sectionSize, `sh_size of ${name}`);
  if (inFile) file.need(offset, size, `the section of ${name}`);
  return {
    index,
    type,
    flags: file.u64(at + SHDR.flags),
    address: file.u64(at + SHDR.address),
    offset,
    size,
    link: file.u32(at + SHDR.link),
    info: file.u32(at + SHDR.info),
    alignment: Number(file.u64(at + SHDR.alignment)),
    entrySize: Number(file.u64(at + SHDR.entrySize)),
    data: inFile ? file.bytes.subarray(offset, offset + size) : new Uint8Array(0),
  };
}
