import { ByteReader, type Section } from './byte-reader.ts';
import { DW_FORM } from './dwarf-constants.ts';
import { fixedFormSize, type UnitFormat } from './forms.ts';

/** The shape of the debugging information entries with one abbreviation code (DWARF 5, 7.5.3). */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Attribute names, in order. */
  readonly attributes: readonly number[];
  /** Their forms, parallel to `attributes`. */
  readonly forms: readonly number[];
  /** Values of DW_FORM_implicit_const, parallel to `attributes`; 0n elsewhere. */
  readonly implicit: readonly bigint[];
  /** Bytes of all attributes together when no form varies, else -1: lets whole entries be skipped at once. */
  readonly fixedSize: number;
}

export type AbbreviationTable = ReadonlyMap<number, Abbreviation>;

/** Reads the abbreviation table at an offset of .debug_abbrev. */
export function readAbbreviations(section: Section, offset: number, format: UnitFormat): AbbreviationTable {
  const reader = new ByteReader(section, offset);
  const table = new Map<number, Abbreviation>();
  while (!reader.atEnd) {
    const code = reader.uleb();
    if (code === 0) break;
    table.set(code, readAbbreviation(reader, format));
  }
  return table;
}

function readAbbreviation(reader: ByteReader, format: UnitFormat): Abbreviation {
  const tag = reader.uleb();
  const hasChildren = reader.u8() !== 0;
  const attributes: number[] = [];
  const forms: number[] = [];
  const implicit: bigint[] = [];
  let fixedSize = 0;
  for (;;) {
    const attribute = reader.uleb();
    const form = reader.uleb();
    if (attribute === 0 && form === 0) break;
    attributes.push(attribute);
    forms.push(form);
    implicit.push(form === DW_FORM.implicitConst ? reader.slebBig() : 0n);
    const size = fixedFormSize(form, format);
    fixedSize = size === undefined || fixedSize < 0 ? -1 : fixedSize + size;
  }
  return { tag, hasChildren, attributes, forms, implicit, fixedSize };
}
