/** The prefixes that lead in a VEX encoding; in legacy code they are LES and LDS when a memory operand follows. */
export const VEX3 = 0xc4;
export const VEX2 = 0xc5;
const REGISTER_OPERAND = 0xc0;

const REX = 0x40;
const REX_W = 8;
const REX_R = 4;
const MAP_MASK = 0x1f;
const LAST_MAP = 3;
const MAP_0F = 1;

/** What a VEX prefix says (AMD APM volume 3, 1.2.6.2; Intel SDM volume 2, 2.3.5), its inverted fields turned right. */
export interface VexFields {
  /** 1 for 0F, 2 for 0F 38, 3 for 0F 3A. */
  readonly map: number;
  /** A REX prefix with the same W, R, X and B. */
  readonly rex: number;
  /** Register number of the additional operand. */
  readonly vvvv: number;
  /** VEX.L: 0 for 128 bits and for general registers. */
  readonly length: number;
  /** The mandatory prefix: 66, or the last of F2 and F3. */
  readonly operandSize: boolean;
  readonly repeat: number;
}

/** Whether an opcode byte begins a VEX prefix; `next` is the byte behind it. */
export function startsVex(opcode: number, next: () => number, long: boolean): boolean {
  return (opcode === VEX3 || opcode === VEX2) && (long || next() >= REGISTER_OPERAND);
}

/**
 * The fields of a VEX prefix that begins with `opcode`, its other bytes read by `next`; undefined for a map that does not exist. In
 * legacy code there are eight registers and no 64-bit operands: the bits that say otherwise do not count.
 */
export function vexFields(opcode: number, next: () => number, long: boolean): VexFields | undefined {
  const first = next();
  const inverted = ~first;
  let map = MAP_0F;
  let rex = REX | ((inverted >> 7) & 1 ? REX_R : 0);
  let last = first;
  if (opcode === VEX3) {
    map = first & MAP_MASK;
    last = next();
    rex |= (inverted >> 5) & 3;
    if ((last & 0x80) !== 0) rex |= REX_W;
  }
  if (map === 0 || map > LAST_MAP) return undefined;
  const vvvv = (~last >> 3) & 0xf;
  const mandatory = last & 3;
  return {
    map,
    rex: long ? rex : 0,
    vvvv: long ? vvvv : vvvv & 7,
    length: (last >> 2) & 1,
    operandSize: mandatory === 1,
    repeat: mandatory === 2 ? 0xf3 : mandatory === 3 ? 0xf2 : 0,
  };
}
