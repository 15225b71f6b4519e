import { ByteReader } from './byte-reader.ts';
import { DW_FORM, DW_LNCT, NEWEST_VERSION, OLDEST_VERSION } from './dwarf-constants.ts';
import { type DwarfSections, readInitialLength, stringAt } from './dwarf-sections.ts';
import { DwarfError } from './errors.ts';
import { isBlockForm, readNumber, skipForm, type UnitFormat } from './forms.ts';

/** The header of a line-number program (DWARF 5, 6.2.4; DWARF 4, 6.2.4). */
export interface LineHeader {
  /** Offset of the program in .debug_line. */
  readonly start: number;
  readonly end: number;
  readonly format: UnitFormat;
  /** Offset of the first opcode. */
  readonly firstOpcode: number;
  readonly minimumInstructionLength: number;
  readonly maximumOperationsPerInstruction: number;
  readonly defaultIsStmt: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Number of LEB128 operands of the standard opcodes, by opcode. */
  readonly operandCounts: readonly number[];
  /** Paths as in the file, by directory index; index 0 is the compilation directory (empty before DWARF 5). */
  readonly directories: readonly string[];
  /** Paths by file index: the directory is put before the name unless it is the compilation directory. */
  readonly files: string[];
}

/** Reads the header at the reader and moves to the next program; undefined for a version puffer does not know. */
export function readLineHeader(reader: ByteReader, sections: DwarfSections): LineHeader | undefined {
  const start = reader.offset;
  const { end, offsetSize } = readInitialLength(reader);
  const body = new ByteReader(reader.section, reader.offset, end);
  reader.offset = end;
  const version = body.u16();
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) return undefined;
  const format: UnitFormat = { version, offsetSize };
  // DWARF 5 adds the address and segment-selector sizes, both known on amd64.
  if (version >= 5) body.advance(2);
  const headerLength = body.sectionOffset(offsetSize);
  const firstOpcode = body.offset + headerLength;
  if (firstOpcode > end) throw body.malformed('the line-program header is longer than its unit');
  const header = new ByteReader(reader.section, body.offset, firstOpcode);
  const minimumInstructionLength = header.u8();
  const maximumOperationsPerInstruction = version >= 4 ? header.u8() : 1;
  const defaultIsStmt = header.u8() !== 0;
  const lineBase = header.i8();
  const lineRange = header.u8();
  const opcodeBase = header.u8();
  if (maximumOperationsPerInstruction !== 1) {
    throw new DwarfError(
      'unsupported',
      `${reader.section.name}+0x${start.toString(16)}: a VLIW line program`,
    );
  }
  if (lineRange === 0) throw header.malformed('line_range is 0');
  const operandCounts = [0];
  for (let opcode = 1; opcode < opcodeBase; opcode++) operandCounts.push(header.u8());
  const tables = version >= 5 ? readNewTables(header, sections, format) : readOldTables(header);
  return {
    start,
    end,
    format,
    firstOpcode,
    minimumInstructionLength,
    maximumOperationsPerInstruction,
    defaultIsStmt,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
    ...tables,
  };
}

/** The path of a file: relative to the compilation directory unless it is absolute. */
export function joinPath(directories: readonly string[], directory: number, name: string): string {
  if (directory === 0 || name.startsWith('/')) return name;
  const parent = directories[directory];
  if (parent === undefined || parent === '') return name;
  return parent.endsWith('/') ? parent + name : `${parent}/${name}`;
}

/** DWARF 2 to 4: directories and files are plain lists, both counted from 1. */
function readOldTables(header: ByteReader): { directories: string[]; files: string[] } {
  const directories = [''];
  for (;;) {
    const path = header.cString();
    if (path === '') break;
    directories.push(path);
  }
  // File 0 does not exist before DWARF 5.
  const files = [''];
  for (;;) {
    const file = readOldFile(header, directories);
    if (file === undefined) break;
    files.push(file);
  }
  return { directories, files };
}

/** One file entry of DWARF 2 to 4 (also the operand of DW_LNE_define_file); undefined for the list's end. */
export function readOldFile(reader: ByteReader, directories: readonly string[]): string | undefined {
  const name = reader.cString();
  if (name === '') return undefined;
  const directory = reader.uleb();
  // Time of modification and length.
  reader.skipLeb();
  reader.skipLeb();
  return joinPath(directories, directory, name);
}

interface FileEntry {
  readonly path: string;
  readonly directory: number;
}

function readNewTables(
  header: ByteReader,
  sections: DwarfSections,
  format: UnitFormat,
): { directories: string[]; files: string[] } {
  const directories = readEntries(header, sections, format).map(({ path }) => path);
  const files = readEntries(header, sections, format);
  return { directories, files: files.map(({ path, directory }) => joinPath(directories, directory, path)) };
}

/** DWARF 5: a description of the entries' fields, then the entries. */
function readEntries(header: ByteReader, sections: DwarfSections, format: UnitFormat): FileEntry[] {
  const fields: { content: number; form: number }[] = [];
  for (let left = header.u8(); left > 0; left--) fields.push({ content: header.uleb(), form: header.uleb() });
  const count = header.uleb();
  // Each entry has at least a path, and a path at least one byte.
  if (count > header.remaining) throw header.malformed(`${count} entries in ${header.remaining} bytes`);
  const entries: FileEntry[] = [];
  for (let index = 0; index < count; index++) {
    let path = '';
    let directory = 0;
    for (const { content, form } of fields) {
      if (content === DW_LNCT.path) path = readPath(header, form, sections, format);
      else if (content === DW_LNCT.directoryIndex && !isBlockForm(form)) directory = readNumber(header, form);
      else skipForm(header, form, format);
    }
    entries.push({ path, directory });
  }
  return entries;
}

function readPath(header: ByteReader, form: number, sections: DwarfSections, format: UnitFormat): string {
  switch (form) {
    case DW_FORM.string:
      return header.cString();
    case DW_FORM.lineStrp:
      return stringAt(sections.lineStr, header.sectionOffset(format.offsetSize));
    case DW_FORM.strp:
      return stringAt(sections.str, header.sectionOffset(format.offsetSize));
    default:
      // strx forms need a unit's string-offsets base, which a line program does not have.
      skipForm(header, form, format);
      return '';
  }
}
