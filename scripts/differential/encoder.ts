import { type Encoding, VEX_MAPS } from '../../emu/cpu/table/encoding.ts';
import type { OperandPattern } from '../../emu/cpu/table/form.ts';
import { patternSize } from '../../emu/cpu/table/form.ts';

/** A way to write an instruction: an encoding of the table, and what prefixes and ModRM choose among its forms. */
export interface Way {
  readonly encoding: Encoding;
  /** Code size: 64-bit mode, or 32-bit code. */
  readonly bits: 32 | 64;
  /** Operand size in bytes that prefixes ask for; an encoding without one takes them and does not look. */
  readonly size: 2 | 4 | 8;
  readonly addressSize: 2 | 4 | 8;
  /** ModRM names memory. */
  readonly memory: boolean;
  readonly repeat: 'none' | 'rep' | 'repne';
}

/** A memory operand as ModRM, SIB and displacement say it. */
export interface MemoryFields {
  /** ModRM.mod: 0, 1 or 2. */
  readonly mod: number;
  /** ModRM.rm: three bits. */
  readonly rm: number;
  readonly sib: number;
  readonly displacement: bigint;
}

/** Everything about an instruction's bytes that its way leaves open. */
export interface Fields {
  /** ModRM.reg, or the register in the opcode: four bits, of which 32-bit code has three. */
  readonly register: number;
  /** ModRM.rm of a register operand: four bits. */
  readonly rm: number;
  readonly memory: MemoryFields;
  /** REX.X and REX.B of a memory operand. */
  readonly rexIndex: number;
  readonly rexBase: number;
  /** Whether a REX that is not needed is there all the same: byte registers 4–7 are then SPL, BPL, SIL and DIL. */
  readonly plainRex: boolean;
  /** The second source register of a VEX encoding: four bits. */
  readonly vector: number;
  readonly immediates: readonly bigint[];
  /** Legacy prefixes besides those that the way needs, in order; they come first. */
  readonly prefixes: readonly number[];
}

/** An instruction's bytes, and where the fields lie that are patched later. */
export interface Encoded {
  readonly bytes: number[];
  /** Where the displacement of a memory operand starts, and its size in bytes; a size of 0 means none. */
  readonly displacementAt: number;
  readonly displacementSize: number;
  /** Where the immediates, or the displacement of a branch, start. */
  readonly immediateAt: number;
}

const OPERAND_SIZE = 0x66;
const ADDRESS_SIZE = 0x67;
const LOCK = 0xf0;
const REPNE = 0xf2;
const REP = 0xf3;
const REX = 0x40;
const REX_W = 8;
const REX_R = 4;
const REX_X = 2;
const REX_B = 1;
const MAP_BYTES: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
/** ModRM.rm of an address with a SIB byte, and SIB.base or ModRM.rm of one that has a displacement in place of a base. */
export const SIB_FOLLOWS = 4;
export const NO_BASE = 5;
/** ModRM.rm of a 16-bit address that is a displacement alone. */
const NO_BASE_16 = 6;

/** Size in bytes of an operand that stands in the instruction, after ModRM; 0 for others. */
export function immediateSize(pattern: OperandPattern, way: Way): number {
  switch (pattern.where) {
    case 'I':
      return patternSize(pattern, effectiveSize(way));
    case 'Is':
      return 1;
    case 'J':
      return pattern.size === 'b' ? 1 : effectiveSize(way) === 2 ? 2 : 4;
    case 'O':
      return way.addressSize;
    case 'A':
      return effectiveSize(way) + 2;
    default:
      return 0;
  }
}

/** The operand size that a way's prefixes come to. */
export function effectiveSize({ encoding, bits, size }: Way): number {
  if (bits === 32) return size;
  if (encoding.row.size64 === 'force') return 8;
  return encoding.row.size64 === 'default' && size !== 2 ? 8 : size;
}

/** Size of the displacement of a memory operand. */
function displacementSize(way: Way, { mod, rm, sib }: MemoryFields): number {
  if (mod === 1) return 1;
  const wide = way.addressSize === 2 ? 2 : 4;
  if (mod === 2) return wide;
  if (way.addressSize === 2) return rm === NO_BASE_16 ? wide : 0;
  return rm === NO_BASE || (rm === SIB_FOLLOWS && (sib & 7) === NO_BASE) ? wide : 0;
}

