import type { ByteReader } from './byte-reader.ts';
import { ADDRESS_SIZE, DW_FORM } from './dwarf-constants.ts';
import { DwarfError } from './errors.ts';

/** What the size of a form depends on. */
export interface UnitFormat {
  readonly version: number;
  /** 4 in 32-bit DWARF, 8 in 64-bit DWARF. */
  readonly offsetSize: number;
}

/** The size in bytes of every value of a form, or undefined when it varies (DWARF 5, 7.5.6). */
export function fixedFormSize(form: number, format: UnitFormat): number | undefined {
  switch (form) {
    case DW_FORM.flagPresent:
    case DW_FORM.implicitConst:
      return 0;
    case DW_FORM.data1:
    case DW_FORM.flag:
    case DW_FORM.ref1:
    case DW_FORM.strx1:
    case DW_FORM.addrx1:
      return 1;
    case DW_FORM.data2:
    case DW_FORM.ref2:
    case DW_FORM.strx2:
    case DW_FORM.addrx2:
      return 2;
    case DW_FORM.strx3:
    case DW_FORM.addrx3:
      return 3;
    case DW_FORM.data4:
    case DW_FORM.ref4:
    case DW_FORM.strx4:
    case DW_FORM.addrx4:
    case DW_FORM.refSup4:
      return 4;
    case DW_FORM.data8:
    case DW_FORM.ref8:
    case DW_FORM.refSig8:
    case DW_FORM.refSup8:
      return 8;
    case DW_FORM.data16:
      return 16;
    case DW_FORM.addr:
      return ADDRESS_SIZE;
    case DW_FORM.strp:
    case DW_FORM.lineStrp:
    case DW_FORM.secOffset:
    case DW_FORM.strpSup:
    case DW_FORM.gnuRefAlt:
    case DW_FORM.gnuStrpAlt:
      return format.offsetSize;
    case DW_FORM.refAddr:
      return format.version <= 2 ? ADDRESS_SIZE : format.offsetSize;
    default:
      return undefined;
  }
}

/** Moves past one value. Throws DwarfError on a form nobody knows, because its size is unknown too. */
export function skipForm(reader: ByteReader, form: number, format: UnitFormat): void {
  const size = fixedFormSize(form, format);
  if (size !== undefined) {
    reader.advance(size);
    return;
  }
  switch (form) {
    case DW_FORM.sdata:
    case DW_FORM.udata:
    case DW_FORM.refUdata:
    case DW_FORM.strx:
    case DW_FORM.addrx:
    case DW_FORM.loclistx:
    case DW_FORM.rnglistx:
      reader.skipLeb();
      return;
    case DW_FORM.string:
      reader.skipCString();
      return;
    case DW_FORM.indirect:
      skipForm(reader, resolveIndirect(reader), format);
      return;
    default:
      reader.advance(blockSize(reader, form));
  }
}

/** Reads the form that precedes an indirect value. */
export function resolveIndirect(reader: ByteReader): number {
  const form = reader.uleb();
  if (form === DW_FORM.indirect || form === DW_FORM.implicitConst) {
    throw reader.malformed('DW_FORM_indirect names a form that may not be indirect');
  }
  return form;
}

/** Reads the length of a block or expression and returns it. */
export function blockSize(reader: ByteReader, form: number): number {
  switch (form) {
    case DW_FORM.exprloc:
    case DW_FORM.block:
      return reader.uleb();
    case DW_FORM.block1:
      return reader.u8();
    case DW_FORM.block2:
      return reader.u16();
    case DW_FORM.block4:
      return reader.u32();
    default:
      throw new DwarfError(
        'unsupported',
        `${reader.section.name}+${reader.offset}: unknown form 0x${form.toString(16)}`,
      );
  }
}

/** Whether values of a form are constants. */
export function isConstantForm(form: number): boolean {
  switch (form) {
    case DW_FORM.data1:
    case DW_FORM.data2:
    case DW_FORM.data4:
    case DW_FORM.data8:
    case DW_FORM.udata:
    case DW_FORM.sdata:
    case DW_FORM.implicitConst:
      return true;
    default:
      return false;
  }
}

/** Whether values of a form are blocks of bytes. */
export function isBlockForm(form: number): boolean {
  switch (form) {
    case DW_FORM.exprloc:
    case DW_FORM.block:
    case DW_FORM.block1:
    case DW_FORM.block2:
    case DW_FORM.block4:
      return true;
    default:
      return false;
  }
}

/** Reads the unsigned value of a data, index or reference form of fixed or LEB size. */
export function readUnsigned(reader: ByteReader, form: number): bigint {
  switch (form) {
    case DW_FORM.data1:
    case DW_FORM.flag:
    case DW_FORM.ref1:
    case DW_FORM.strx1:
    case DW_FORM.addrx1:
      return BigInt(reader.u8());
    case DW_FORM.data2:
    case DW_FORM.ref2:
    case DW_FORM.strx2:
    case DW_FORM.addrx2:
      return BigInt(reader.u16());
    case DW_FORM.strx3:
    case DW_FORM.addrx3:
      return BigInt(reader.u24());
    case DW_FORM.data4:
    case DW_FORM.ref4:
    case DW_FORM.strx4:
    case DW_FORM.addrx4:
      return BigInt(reader.u32());
    case DW_FORM.data8:
    case DW_FORM.ref8:
      return reader.u64();
    case DW_FORM.sdata:
      return reader.slebBig();
    case DW_FORM.udata:
    case DW_FORM.refUdata:
    case DW_FORM.strx:
    case DW_FORM.addrx:
    case DW_FORM.loclistx:
    case DW_FORM.rnglistx:
      return reader.ulebBig();
    default:
      throw reader.malformed(`form 0x${form.toString(16)} where a number belongs`);
  }
}

/** Reads such a value as a number (an offset, an index, a line); anything beyond a safe integer is malformed. */
export function readNumber(reader: ByteReader, form: number): number {
  switch (form) {
    case DW_FORM.data1:
    case DW_FORM.ref1:
      return reader.u8();
    case DW_FORM.data2:
    case DW_FORM.ref2:
      return reader.u16();
    case DW_FORM.data4:
    case DW_FORM.ref4:
      return reader.u32();
    case DW_FORM.udata:
    case DW_FORM.refUdata:
      return reader.uleb();
    default: {
      const value = Number(readUnsigned(reader, form));
      if (!Number.isSafeInteger(value)) throw reader.malformed('a number beyond any size or line');
      return value;
    }
  }
}
