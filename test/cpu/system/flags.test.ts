import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { State } from '../../../emu/cpu/state.ts';
import * as flags from '../../../emu/cpu/system/flags.ts';

/** Leaves the flags as an addition or subtraction of bytes does. */
function leaveByteResult(state: State, first: number, second: number, subtract: boolean): void {
  const wide = subtract ? first - second : first + second;
  const extend = (value: number) => BigInt.asUintN(64, BigInt((value << 24) >> 24));
  const result = extend(wide);
  state.set64(layout.FLAG_RESULT, result);
  state.set64(layout.FLAG_AUX, extend(first) ^ extend(second) ^ result);
  state.set32(layout.FLAG_CARRY, (wide >> 8) & 1);
}

describe('lazy flags', () => {
  const state = new State(0x1_0000);

  test('every byte addition and subtraction shows the flags of its definition', () => {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second += 3) {
        for (const subtract of [false, true]) {
          leaveByteResult(state, first, second, subtract);
          const wide = subtract ? first - second : first + second;
          const byte = wide & 0xff;
          const signed = (value: number) => (value << 24) >> 24;
          const exact = subtract ? signed(first) - signed(second) : signed(first) + signed(second);
          const half = subtract ? (first & 15) - (second & 15) : (first & 15) + (second & 15);
          let ones = 0;
          for (let bit = 0; bit < 8; bit++) ones += (byte >> bit) & 1;
          const expected =
            ((wide & 0x100) !== 0 ? flags.CF : 0) |
            (ones % 2 === 0 ? flags.PF : 0) |
            ((half & 0x10) !== 0 ? flags.AF : 0) |
            (byte === 0 ? flags.ZF : 0) |
            (byte >= 0x80 ? flags.SF : 0) |
            (exact !== signed(byte) ? flags.OF : 0);
          expect(flags.readArithmeticFlags(state)).toBe(expected);
        }
      }
    }
  });

  test('any combination can be written and read back', () => {
    const all = [flags.CF, flags.PF, flags.AF, flags.ZF, flags.SF, flags.OF];
    for (let choice = 0; choice < 64; choice++) {
      const value = all.reduce((sum, flag, index) => sum | ((choice >> index) & 1 ? flag : 0), 0);
      flags.writeFlags(state, value, flags.ARITHMETIC);
      expect(flags.readFlags(state)).toBe((value | flags.RFLAGS_FIXED) >>> 0);
    }
  });

  test('a mask protects the other flags, lazy and not', () => {
    leaveByteResult(state, 0x80, 0x80, false);
    flags.writeFlags(state, flags.IF | flags.ID, flags.ALL & ~flags.ARITHMETIC);
    const before = flags.readFlags(state);
    flags.writeFlags(state, flags.SF | flags.DF, flags.SF);
    expect(flags.readFlags(state)).toBe((before | flags.SF) >>> 0);
    flags.writeFlags(state, 0, flags.IF);
    expect(flags.readFlags(state)).toBe(((before | flags.SF) & ~flags.IF) >>> 0);
  });

  test('equal flags settle to equal slots, however they came about', () => {
    const settled = new Map<number, string>();
    for (let first = 0; first < 256; first += 5) {
      for (let second = 0; second < 256; second += 7) {
        leaveByteResult(state, first, second, true);
        const before = flags.readArithmeticFlags(state);
        flags.settleFlags(state);
        expect(flags.readArithmeticFlags(state)).toBe(before);
        const slots = [layout.FLAG_RESULT, layout.FLAG_AUX].map((slot) => state.get64(slot).toString(16));
        const encoding = `${slots.join()} ${state.get32(layout.FLAG_CARRY)}`;
        expect(settled.get(before) ?? encoding).toBe(encoding);
        settled.set(before, encoding);
      }
    }
    expect(settled.size).toBeGreaterThan(20);
  });
});