/** The bytes of an instruction. Throws RangeError for a way that 32-bit code cannot write. */
export function encode(way: Way, fields: Fields): Encoded {
  const { encoding, bits } = way;
  const bytes = [...fields.prefixes, ...choicePrefixes(way)];
  const rex = rexOf(way, fields);
  if (rex !== 0 && bits === 32) throw new RangeError(`${encoding.row.mnemonic}: 32-bit code has no REX`);
  if (encoding.vex) bytes.push(...vexPrefix(encoding, rex, fields));
  else {
    if (rex !== 0) bytes.push(rex);
    bytes.push(...(MAP_BYTES[encoding.map] as number[]));
  }
  bytes.push(encoding.opcode + (encoding.registerInOpcode ? fields.register & 7 : 0));
  let displacementAt = bytes.length;
  let size = 0;
  if (encoding.modrm !== undefined) bytes.push(encoding.modrm);
  else if (encoding.hasModrm) {
    const reg = (encoding.digit ?? fields.register & 7) << 3;
    if (way.memory) {
      const { mod, rm, sib, displacement } = fields.memory;
      bytes.push((mod << 6) | reg | rm);
      if (way.addressSize !== 2 && rm === SIB_FOLLOWS) bytes.push(sib);
      displacementAt = bytes.length;
      size = displacementSize(way, fields.memory);
      bytes.push(...littleEndian(displacement, size));
    } else bytes.push(0xc0 | reg | (fields.rm & 7));
  }
  const immediateAt = bytes.length;
  let next = 0;
  for (const pattern of encoding.operands) {
    const length = immediateSize(pattern, way);
    if (length > 0) bytes.push(...littleEndian(fields.immediates[next++] ?? 0n, length));
  }
  return { bytes, displacementAt, displacementSize: size, immediateAt };
}

/** The prefixes that operand size, address size, repetition and the opcode itself need. */
function choicePrefixes({ encoding, bits, size, addressSize, repeat }: Way): number[] {
  const bytes: number[] = [];
  if (addressSize !== bits / 8) bytes.push(ADDRESS_SIZE);
  if (repeat !== 'none') bytes.push(repeat === 'rep' ? REP : REPNE);
  if (encoding.vex) return bytes;
  if (encoding.prefix === 'LOCK') bytes.push(LOCK);
  if (size === 2 && encoding.prefix !== '66') bytes.push(OPERAND_SIZE);
  if (encoding.prefix === '66') bytes.push(OPERAND_SIZE);
  if (encoding.prefix === 'F2') bytes.push(REPNE);
  if (encoding.prefix === 'F3') bytes.push(REP);
  return bytes;
}

function rexOf({ encoding, bits, size, memory }: Way, fields: Fields): number {
  const high = (register: number, bit: number) => (register >= 8 ? bit : 0);
  const wide = (size === 8 && encoding.row.size64 === undefined) || encoding.wide;
  let rex = bits === 64 && wide ? REX_W : 0;
  if (encoding.registerInOpcode) rex |= high(fields.register, REX_B);
  else {
    rex |= high(fields.register, REX_R);
    rex |= memory
      ? (fields.rexIndex ? REX_X : 0) | (fields.rexBase ? REX_B : 0)
      : high(fields.rm, REX_B) && encoding.hasModrm
        ? REX_B
        : 0;
  }
  return rex !== 0 || fields.plainRex ? REX | rex : 0;
}

const VEX3 = 0xc4;
const VEX2 = 0xc5;
const VEX_PREFIXES: Readonly<Record<string, number>> = { NP: 0, '66': 1, F3: 2, F2: 3 };

/** A VEX prefix with L = 0 (AMD APM volume 3, 1.2.6.2), of two bytes where they say everything and no REX is asked for. */
function vexPrefix(encoding: Encoding, rex: number, { vector, plainRex }: Fields): number[] {
  const map = encoding.map - VEX_MAPS;
  const vvvv = (encoding.usesVvvv ? ~vector & 15 : 15) << 3;
  const last = vvvv | (VEX_PREFIXES[encoding.prefix ?? 'NP'] as number);
  const inverted = (bit: number, at: number) => (rex & bit ? 0 : 1 << at);
  if (map === 1 && !plainRex && (rex & (REX_W | REX_X | REX_B)) === 0)
    return [VEX2, inverted(REX_R, 7) | last];
  const first = inverted(REX_R, 7) | inverted(REX_X, 6) | inverted(REX_B, 5) | map;
  return [VEX3, first, (rex & REX_W ? 0x80 : 0) | last];
}

export function littleEndian(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 0xffn));
}

/** Overwrites `size` bytes at `at` with a little-endian value. */
export function patch(bytes: number[], at: number, value: bigint, size: number): void {
  littleEndian(value, size).forEach((byte, i) => {
    bytes[at + i] = byte;
  });
}
