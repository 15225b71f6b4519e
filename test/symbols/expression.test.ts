import { describe, expect, test } from 'vitest';
import { DW_OP } from '../../emu/symbols/dwarf-operations.ts';
import { evaluateAddress, evaluateLocation } from '../../emu/symbols/expression.ts';
import { DwarfError } from '../../emu/symbols/index.ts';
import type { ExpressionContext } from '../../emu/symbols/location.ts';

const context: ExpressionContext = {
  register: (index) => (index < 8 ? 0x1000n * BigInt(index) : undefined),
  readMemory: (address, size) =>
    address < 0x10000n ? Uint8Array.from({ length: size }, (_, index) => index + 1) : undefined,
  frameBase: () => 0x8000n,
  cfa: () => 0x9000n,
  baseType: (offset) =>
    new Map([
      [1, { size: 4, isSigned: true }],
      [2, { size: 1, isSigned: false }],
    ]).get(offset),
};

/** The number an expression leaves as a value. */
function computed(...bytes: number[]): bigint | undefined {
  return evaluateAddress(Uint8Array.of(...bytes, DW_OP.stackValue), context);
}

function locationOf(...bytes: number[]): unknown {
  return evaluateLocation(Uint8Array.of(...bytes), context);
}

function lit(value: number): number {
  return DW_OP.lit0 + value;
}

const MINUS_SEVEN = [DW_OP.const1s, 0xf9];
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

