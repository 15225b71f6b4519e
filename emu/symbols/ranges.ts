import { type KeyRange, keyOfAddress } from './address.ts';
import { ByteReader } from './byte-reader.ts';
import type { Die } from './die.ts';
import { DW_AT, DW_RLE } from './dwarf-constants.ts';
import type { Unit } from './unit.ts';

/** In .debug_ranges and .debug_loc this first word selects a new base (DWARF 4, 2.17.3). */
export const BASE_SELECTION_KEY = keyOfAddress(0xffff_ffff_ffff_ffffn);
/** Bytes of the .debug_rnglists and .debug_loclists header in 32-bit DWARF; offset tables follow it. */
const LIST_HEADER_SIZE = 12;

/** What a range or location list refers to in its unit. */
export type ListContext = Pick<Unit, 'sections' | 'baseAddress' | 'indexedAddress'>;

/** The code ranges of an entry: DW_AT_ranges, or DW_AT_low_pc with DW_AT_high_pc; empty ones are left out. */
export function rangesOf(die: Die): KeyRange[] {
  const { unit } = die;
  const index = die.listIndex(DW_AT.ranges);
  const offset = index === undefined ? die.sectionOffset(DW_AT.ranges) : indexedList(unit, index);
  if (offset !== undefined) {
    const ranges = unit.format.version >= 5 ? readRngList(unit, offset) : readOldRanges(unit, offset);
    return ranges.filter(({ low, high }) => low < high);
  }
  const low = die.address(DW_AT.lowPc);
  if (low === undefined) return [];
  // DW_AT_high_pc is an address or, as a constant, the length.
  const length = die.number(DW_AT.highPc);
  const high = length === undefined ? die.address(DW_AT.highPc) : low + length;
  return high !== undefined && low < high ? [{ low, high }] : [];
}

/** Whether a key lies in one of some ranges. */
export function rangesContain(ranges: readonly KeyRange[], key: number): boolean {
  return ranges.some(({ low, high }) => key >= low && key < high);
}

/** Offset in .debug_rnglists of the list with an index. */
function indexedList(unit: Unit, index: number): number {
  const { offsetSize } = unit.format;
  const base = unit.root.sectionOffset(DW_AT.rnglistsBase) ?? LIST_HEADER_SIZE;
  return base + new ByteReader(unit.sections.rnglists, base + index * offsetSize).sectionOffset(offsetSize);
}

/** DWARF 2 to 4: pairs of offsets from the base, ended by a pair of zeroes. */
export function readOldRanges(unit: ListContext, offset: number): KeyRange[] {
  const reader = new ByteReader(unit.sections.ranges, offset);
  const ranges: KeyRange[] = [];
  let base = unit.baseAddress;
  for (;;) {
    const low = reader.wordKey();
    const high = reader.wordKey();
    if (low === 0 && high === 0) return ranges;
    if (low === BASE_SELECTION_KEY) base = high + reader.section.loadBias;
    else ranges.push({ low: base + low, high: base + high });
  }
}

/** DWARF 5, 2.17.3. */
export function readRngList(unit: ListContext, offset: number): KeyRange[] {
  const reader = new ByteReader(unit.sections.rnglists, offset);
  const ranges: KeyRange[] = [];
  let base = unit.baseAddress;
  for (;;) {
    const kind = reader.u8();
    switch (kind) {
      case DW_RLE.endOfList:
        return ranges;
      case DW_RLE.baseAddressx:
        base = unit.indexedAddress(reader.uleb());
        break;
      case DW_RLE.baseAddress:
        base = reader.addressKey();
        break;
      case DW_RLE.offsetPair:
        ranges.push({ low: base + reader.uleb(), high: base + reader.uleb() });
        break;
      case DW_RLE.startxEndx:
        ranges.push({ low: unit.indexedAddress(reader.uleb()), high: unit.indexedAddress(reader.uleb()) });
        break;
      case DW_RLE.startxLength: {
        const low = unit.indexedAddress(reader.uleb());
        ranges.push({ low, high: low + reader.uleb() });
        break;
      }
      case DW_RLE.startEnd:
        ranges.push({ low: reader.addressKey(), high: reader.addressKey() });
        break;
      case DW_RLE.startLength: {
        const low = reader.addressKey();
        ranges.push({ low, high: low + reader.uleb() });
        break;
      }
      default:
        throw reader.malformed(`unknown range-list entry ${kind}`);
    }
  }
}
