import type { ByteReader } from './byte-reader.ts';
import { type Section, sectionOf } from './byte-reader.ts';
import { DWARF64_ESCAPE, RESERVED_LENGTH } from './dwarf-constants.ts';
import type { ElfFile } from './elf.ts';
import { ET } from './elf-constants.ts';
import { DwarfError } from './errors.ts';
import { cStringAt } from './text.ts';

/** The debugging sections of one file; a missing section is empty. */
export interface DwarfSections {
  readonly info: Section;
  /** Type units of DWARF 4; DWARF 5 keeps them in .debug_info. */
  readonly types: Section;
  readonly abbrev: Section;
  readonly line: Section;
  readonly str: Section;
  readonly lineStr: Section;
  readonly strOffsets: Section;
  readonly addr: Section;
  readonly ranges: Section;
  readonly rnglists: Section;
  readonly loc: Section;
  readonly loclists: Section;
  readonly frame: Section;
  readonly ehFrame: Section;
}

/**
 * Finds the debugging sections.
 * Throws ElfError "compressed" for compressed sections, DwarfError "unsupported" for unlinked object files, whose
 * debugging information still has relocations to apply.
 */
export function dwarfSections(elf: ElfFile): DwarfSections {
  if (elf.type === ET.relocatable) {
    throw new DwarfError('unsupported', 'the file is an unlinked object file; link it first');
  }
  const get = (name: string): Section =>
    sectionOf(
      name,
      elf.sectionData(name) ?? new Uint8Array(0),
      elf.section(name)?.address ?? 0n,
      Number(elf.loadBias),
    );
  return {
    info: get('.debug_info'),
    types: get('.debug_types'),
    abbrev: get('.debug_abbrev'),
    line: get('.debug_line'),
    str: get('.debug_str'),
    lineStr: get('.debug_line_str'),
    strOffsets: get('.debug_str_offsets'),
    addr: get('.debug_addr'),
    ranges: get('.debug_ranges'),
    rnglists: get('.debug_rnglists'),
    loc: get('.debug_loc'),
    loclists: get('.debug_loclists'),
    frame: get('.debug_frame'),
    ehFrame: get('.eh_frame'),
  };
}

/** The string at an offset of a string section. Throws DwarfError "bad-reference". */
export function stringAt(section: Section, offset: number): string {
  const text = cStringAt(section.bytes, offset);
  if (text === undefined) {
    throw new DwarfError('bad-reference', `no string at ${section.name}+0x${offset.toString(16)}`);
  }
  return text;
}

/** The length field that opens a unit (DWARF 5, 7.2.2). */
export interface InitialLength {
  /** Offset just past the unit. */
  readonly end: number;
  readonly offsetSize: number;
}

/** Reads the initial length; the unit must end inside the reader's range. */
export function readInitialLength(reader: ByteReader): InitialLength {
  let length = reader.u32();
  let offsetSize = 4;
  if (length === DWARF64_ESCAPE) {
    offsetSize = 8;
    length = reader.sectionOffset(offsetSize);
  } else if (length >= RESERVED_LENGTH) {
    throw reader.malformed('a reserved unit length');
  }
  if (length > reader.remaining) {
    throw new DwarfError(
      'truncated',
      `${reader.section.name}+0x${reader.offset.toString(16)}: a unit of ${length} bytes, ${reader.remaining} left`,
    );
  }
  return { end: reader.offset + length, offsetSize };
}