describe('a DWARF expression', () => {
  test('computes with signs where DWARF has them', () => {
    expect(computed(...MINUS_SEVEN, lit(2), DW_OP.div)).toBe(unsigned(-3n));
    // The modulus of the generic type is unsigned.
    expect(computed(...MINUS_SEVEN, lit(2), DW_OP.mod)).toBe(1n);
    expect(computed(...MINUS_SEVEN, lit(1), DW_OP.shr)).toBe(0x7fff_ffff_ffff_fffcn);
    expect(computed(...MINUS_SEVEN, lit(1), DW_OP.shra)).toBe(unsigned(-4n));
    expect(computed(...MINUS_SEVEN, lit(2), DW_OP.lt)).toBe(1n);
    expect(computed(...MINUS_SEVEN, DW_OP.abs)).toBe(7n);
    expect(computed(...MINUS_SEVEN, DW_OP.neg)).toBe(7n);
    expect(computed(...MINUS_SEVEN, DW_OP.not)).toBe(6n);
    expect(computed(lit(3), lit(5), DW_OP.minus)).toBe(unsigned(-2n));
    expect(computed(lit(3), DW_OP.const1u, 64, DW_OP.shl)).toBe(0n);
    expect(computed(lit(6), lit(3), DW_OP.xor, lit(8), DW_OP.or, lit(12), DW_OP.and)).toBe(12n);
    expect(computed(lit(3), DW_OP.plusUconst, 0x80, 0x01)).toBe(131n);
    expect(computed(DW_OP.consts, 0x80, 0x7f)).toBe(unsigned(-128n));
  });

  test('moves the stack about', () => {
    // 1 2 3 rot -> 3 1 2; then 2 - 1 = ... in the order of the standard's example.
    expect(computed(lit(1), lit(2), lit(3), DW_OP.rot, DW_OP.minus)).toBe(unsigned(-1n));
    expect(computed(lit(1), lit(2), DW_OP.swap, DW_OP.minus)).toBe(1n);
    expect(computed(lit(1), lit(2), DW_OP.over, DW_OP.minus)).toBe(1n);
    expect(computed(lit(7), lit(2), lit(3), DW_OP.pick, 2)).toBe(7n);
    expect(computed(lit(7), lit(2), DW_OP.drop)).toBe(7n);
    expect(computed(lit(7), DW_OP.dup, DW_OP.mul)).toBe(49n);
  });

  test('reads registers, frame and memory', () => {
    expect(computed(DW_OP.breg0 + 2, 0x7f)).toBe(0x1fffn);
    expect(computed(DW_OP.bregx, 3, 0x10)).toBe(0x3010n);
    expect(locationOf(DW_OP.fbreg, 0x70)).toEqual({ kind: 'memory', address: 0x7ff0n });
    expect(computed(DW_OP.callFrameCfa)).toBe(0x9000n);
    expect(computed(lit(0), DW_OP.deref)).toBe(0x0807060504030201n);
    expect(computed(lit(0), DW_OP.derefSize, 2)).toBe(0x0201n);
    expect(locationOf(DW_OP.addr, 0, 0, 0, 0x81, 0xff, 0xff, 0xff, 0xff)).toEqual({
      kind: 'memory',
      address: 0xffffffff81000000n,
    });
  });

  test('says where a value is', () => {
    expect(locationOf(DW_OP.reg0 + 5)).toEqual({ kind: 'register', register: 5 });
    expect(locationOf(DW_OP.regx, 17)).toEqual({ kind: 'register', register: 17 });
    expect(locationOf(DW_OP.implicitValue, 2, 9, 8)).toEqual({ kind: 'bytes', bytes: Uint8Array.of(9, 8) });
    expect(
      locationOf(DW_OP.reg0, DW_OP.piece, 4, DW_OP.piece, 4, lit(1), DW_OP.stackValue, DW_OP.bitPiece, 3, 1),
    ).toEqual({
      kind: 'pieces',
      pieces: [
        { location: { kind: 'register', register: 0 }, bitSize: 32, bitOffset: 0 },
        { location: expect.objectContaining({ kind: 'optimised-out' }), bitSize: 32, bitOffset: 0 },
        { location: { kind: 'value', value: 1n }, bitSize: 3, bitOffset: 1 },
      ],
    });
  });

  test('computes in base types', () => {
    // 0xfffffff9 as int is -7; as generic value it is large.
    const four = [DW_OP.const4u, 0xf9, 0xff, 0xff, 0xff];
    expect(computed(...four, DW_OP.convert, 1, lit(2), DW_OP.convert, 1, DW_OP.div, DW_OP.convert, 0)).toBe(
      unsigned(-3n),
    );
    expect(computed(...four, DW_OP.convert, 2)).toBe(0xf9n);
    expect(computed(DW_OP.constType, 1, 4, 0xfe, 0xff, 0xff, 0xff, DW_OP.convert, 0)).toBe(unsigned(-2n));
    expect(computed(DW_OP.regvalType, 1, 2)).toBe(0n);
    expect(locationOf(lit(1), DW_OP.convert, 9)).toMatchObject({ kind: 'optimised-out' });
  });

  test('is optimised out when something it needs is not known', () => {
    const unknown = [
      [DW_OP.breg0 + 9, 0],
      [DW_OP.entryValue, 1, DW_OP.reg0, DW_OP.stackValue],
      [DW_OP.gnuEntryValue, 1, DW_OP.reg0, DW_OP.stackValue],
      [DW_OP.implicitPointer, 0, 0, 0, 0, 0],
      [DW_OP.constu, 0x80, 0x80, 0x08, DW_OP.deref],
      [lit(1), lit(0), DW_OP.div],
      [DW_OP.addrx, 0],
      [DW_OP.pushObjectAddress],
      [],
    ];
    for (const bytes of unknown)
      expect(locationOf(...bytes), String(bytes)).toMatchObject({ kind: 'optimised-out' });
  });

  test('that is damaged is refused, and one that loops ends', () => {
    const refused: [string, number[]][] = [
      ['malformed', [DW_OP.plus]],
      ['malformed', [lit(1), DW_OP.pick, 9]],
      ['malformed', [DW_OP.skip, 0x00, 0x80]],
      ['truncated', [DW_OP.addr, 1]],
      ['limit', [DW_OP.skip, 0xfd, 0xff]],
      ['limit', [lit(1), DW_OP.skip, 0xfc, 0xff]],
    ];
    for (const [code, bytes] of refused) {
      expect(() => locationOf(...bytes), String(bytes)).toThrow(DwarfError);
      expect(() => locationOf(...bytes), String(bytes)).toThrow(expect.objectContaining({ code }));
    }
    // A branch that is taken until a counter reaches nought.
    expect(computed(lit(5), lit(1), DW_OP.minus, DW_OP.dup, DW_OP.bra, 0xfa, 0xff)).toBe(0n);
  });
});
