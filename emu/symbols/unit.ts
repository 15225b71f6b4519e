import { type Abbreviation, type AbbreviationTable, readAbbreviations } from './abbreviations.ts';
import type { KeyRange } from './address.ts';
import { ByteReader, type Section } from './byte-reader.ts';
import { Die } from './die.ts';
import { ADDRESS_SIZE, DW_AT, DW_UT, NEWEST_VERSION, OLDEST_VERSION } from './dwarf-constants.ts';
import { type DwarfSections, readInitialLength, stringAt } from './dwarf-sections.ts';
import { DwarfError } from './errors.ts';
import { skipForm, type UnitFormat } from './forms.ts';
import { rangesOf } from './ranges.ts';

/** What a unit needs from the collection it is part of. */
export interface UnitOwner {
  /** The entry at an offset of .debug_info, whichever unit holds it. */
  dieAt(offset: number): Die;
  /** The type a type unit defines. */
  typeBySignature(signature: bigint): Die | undefined;
}

/** The header of a unit (DWARF 5, 7.5.1; DWARF 4, 7.5.1). */
export interface UnitHeader {
  /** .debug_info, or .debug_types. */
  readonly section: Section;
  /** Offset of the unit in its section. */
  readonly start: number;
  /** Offset just past it. */
  readonly end: number;
  /** Offset of its first entry. */
  readonly firstDie: number;
  readonly format: UnitFormat;
  readonly abbreviationOffset: number;
  /** Signature and place of the type a type unit defines. */
  readonly typeSignature?: bigint;
  readonly typeOffset?: number;
}

/** Bytes of the header of the string-offsets and address tables in 32-bit DWARF; bases point past it. */
const TABLE_HEADER_SIZE = 8;

/**
 * Reads the header at the reader and moves to the next unit; undefined for a version puffer does not know.
 * `isTypes` says that the section is .debug_types.
 */
export function readUnitHeader(reader: ByteReader, isTypes: boolean): UnitHeader | undefined {
  const start = reader.offset;
  const { end, offsetSize } = readInitialLength(reader);
  const body = new ByteReader(reader.section, reader.offset, end);
  reader.offset = end;
  const version = body.u16();
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) return undefined;
  const oldType = isTypes ? DW_UT.type : DW_UT.compile;
  const type = version >= 5 ? body.u8() : oldType;
  const addressSizeFirst = version >= 5 ? body.u8() : 0;
  const abbreviationOffset = body.sectionOffset(offsetSize);
  const addressSize = version >= 5 ? addressSizeFirst : body.u8();
  if (addressSize !== ADDRESS_SIZE) {
    throw new DwarfError(
      'unsupported',
      `${reader.section.name}+0x${start.toString(16)}: addresses of ${addressSize} bytes`,
    );
  }
  const header = { section: reader.section, start, end, abbreviationOffset, format: { version, offsetSize } };
  if (type === DW_UT.type || type === DW_UT.splitType) {
    const typeSignature = body.u64();
    const typeOffset = start + body.sectionOffset(offsetSize);
    return { ...header, typeSignature, typeOffset, firstDie: body.offset };
  }
  // The id that joins a skeleton with its split half.
  if (type === DW_UT.skeleton || type === DW_UT.splitCompile) body.u64();
  return { ...header, firstDie: body.offset };
}

/** A unit: a compilation's tree of entries, parsed on demand. */
export class Unit {
  readonly sections: DwarfSections;
  readonly owner: UnitOwner;
  readonly header: UnitHeader;
  #abbreviations: AbbreviationTable | undefined;
  #root: Die | undefined;
  #ranges: readonly KeyRange[] | undefined;

  constructor(sections: DwarfSections, owner: UnitOwner, header: UnitHeader) {
    this.sections = sections;
    this.owner = owner;
    this.header = header;
  }

  get start(): number {
    return this.header.start;
  }

  get end(): number {
    return this.header.end;
  }

  get format(): UnitFormat {
    return this.header.format;
  }

  /** The compile, partial or type unit entry itself. */
  get root(): Die {
    this.#root ??= this.dieAt(this.header.firstDie);
    return this.#root;
  }

  /** The source file as given to the compiler. */
  get name(): string | undefined {
    return this.root.name;
  }

  /** The directory the compiler ran in. */
  get compilationDirectory(): string | undefined {
    return this.root.string(DW_AT.compDir);
  }

  /** Offset of the unit's line program in .debug_line. */
  get lineProgram(): number | undefined {
    return this.root.sectionOffset(DW_AT.stmtList);
  }

