import { ByteReader } from './byte-reader.ts';
import type { Die } from './die.ts';
import { DW_AT, DW_LLE } from './dwarf-constants.ts';
import { BASE_SELECTION_KEY, type ListContext } from './ranges.ts';
import type { Unit } from './unit.ts';

/** Bytes of the .debug_loclists header in 32-bit DWARF; the offset table follows it. */
const LIST_HEADER_SIZE = 12;

/**
 * The location expression of an entry that is valid at an address key: DW_AT_location is an expression or a list of
 * expressions by address. Undefined when there is none for this address.
 */
export function locationExpression(die: Die, attribute: number, key: number): Uint8Array | undefined {
  const expression = die.block(attribute);
  if (expression !== undefined) return expression;
  const { unit } = die;
  const index = die.listIndex(attribute);
  const offset = index === undefined ? die.sectionOffset(attribute) : indexedList(unit, index);
  if (offset === undefined) return undefined;
  return unit.format.version >= 5 ? findInLocLists(unit, offset, key) : findInLoc(unit, offset, key);
}

function indexedList(unit: Unit, index: number): number {
  const { offsetSize } = unit.format;
  const base = unit.root.sectionOffset(DW_AT.loclistsBase) ?? LIST_HEADER_SIZE;
  return base + new ByteReader(unit.sections.loclists, base + index * offsetSize).sectionOffset(offsetSize);
}

/** DWARF 2 to 4, 2.6.2: address pairs, each with a block of 2-byte length. */
export function findInLoc(unit: ListContext, offset: number, key: number): Uint8Array | undefined {
  const reader = new ByteReader(unit.sections.loc, offset);
  let base = unit.baseAddress;
  for (;;) {
    const low = reader.wordKey();
    const high = reader.wordKey();
    if (low === 0 && high === 0) return undefined;
    if (low === BASE_SELECTION_KEY) {
      base = high + reader.section.loadBias;
      continue;
    }
    const expression = reader.take(reader.u16());
    if (key >= base + low && key < base + high) return expression;
  }
}

/** DWARF 5, 2.6.2. */
export function findInLocLists(unit: ListContext, offset: number, key: number): Uint8Array | undefined {
  const reader = new ByteReader(unit.sections.loclists, offset);
  let base = unit.baseAddress;
  let fallback: Uint8Array | undefined;
  for (;;) {
    let low = 0;
    let high = 0;
    const kind = reader.u8();
    switch (kind) {
      case DW_LLE.endOfList:
        return fallback;
      case DW_LLE.baseAddressx:
        base = unit.indexedAddress(reader.uleb());
        continue;
      case DW_LLE.baseAddress:
        base = reader.addressKey();
        continue;
      case DW_LLE.gnuViewPair:
        reader.skipLeb();
        reader.skipLeb();
        continue;
      case DW_LLE.defaultLocation:
        fallback = reader.take(reader.uleb());
        continue;
      case DW_LLE.offsetPair:
        low = base + reader.uleb();
        high = base + reader.uleb();
        break;
      case DW_LLE.startxEndx:
        low = unit.indexedAddress(reader.uleb());
        high = unit.indexedAddress(reader.uleb());
        break;
      case DW_LLE.startxLength:
        low = unit.indexedAddress(reader.uleb());
        high = low + reader.uleb();
        break;
      case DW_LLE.startEnd:
        low = reader.addressKey();
        high = reader.addressKey();
        break;
      case DW_LLE.startLength:
        low = reader.addressKey();
        high = low + reader.uleb();
        break;
      default:
        throw reader.malformed(`unknown location-list entry ${kind}`);
    }
    const expression = reader.take(reader.uleb());
    if (key >= low && key < high) return expression;
  }
}
