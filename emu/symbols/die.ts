import type { Abbreviation } from './abbreviations.ts';
import { ByteReader } from './byte-reader.ts';
import { DW_AT, DW_FORM } from './dwarf-constants.ts';
import { stringAt } from './dwarf-sections.ts';
import { DwarfError } from './errors.ts';
import {
  blockSize,
  isBlockForm,
  isConstantForm,
  readNumber,
  readUnsigned,
  resolveIndirect,
  skipForm,
} from './forms.ts';
import type { Unit } from './unit.ts';

/** How often an origin or specification may lead on; compilers use one or two hops. */
const ORIGIN_HOPS = 16;

/**
 * A debugging information entry (DIE). Only the places of its attributes are known; a value is decoded when asked
 * for. Every getter gives undefined when the attribute is absent or of another class.
 */
export class Die {
  readonly unit: Unit;
  /** Offset in the section of its unit. */
  readonly offset: number;
  readonly abbreviation: Abbreviation;
  /** Offset just past the attributes. */
  readonly next: number;
  readonly #positions: readonly number[];

  constructor(unit: Unit, offset: number, abbreviation: Abbreviation, reader: ByteReader) {
    this.unit = unit;
    this.offset = offset;
    this.abbreviation = abbreviation;
    const positions: number[] = [];
    for (const form of abbreviation.forms) {
      positions.push(reader.offset);
      skipForm(reader, form, unit.format);
    }
    this.#positions = positions;
    this.next = reader.offset;
  }

  get tag(): number {
    return this.abbreviation.tag;
  }

  get name(): string | undefined {
    return this.string(DW_AT.name);
  }

  has(attribute: number): boolean {
    return this.abbreviation.attributes.includes(attribute);
  }

  string(attribute: number): string | undefined {
    const value = this.#find(attribute);
    if (value === undefined) return undefined;
    const { reader, form } = value;
    const { sections, format } = this.unit;
    switch (form) {
      case DW_FORM.string:
        return reader.cString();
      case DW_FORM.strp:
        return stringAt(sections.str, reader.sectionOffset(format.offsetSize));
      case DW_FORM.lineStrp:
        return stringAt(sections.lineStr, reader.sectionOffset(format.offsetSize));
      case DW_FORM.strx:
      case DW_FORM.strx1:
      case DW_FORM.strx2:
      case DW_FORM.strx3:
      case DW_FORM.strx4:
        return this.unit.indexedString(readNumber(reader, form));
      default:
        return undefined;
    }
  }

  /** A constant: data forms as unsigned, sdata and implicit_const as signed numbers. */
  constant(attribute: number): bigint | undefined {
    const value = this.#find(attribute);
    if (value === undefined || !isConstantForm(value.form)) return undefined;
    return value.form === DW_FORM.implicitConst ? value.implicit : readUnsigned(value.reader, value.form);
  }

  /** A constant that is a size, an offset, an index or a line. */
  number(attribute: number): number | undefined {
    const value = this.#find(attribute);
    if (value === undefined || !isConstantForm(value.form)) return undefined;
    if (value.form !== DW_FORM.implicitConst) return readNumber(value.reader, value.form);
    return Number(value.implicit);
  }

  /** The size in bytes of a fixed-size data form (DW_AT_const_value needs it to know the sign bit). */
  constantWidth(attribute: number): number | undefined {
    const value = this.#find(attribute);
    if (value?.form === DW_FORM.data1) return 1;
    if (value?.form === DW_FORM.data2) return 2;
    if (value?.form === DW_FORM.data4) return 4;
    return value?.form === DW_FORM.data8 ? 8 : undefined;
  }

  flag(attribute: number): boolean {
    const value = this.#find(attribute);
    if (value === undefined) return false;
    return value.form === DW_FORM.flagPresent || (value.form === DW_FORM.flag && value.reader.u8() !== 0);
  }

