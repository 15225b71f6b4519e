import { isExactKey, keyOfAddress, lastNotAbove } from './address.ts';
import { ByteReader, type Section } from './byte-reader.ts';
import { DW_EH_PE, PE_APPLICATION_MASK, PE_FORMAT_MASK } from './call-frame-constants.ts';
import { type CallFrameRow, runCallFrameProgram } from './call-frame-program.ts';
import { ADDRESS_SIZE } from './dwarf-constants.ts';
import { type DwarfSections, dwarfSections, readInitialLength } from './dwarf-sections.ts';
import type { ElfFile } from './elf.ts';
import { DwarfError } from './errors.ts';

/** A common information entry: what the frames of many functions share (DWARF 5, 6.4.1). */
export interface CommonInformation {
  readonly section: Section;
  readonly codeAlignment: number;
  readonly dataAlignment: number;
  readonly returnAddressRegister: number;
  /** How addresses are written; .debug_frame has plain ones. */
  readonly pointerEncoding: number;
  readonly isSignalFrame: boolean;
  readonly hasAugmentationData: boolean;
  /** Range of the initial instructions in the section. */
  readonly start: number;
  readonly end: number;
}

/** A frame description entry: how to unwind from one range of code. */
export interface FrameDescription {
  readonly common: CommonInformation;
  /** Address keys. */
  readonly low: number;
  readonly high: number;
  /** Range of the instructions in the section. */
  readonly start: number;
  readonly end: number;
}

const CIE_ID_EH = 0;
const CIE_ID_32 = 0xffff_ffff;
const OLDEST_CIE = 1;
const NEWEST_CIE = 4;

/**
 * The call-frame information of a file: .debug_frame and .eh_frame. Opening reads nothing; the descriptions are
 * sorted at the first question. Throws DwarfError on damaged input.
 */
export class CallFrameTable {
  readonly #sections: DwarfSections;
  #descriptions: readonly FrameDescription[] | undefined;

  private constructor(sections: DwarfSections) {
    this.#sections = sections;
  }

  static open(elf: ElfFile): CallFrameTable {
    return new CallFrameTable(dwarfSections(elf));
  }