  /** Base address of range and location lists. */
  get baseAddress(): number {
    return this.root.address(DW_AT.lowPc) ?? this.sections.info.loadBias;
  }

  /** The code of this unit. */
  get ranges(): readonly KeyRange[] {
    this.#ranges ??= rangesOf(this.root);
    return this.#ranges;
  }

  /** The entry at an offset of .debug_info inside this unit. Throws DwarfError when there is none. */
  dieAt(offset: number): Die {
    const die = this.#entryAt(offset);
    if (die === undefined)
      throw new DwarfError(
        'bad-reference',
        `no entry at ${this.header.section.name}+0x${offset.toString(16)}`,
      );
    return die;
  }

  /** The children of an entry, in order; with `tags` only those with one of them. */
  *children(parent: Die, tags?: ReadonlySet<number>): Generator<Die, void, undefined> {
    if (!parent.abbreviation.hasChildren) return;
    const reader = new ByteReader(this.header.section, parent.next, this.end);
    // Compilers leave out the closing null entry at the very end of a unit.
    while (!reader.atEnd) {
      const offset = reader.offset;
      const code = reader.uleb();
      if (code === 0) return;
      const abbreviation = this.#abbreviation(code, offset);
      const isWanted = tags === undefined || tags.has(abbreviation.tag);
      if (!isWanted && !abbreviation.hasChildren) {
        this.#skipAttributes(reader, abbreviation);
        continue;
      }
      const child = new Die(this, offset, abbreviation, reader);
      if (isWanted) yield child;
      reader.offset = this.#afterSubtree(child);
    }
  }

  /** A string through the unit's string-offsets table. */
  indexedString(index: number): string {
    const { offsetSize } = this.format;
    const base = this.root.sectionOffset(DW_AT.strOffsetsBase) ?? TABLE_HEADER_SIZE;
    const reader = new ByteReader(this.sections.strOffsets, base + index * offsetSize);
    return stringAt(this.sections.str, reader.sectionOffset(offsetSize));
  }

  /** An address (as key) through the unit's address table. */
  indexedAddress(index: number): number {
    const base = this.root.sectionOffset(DW_AT.addrBase) ?? TABLE_HEADER_SIZE;
    return new ByteReader(this.sections.addr, base + index * ADDRESS_SIZE).addressKey();
  }

  #table(): AbbreviationTable {
    this.#abbreviations ??= readAbbreviations(
      this.sections.abbrev,
      this.header.abbreviationOffset,
      this.format,
    );
    return this.#abbreviations;
  }

  #abbreviation(code: number, offset: number): Abbreviation {
    const abbreviation = this.#table().get(code);
    if (abbreviation === undefined) {
      throw new DwarfError(
        'malformed',
        `${this.header.section.name}+0x${offset.toString(16)}: no abbreviation has code ${code}`,
      );
    }
    return abbreviation;
  }

  #entryAt(offset: number): Die | undefined {
    if (offset < this.header.firstDie || offset >= this.end) {
      throw new DwarfError(
        'bad-reference',
        `${this.header.section.name}+0x${offset.toString(16)} is outside the unit at 0x${this.start.toString(16)}`,
      );
    }
    const reader = new ByteReader(this.header.section, offset, this.end);
    const code = reader.uleb();
    return code === 0 ? undefined : new Die(this, offset, this.#abbreviation(code, offset), reader);
  }

  #skipAttributes(reader: ByteReader, abbreviation: Abbreviation): void {
    if (abbreviation.fixedSize >= 0) reader.advance(abbreviation.fixedSize);
    else for (const form of abbreviation.forms) skipForm(reader, form, this.format);
  }

  /** Where the entry after a whole subtree begins. */
  #afterSubtree(die: Die): number {
    if (!die.abbreviation.hasChildren) return die.next;
    const sibling = die.siblingOffset;
    if (sibling !== undefined) {
      if (sibling < die.next || sibling > this.end) {
        throw new DwarfError(
          'malformed',
          `${this.header.section.name}+0x${die.offset.toString(16)}: its sibling lies before it or outside`,
        );
      }
      return sibling;
    }
    const reader = new ByteReader(this.header.section, die.next, this.end);
    let depth = 1;
    while (depth > 0 && !reader.atEnd) {
      const at = reader.offset;
      const code = reader.uleb();
      if (code === 0) {
        depth--;
        continue;
      }
      const abbreviation = this.#abbreviation(code, at);
      this.#skipAttributes(reader, abbreviation);
      if (abbreviation.hasChildren) depth++;
    }
    return reader.offset;
  }
}