  /** An address as a key (see address.ts). */
  address(attribute: number): number | undefined {
    const value = this.#find(attribute);
    if (value === undefined) return undefined;
    switch (value.form) {
      case DW_FORM.addr:
        return value.reader.addressKey();
      case DW_FORM.addrx:
      case DW_FORM.addrx1:
      case DW_FORM.addrx2:
      case DW_FORM.addrx3:
      case DW_FORM.addrx4:
        return this.unit.indexedAddress(readNumber(value.reader, value.form));
      default:
        return undefined;
    }
  }

  /** The bytes of a block or expression. */
  block(attribute: number): Uint8Array | undefined {
    const value = this.#find(attribute);
    if (value === undefined || !isBlockForm(value.form)) return undefined;
    return value.reader.take(blockSize(value.reader, value.form));
  }

  /** An offset into another section (line program, range list, location list, base of a table). */
  sectionOffset(attribute: number): number | undefined {
    const value = this.#find(attribute);
    if (value === undefined) return undefined;
    const { format } = this.unit;
    if (value.form === DW_FORM.secOffset) return value.reader.sectionOffset(format.offsetSize);
    // Before DWARF 4 such offsets were plain data4 or data8.
    if (format.version < 4 && (value.form === DW_FORM.data4 || value.form === DW_FORM.data8)) {
      return readNumber(value.reader, value.form);
    }
    return undefined;
  }

  /** The index of a DWARF 5 list (rnglistx, loclistx). */
  listIndex(attribute: number): number | undefined {
    const value = this.#find(attribute);
    if (value?.form !== DW_FORM.rnglistx && value?.form !== DW_FORM.loclistx) return undefined;
    return value.reader.uleb();
  }

  /** The entry another one refers to. Throws DwarfError "bad-reference" when nothing is there. */
  reference(attribute: number): Die | undefined {
    const value = this.#find(attribute);
    if (value === undefined) return undefined;
    const { reader, form } = value;
    switch (form) {
      case DW_FORM.ref1:
      case DW_FORM.ref2:
      case DW_FORM.ref4:
      case DW_FORM.ref8:
      case DW_FORM.refUdata:
        return this.unit.dieAt(this.unit.start + readNumber(reader, form));
      case DW_FORM.refAddr:
        return this.unit.owner.dieAt(
          reader.sectionOffset(this.unit.format.version <= 2 ? 8 : this.unit.format.offsetSize),
        );
      case DW_FORM.refSig8:
        return this.unit.owner.typeBySignature(reader.u64());
      default:
        return undefined;
    }
  }

  /** Offset of the next entry on this level, when the compiler says it. */
  get siblingOffset(): number | undefined {
    const value = this.#find(DW_AT.sibling);
    switch (value?.form) {
      case DW_FORM.ref1:
      case DW_FORM.ref2:
      case DW_FORM.ref4:
      case DW_FORM.ref8:
      case DW_FORM.refUdata:
        return this.unit.start + readNumber(value.reader, value.form);
      default:
        return undefined;
    }
  }

  /** This entry, then the ones it completes: through DW_AT_abstract_origin and DW_AT_specification. */
  lineage(): Die[] {
    const chain: Die[] = [this];
    for (let die: Die = this; ; ) {
      const origin = die.reference(DW_AT.abstractOrigin) ?? die.reference(DW_AT.specification);
      if (origin === undefined) return chain;
      if (chain.length > ORIGIN_HOPS) {
        throw new DwarfError(
          'limit',
          `the origin of the entry at ${this.unit.header.section.name}+0x${this.offset.toString(16)} never ends`,
        );
      }
      chain.push(origin);
      die = origin;
    }
  }

  #find(attribute: number): { reader: ByteReader; form: number; implicit: bigint } | undefined {
    const index = this.abbreviation.attributes.indexOf(attribute);
    if (index < 0) return undefined;
    const reader = new ByteReader(this.unit.header.section, this.#positions[index], this.unit.end);
    let form = this.abbreviation.forms[index] ?? 0;
    if (form === DW_FORM.indirect) form = resolveIndirect(reader);
    return { reader, form, implicit: this.abbreviation.implicit[index] ?? 0n };
  }
}