  /** All descriptions, ascending by address. */
  descriptions(): readonly FrameDescription[] {
    this.#descriptions ??= [
      ...readSection(this.#sections.frame, false),
      ...readSection(this.#sections.ehFrame, true),
    ].sort((a, b) => a.low - b.low);
    return this.#descriptions;
  }

  /** The description for an address. */
  descriptionAt(address: bigint): FrameDescription | undefined {
    const key = keyOfAddress(address);
    if (!isExactKey(key)) return undefined;
    const all = this.descriptions();
    const found = all[lastNotAbove(all.length, key, (index) => all[index]?.low ?? 0)];
    return found !== undefined && key < found.high ? found : undefined;
  }

  /** The unwinding rules at an address; undefined where no description covers it. */
  rowAt(address: bigint): CallFrameRow | undefined {
    const description = this.descriptionAt(address);
    return description && runCallFrameProgram(description, keyOfAddress(address));
  }
}

function readSection(section: Section, isEh: boolean): FrameDescription[] {
  const descriptions: FrameDescription[] = [];
  const commons = new Map<number, CommonInformation>();
  const reader = new ByteReader(section);
  while (!reader.atEnd) {
    const { end, offsetSize } = readInitialLength(reader);
    // A length of 0 terminates .eh_frame.
    if (end === reader.offset) {
      if (isEh) break;
      continue;
    }
    const body = new ByteReader(section, reader.offset, end);
    reader.offset = end;
    const idOffset = body.offset;
    const id = readIdentifier(body, offsetSize, isEh);
    if (id === undefined) continue;
    // In .eh_frame the pointer is the distance back from itself, in .debug_frame an offset in the section.
    const commonOffset = isEh ? idOffset - id : id;
    let common = commons.get(commonOffset);
    if (common === undefined) {
      common = readCommonAt(section, commonOffset, isEh);
      commons.set(commonOffset, common);
    }
    const description = readDescription(body, common);
    if (description.low < description.high) descriptions.push(description);
  }
  return descriptions;
}

/** The field that tells a CIE (undefined is returned) from an FDE (its CIE pointer is returned). */
function readIdentifier(body: ByteReader, offsetSize: number, isEh: boolean): number | undefined {
  if (isEh) {
    const id = body.u32();
    return id === CIE_ID_EH ? undefined : id;
  }
  if (offsetSize === 4) {
    const id = body.u32();
    return id === CIE_ID_32 ? undefined : id;
  }
  const id = body.wordKey();
  return id === -1 ? undefined : id;
}

function readCommonAt(section: Section, offset: number, isEh: boolean): CommonInformation {
  const opening = new ByteReader(section, offset);
  const { end, offsetSize } = readInitialLength(opening);
  const body = new ByteReader(section, opening.offset, end);
  if (readIdentifier(body, offsetSize, isEh) !== undefined) {
    throw new DwarfError(
      'bad-reference',
      `${section.name}+0x${offset.toString(16)} is no common information entry`,
    );
  }
  const version = body.u8();
  if (version < OLDEST_CIE || version > NEWEST_CIE) throw body.malformed(`CIE version ${version}`);
  const augmentation = body.cString();
  if (version >= 4) {
    const addressSize = body.u8();
    if (addressSize !== ADDRESS_SIZE) throw body.malformed(`a CIE with addresses of ${addressSize} bytes`);
    // Size of a segment selector; amd64 has none.
    body.u8();
  }
  const codeAlignment = body.uleb();
  const dataAlignment = body.sleb();
  const returnAddressRegister = version === 1 ? body.u8() : body.uleb();
  const { pointerEncoding, isSignalFrame } = readAugmentation(body, augmentation);
  return {
    section,
    codeAlignment,
    dataAlignment,
    returnAddressRegister,
    pointerEncoding,
    isSignalFrame,
    hasAugmentationData: augmentation.startsWith('z'),
    start: body.offset,
    end,
  };
}

/** The augmentation string's letters, each with its data (LSB, "Exception Frames"). */
function readAugmentation(
  body: ByteReader,
  augmentation: string,
): { pointerEncoding: number; isSignalFrame: boolean } {
  let pointerEncoding: number = DW_EH_PE.absolute;
  let isSignalFrame = false;
  // gas writes a bare "S" for a signal frame in .debug_frame: there is no data to it.
  if (augmentation === 'S') return { pointerEncoding, isSignalFrame: true };
  if (augmentation === '') return { pointerEncoding, isSignalFrame };
  if (!augmentation.startsWith('z')) throw body.malformed(`augmentation "${augmentation}" is not known`);
  const size = body.uleb();
  const start = body.advance(size);
  const data = new ByteReader(body.section, start, start + size);
  for (const letter of augmentation.slice(1)) {
    if (letter === 'R') pointerEncoding = data.u8();
    else if (letter === 'S') isSignalFrame = true;
    else if (letter === 'L') data.u8();
    else if (letter === 'P') readEncoded(data, data.u8());
    // An unknown letter: what follows it cannot be told apart, but its size was given.
    else break;
  }
  return { pointerEncoding, isSignalFrame };
}

function readDescription(body: ByteReader, common: CommonInformation): FrameDescription {
  const low = readCodeAddress(body, common.pointerEncoding);
  const length = readEncoded(body, common.pointerEncoding & PE_FORMAT_MASK);
  if (common.hasAugmentationData) body.advance(body.uleb());
  return { common, low, high: low + length, start: body.offset, end: body.end };
}

/** The address of code (as key) in a pointer encoding, where the file was loaded. */
export function readCodeAddress(reader: ByteReader, encoding: number): number {
  const isAbsolute = (encoding & PE_APPLICATION_MASK) === DW_EH_PE.absolute;
  // What is relative is so to the section, whose address is the loaded one.
  return readEncoded(reader, encoding) + (isAbsolute ? reader.section.loadBias : 0);
}

/** An address as the file has it (as key), or a length, in a pointer encoding. */
export function readEncoded(reader: ByteReader, encoding: number): number {
  if (encoding === DW_EH_PE.omit) return 0;
  const at = keyOfAddress(reader.section.address) + reader.offset;
  const value = readFormat(reader, encoding & PE_FORMAT_MASK);
  const application = encoding & PE_APPLICATION_MASK;
  if (encoding & DW_EH_PE.indirect) {
    throw new DwarfError('unsupported', `${reader.section.name}: an indirect pointer`);
  }
  if (application === DW_EH_PE.absolute) return value;
  if (application === DW_EH_PE.pcRelative) return at + value;
  throw new DwarfError('unsupported', `${reader.section.name}: pointer encoding 0x${encoding.toString(16)}`);
}

function readFormat(reader: ByteReader, format: number): number {
  switch (format) {
    case DW_EH_PE.absolute:
    case DW_EH_PE.udata8:
    case DW_EH_PE.sdata8:
      return reader.wordKey();
    case DW_EH_PE.uleb128:
      return reader.uleb();
    case DW_EH_PE.udata2:
      return reader.u16();
    case DW_EH_PE.udata4:
      return reader.u32();
    case DW_EH_PE.sleb128:
      return reader.sleb();
    case DW_EH_PE.sdata2:
      return reader.i16();
    case DW_EH_PE.sdata4:
      return reader.i32();
    default:
      throw reader.malformed(`pointer format ${format} is not known`);
  }
}
