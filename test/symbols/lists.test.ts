import { describe, expect, test } from 'vitest';
import { keyOfAddress } from '../../emu/symbols/address.ts';
import { sectionOf } from '../../emu/symbols/byte-reader.ts';
import { DW_LLE, DW_RLE } from '../../emu/symbols/dwarf-constants.ts';
import type { DwarfSections } from '../../emu/symbols/dwarf-sections.ts';
import { findInLoc, findInLocLists } from '../../emu/symbols/location-list.ts';
import { type ListContext, readOldRanges, readRngList } from '../../emu/symbols/ranges.ts';

const BASE = 0xffffffff81000000n;
const BASE_SELECTION = 0xffff_ffff_ffff_ffffn;

/** A 64-bit word, little-endian. */
function word(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

/** A unit at BASE with an address table of BASE + 0x1000 × index, and the list in one section. */
function unitWith(section: 'ranges' | 'rnglists' | 'loc' | 'loclists', ...bytes: number[]): ListContext {
  const sections = { [section]: sectionOf(`.debug_${section}`, Uint8Array.from(bytes)) };
  return {
    sections: sections as unknown as DwarfSections,
    baseAddress: keyOfAddress(BASE),
    indexedAddress: (index) => keyOfAddress(BASE + 0x1000n * BigInt(index)),
  };
}

/** Ranges as offsets from BASE, for reading. */
function offsets(ranges: readonly { low: number; high: number }[]): [number, number][] {
  const base = keyOfAddress(BASE);
  return ranges.map(({ low, high }) => [low - base, high - base]);
}

describe('a range list', () => {
  test('of DWARF 4 is relative to the unit until a base is selected', () => {
    const unit = unitWith(
      'ranges',
      ...[...word(0x10n), ...word(0x20n)],
      ...[...word(BASE_SELECTION), ...word(BASE + 0x100n)],
      ...[...word(0x1n), ...word(0x2n)],
      ...[...word(0n), ...word(0n)],
    );
    expect(offsets(readOldRanges(unit, 0))).toEqual([
      [0x10, 0x20],
      [0x101, 0x102],
    ]);
  });

  test('of DWARF 5 knows every kind of entry', () => {
    const unit = unitWith(
      'rnglists',
      ...[DW_RLE.offsetPair, 0x10, 0x20],
      ...[DW_RLE.baseAddress, ...word(BASE + 0x100n), DW_RLE.offsetPair, 1, 2],
      ...[DW_RLE.baseAddressx, 3, DW_RLE.offsetPair, 4, 5],
      ...[DW_RLE.startxEndx, 1, 2],
      ...[DW_RLE.startxLength, 1, 7],
      ...[DW_RLE.startEnd, ...word(BASE + 8n), ...word(BASE + 9n)],
      ...[DW_RLE.startLength, ...word(BASE + 8n), 0x81, 0x01],
      DW_RLE.endOfList,
    );
    expect(offsets(readRngList(unit, 0))).toEqual([
      [0x10, 0x20],
      [0x101, 0x102],
      [0x3004, 0x3005],
      [0x1000, 0x2000],
      [0x1000, 0x1007],
      [8, 9],
      [8, 0x89],
    ]);
  });

  test('without an end, or with an unknown entry, is refused', () => {
    expect(() => readOldRanges(unitWith('ranges', ...word(1n)), 0)).toThrow(
      expect.objectContaining({ code: 'truncated' }),
    );
    expect(() => readRngList(unitWith('rnglists', 99), 0)).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
    expect(() => readRngList(unitWith('rnglists'), 5)).toThrow(
      expect.objectContaining({ code: 'bad-reference' }),
    );
  });
});

describe('a location list', () => {
  test('of DWARF 4 gives the expression that holds at an address', () => {
    const unit = unitWith(
      'loc',
      ...[...word(0x10n), ...word(0x20n), 1, 0, 0x50],
      ...[...word(BASE_SELECTION), ...word(BASE + 0x100n)],
      ...[...word(0x0n), ...word(0x8n), 2, 0, 0x51, 0x52],
      ...[...word(0n), ...word(0n)],
    );
    const at = (offset: number): number[] | undefined => {
      const expression = findInLoc(unit, 0, keyOfAddress(BASE) + offset);
      return expression && [...expression];
    };
    expect([at(0xf), at(0x10), at(0x1f), at(0x20)]).toEqual([undefined, [0x50], [0x50], undefined]);
    expect([at(0x100), at(0x107), at(0x108)]).toEqual([[0x51, 0x52], [0x51, 0x52], undefined]);
  });

  test('of DWARF 5 knows every kind of entry', () => {
    const list = [
      ...[DW_LLE.gnuViewPair, 1, 0x80, 0x01],
      ...[DW_LLE.offsetPair, 0x10, 0x20, 1, 0x50],
      ...[DW_LLE.baseAddress, ...word(BASE + 0x100n), DW_LLE.offsetPair, 1, 2, 1, 0x51],
      ...[DW_LLE.baseAddressx, 3, DW_LLE.offsetPair, 4, 5, 1, 0x52],
      ...[DW_LLE.startxEndx, 1, 2, 1, 0x53],
      ...[DW_LLE.startxLength, 5, 7, 1, 0x54],
      ...[DW_LLE.startEnd, ...word(BASE + 8n), ...word(BASE + 9n), 1, 0x55],
      ...[DW_LLE.startLength, ...word(BASE + 0x40n), 2, 1, 0x56],
    ];
    const at = (offset: number, ...tail: number[]): number | undefined =>
      findInLocLists(unitWith('loclists', ...list, ...tail), 0, keyOfAddress(BASE) + offset)?.[0];
    const end = DW_LLE.endOfList;
    const places = [0x10, 0x101, 0x3004, 0x1fff, 0x5006, 8, 0x41];
    expect(places.map((offset) => at(offset, end))).toEqual([0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56]);
    const outside = [0xf, 0x20, 0x102, 0x3005, 0x2000, 0x5007, 9, 0x42];
    expect(outside.map((offset) => at(offset, end))).toEqual(outside.map(() => undefined));
    // A default holds wherever nothing else does.
    expect(at(0xf, DW_LLE.defaultLocation, 1, 0x57, end)).toBe(0x57);
    expect(at(0x10, DW_LLE.defaultLocation, 1, 0x57, end)).toBe(0x50);
    expect(() => at(0xf, 99)).toThrow(expect.objectContaining({ code: 'malformed' }));
    expect(() => at(0xf)).toThrow(expect.objectContaining({ code: 'truncated' }));
  });
});

describe('a list of a file that was loaded elsewhere', () => {
  const BIAS = 0x7000;
  const loaded = (section: 'ranges' | 'rnglists' | 'loc' | 'loclists', ...bytes: number[]): ListContext => ({
    ...unitWith(section),
    sections: {
      [section]: sectionOf(section, Uint8Array.from(bytes), 0n, BIAS),
    } as unknown as DwarfSections,
    // The unit's own addresses are those of where it was loaded.
    baseAddress: keyOfAddress(BASE) + BIAS,
  });

  test('has its addresses there, and its offsets as they are', () => {
    const old = [
      ...[...word(0x10n), ...word(0x20n)],
      ...[...word(BASE_SELECTION), ...word(BASE + 0x100n)],
      ...[...word(1n), ...word(2n)],
    ];
    const expected = [
      [BIAS + 0x10, BIAS + 0x20],
      [BIAS + 0x101, BIAS + 0x102],
    ];
    expect(offsets(readOldRanges(loaded('ranges', ...old, ...word(0n), ...word(0n)), 0))).toEqual(expected);
    const list = [
      ...[DW_RLE.offsetPair, 0x10, 0x20],
      ...[DW_RLE.baseAddress, ...word(BASE + 0x100n), DW_RLE.offsetPair, 1, 2, DW_RLE.endOfList],
    ];
    expect(offsets(readRngList(loaded('rnglists', ...list), 0))).toEqual(expected);
  });

  test('gives the expression that holds there', () => {
    const unit = loaded(
      'loc',
      ...[...word(BASE_SELECTION), ...word(BASE + 0x100n)],
      ...[...word(1n), ...word(2n), 1, 0, 0x50],
      ...[...word(0n), ...word(0n)],
    );
    expect(findInLoc(unit, 0, keyOfAddress(BASE) + BIAS + 0x101)).toEqual(Uint8Array.of(0x50));
    expect(findInLoc(unit, 0, keyOfAddress(BASE) + 0x101)).toBeUndefined();
  });
});
