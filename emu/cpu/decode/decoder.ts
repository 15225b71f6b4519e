import { CLAIMED_FEATURES } from '../families/features.ts';
import * as layout from '../layout.ts';
import { type CpuFeature, isClaimed } from '../system/features.ts';
import { type Encoding, VEX_MAPS } from '../table/encoding.ts';
import type { Form } from '../table/form.ts';
import { type OperandPattern, patternSize } from '../table/form.ts';
import type { FormTable } from '../table/forms.ts';
import { x87Reference } from '../x87/last-instruction.ts';
import { matches, OpcodeMaps } from './lookup.ts';
import { startsVex, type VexFields, vexFields } from './vex.ts';

/** The longest instruction (AMD APM volume 3, 1.1). */
export const MAX_INSTRUCTION_LENGTH = 15;

/** Segment numbers in encoding order, as prefixes choose them. */
const SEGMENT_PREFIX: Readonly<Record<number, number>> = { 38: 0, 46: 1, 54: 2, 62: 3, 100: 4, 101: 5 };
const SS = 2;
const DS = 3;
const FS = 4;
const ES = 0;
/** Register numbers of RSP and RBP. */
const STACK_POINTER = 4;
const FRAME_POINTER = 5;

/** Why bytes did not decode. */
export type DecodeFailure =
  /** No row of the table: an instruction that does not exist or is not implemented. */
  | 'unimplemented'
  /** LOCK where it is not allowed, or a prefix that VEX does not permit. */
  | 'prefix'
  /** More bytes were needed than the source had. */
  | 'truncated'
  /** More than 15 bytes. */
  | 'too long';

/** One decoded instruction. Slots are offsets of layout.ts; a decoder has one object that it fills anew. */
export interface Decoded {
  form: Form;
  encoding: Encoding;
  length: number;
  /** Slots of the register operands 0–2. */
  registers: [number, number, number];
  hasMemory: boolean;
  base: number;
  index: number;
  /** log2 of the index factor. */
  scale: number;
  displacement: bigint;
  /** The displacement is relative to the next instruction's address. */
  ripRelative: boolean;
  /** Segment whose base must be added (encoding order), or -1 in flat addressing. */
  segment: number;
  addressSize: number;
  immediate: bigint;
  /** Displacement of a relative branch, from the next instruction. */
  relative: bigint | undefined;
}

interface Mode {
  /** Address size of the code in bytes: 8, 4 or 2. */
  readonly codeSize: number;
}

const slotOfRegister = (number: number): number => layout.GPR + 8 * number;
const slotOfVector = (number: number): number => layout.XMM + 16 * number;
const slotOfMmx = (number: number): number => layout.X87 + 16 * number;
const slotOfBase = (segment: number): number =>
  layout.SEGMENTS + segment * layout.SEGMENT_SIZE + layout.SEGMENT_BASE;

/** The operand size in bytes of an encoding without VEX. */
function operandSizeOf(
  { row, prefix }: Encoding,
  { codeSize, wide, sizePrefix }: { codeSize: number; wide: boolean; sizePrefix: boolean },
): number {
  // Where 66 belongs to the opcode, or is excluded, legacy code of either size has the same operands.
  if (codeSize !== 8 && (prefix === 'NP' || prefix === '66')) return 4;
  if (codeSize !== 8) return (codeSize === 4) !== sizePrefix ? 4 : 2;
  if (wide || row.size64 === 'force') return 8;
  if (sizePrefix) return 2;
  return row.size64 === 'default' ? 8 : 4;
}

/** Decodes machine code against the instruction table. */
export class Decoder {
  readonly #forms: FormTable;
  readonly #maps: OpcodeMaps;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #overrun = false;

  readonly decoded: Decoded;
  failure: DecodeFailure = 'unimplemented';

  /** `features`: those that CPUID claims. An instruction of any other does not decode, or decodes as what it was before. */
  constructor(forms: FormTable, features: ReadonlySet<CpuFeature> = CLAIMED_FEATURES) {
    this.#forms = forms;
    this.#maps = new OpcodeMaps(forms.encodings.filter(({ row }) => isClaimed(row.feature, features)));
    this.decoded = {
      form: forms.forms[0] as Form,
      encoding: forms.encodings[0] as Encoding,
      length: 0,
      registers: [layout.ZERO, layout.ZERO, layout.ZERO],
      hasMemory: false,
      base: layout.ZERO,
      index: layout.ZERO,
      scale: 0,
      displacement: 0n,
      ripRelative: false,
      segment: -1,
      addressSize: 8,
      immediate: 0n,
      relative: undefined,
    };
  }

  #byte(): number {
    if (this.#at >= this.#end) {
      this.#overrun = true;
      return 0;
    }
    return this.#bytes[this.#at++] as number;
  }

  /** The byte that `#byte` will return. */
  #peek(): number {
    if (this.#at >= this.#end) this.#overrun = true;
    return this.#overrun ? 0 : (this.#bytes[this.#at] as number);
  }

  /** A little-endian signed integer of 1, 2, 4 or 8 bytes. */
  #signed(size: number): bigint {
    if (size === 8) {
      const low = this.#signed(4);
      return BigInt.asIntN(64, (this.#signed(4) << 32n) | BigInt.asUintN(32, low));
    }
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.#byte() << (8 * i);
    return BigInt(size === 4 ? value | 0 : (value << (32 - 8 * size)) >> (32 - 8 * size));
  }

  /**
   * Decodes the instruction at `bytes[at]`, reading no further than `end`. Returns whether it decoded; else `failure` says
   * why, and `decoded.length` the number of bytes looked at.
   */
  decode(bytes: Uint8Array, at: number, end: number, { codeSize }: Mode): boolean {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = Math.min(end, at + MAX_INSTRUCTION_LENGTH);
    this.#overrun = false;
    const ok = this.#instruction(codeSize);
    this.decoded.length = this.#at - at;
    if (this.#overrun) {
      this.failure = this.#end - at >= MAX_INSTRUCTION_LENGTH ? 'too long' : 'truncated';
      return false;
    }
    return ok;
  }

  #instruction(codeSize: number): boolean {
    const out = this.decoded;
    const long = codeSize === 8;
    let operandSizePrefix = false;
    let addressSizePrefix = false;
    let repeat = 0;
    let lock = false;
    let segment = -1;
    let rex = 0;
    let opcode = 0;
    for (;;) {
      opcode = this.#byte();
      if (this.#overrun) return false;
      const override = SEGMENT_PREFIX[opcode];
      if (override !== undefined) {
        if (!long || override >= FS) segment = override;
      } else if (opcode === 0x66) operandSizePrefix = true;
      else if (opcode === 0x67) addressSizePrefix = true;
      else if (opcode === 0xf2 || opcode === 0xf3) repeat = opcode;
      else if (opcode === 0xf0) lock = true;
      else if (long && (opcode & 0xf0) === 0x40) {
        // REX counts only immediately before the opcode; any prefix after it cancels it.
        rex = opcode;
        continue;
      } else break;
      rex = 0;
    }
    let map = 0;
    let vex: VexFields | undefined;
    if (startsVex(opcode, () => this.#peek(), long)) {
      if (lock || repeat !== 0 || operandSizePrefix || rex !== 0) {
        this.failure = 'prefix';
        return false;
      }
      vex = vexFields(opcode, () => this.#byte(), long);
      if (vex === undefined) {
        this.failure = 'unimplemented';
        return false;
      }
      ({ rex, repeat, operandSize: operandSizePrefix } = vex);
      map = VEX_MAPS + vex.map;
      opcode = this.#byte();
    } else if (opcode === 0x0f) {
      map = 1;
      opcode = this.#byte();
      if (opcode === 0x38 || opcode === 0x3a) {
        map = opcode === 0x38 ? 2 : 3;
        opcode = this.#byte();
      }
    }
    const candidates = this.#maps.candidates(map, opcode);
    const wide = (rex & 8) !== 0;
    const prefixes = { operandSize: operandSizePrefix, repeat, lock, long, wide, vex };
    let modrm = -1;
    if (candidates.some(({ hasModrm }) => hasModrm)) modrm = this.#byte();
    const encoding = candidates.find((candidate) => matches(candidate, prefixes, modrm));
    if (encoding === undefined) {
      this.failure = 'unimplemented';
      return false;
    }
    if (!encoding.hasModrm && modrm >= 0) this.#at--;
    const { row } = encoding;
    const size =
      vex !== undefined
        ? wide
          ? 8
          : 4
        : operandSizeOf(encoding, {
            codeSize,
            wide,
            sizePrefix: operandSizePrefix && encoding.prefix !== '66',
          });
    const addressSize = long ? (addressSizePrefix ? 4 : 8) : (codeSize === 4) !== addressSizePrefix ? 4 : 2;
    const hasRegisterOnly = encoding.modrm !== undefined || encoding.ignoresMod;
    const memory = encoding.hasModrm && !hasRegisterOnly && modrm < 0xc0;
    out.encoding = encoding;
    out.hasMemory = false;
    out.base = layout.ZERO;
    out.index = layout.ZERO;
    out.scale = 0;
    out.displacement = 0n;
    out.ripRelative = false;
    out.segment = -1;
    out.addressSize = addressSize;
    out.immediate = 0n;
    out.relative = undefined;
    if (memory) this.#memoryOperand(modrm, rex, addressSize, segment, long);
    if (row.addressAfterPop === true && out.base === slotOfRegister(STACK_POINTER)) {
      out.displacement += BigInt(size);
    }
    const repeated = row.repeat !== undefined && repeat !== 0;
    out.form = this.#forms.form(encoding, {
      size,
      addressSize,
      long,
      memory,
      repeat: !repeated ? 'none' : repeat === 0xf3 ? 'rep' : 'repne',
    });
    encoding.operands.forEach((pattern, index) => {
      const vvvv = vex?.vvvv ?? 0;
      this.#operand(pattern, index, { opcode, modrm, rex, vvvv, size, addressSize, segment, long });
    });
    if (row.addressed === true && !out.hasMemory && out.relative === undefined) {
      // String instructions and those with an implicit address: the source's segment base stands in the base field, the destination's in the index field.
      out.segment = segment >= 0 ? segment : long ? -1 : DS;
      out.base = out.segment >= 0 ? slotOfBase(out.segment) : layout.ZERO;
      out.index = long ? layout.ZERO : slotOfBase(ES);
    }
    if (row.remembered === true) this.#rememberX87(opcode, modrm);
    if (lock && encoding.prefix !== 'LOCK' && !(row.lock === true && memory)) {
      this.failure = 'prefix';
      return false;
    }
    return true;
  }

  #operand(
    pattern: OperandPattern,
    index: number,
    context: {
      opcode: number;
      modrm: number;
      rex: number;
      vvvv: number;
      size: number;
      addressSize: number;
      segment: number;
      long: boolean;
    },
  ): void {
    const { modrm, rex } = context;
    const out = this.decoded;
    const size = patternSize(pattern, context.size);
    const register = (number: number): void => {
      out.registers[index] =
        size === 1 && rex === 0 && number >= 4 ? slotOfRegister(number - 4) + 1 : slotOfRegister(number);
    };
    switch (pattern.where) {
      case 'E':
      case 'R':
        if (modrm >= 0xc0 || out.encoding.ignoresMod) register((modrm & 7) | ((rex & 1) << 3));
        break;
      case 'V':
        out.registers[index] = slotOfVector(((modrm >> 3) & 7) | ((rex & 4) << 1));
        break;
      case 'W':
      case 'U':
        if (modrm >= 0xc0) out.registers[index] = slotOfVector((modrm & 7) | ((rex & 1) << 3));
        break;
      case 'STi':
        out.registers[index] = modrm & 7;
        break;
      // There are eight MMX registers: REX does not count.
      case 'P':
        out.registers[index] = slotOfMmx((modrm >> 3) & 7);
        break;
      case 'Q':
      case 'N':
        if (modrm >= 0xc0) out.registers[index] = slotOfMmx(modrm & 7);
        break;
      case 'G':
        register(((modrm >> 3) & 7) | ((rex & 4) << 1));
        break;
      case 'B':
        register(context.vvvv);
        break;
      case 'Z':
        register((context.opcode & 7) | ((rex & 1) << 3));
        break;
      case 'fixed':
        out.registers[index] = slotOfRegister(pattern.register);
        break;
      case 'S':
        out.registers[index] = (modrm >> 3) & 7;
        break;
      case 'C':
      case 'D':
        out.registers[index] = ((modrm >> 3) & 7) | ((rex & 4) << 1);
        break;
      case 'I':
        // ENTER, EXTRQ and INSERTQ have two immediates: the second stands above the first.
        out.immediate =
          index > 0 && out.encoding.operands[index - 1]?.where === 'I'
            ? BigInt.asUintN(16, out.immediate) | (BigInt.asUintN(8, this.#signed(size)) << 16n)
            : this.#signed(size);
        break;
      case 'Is':
        out.immediate = this.#signed(1);
        break;
      case 'one':
        out.immediate = 1n;
        break;
      case 'J':
        out.relative = this.#signed(pattern.size === 'b' ? 1 : context.size === 2 ? 2 : 4);
        break;
      case 'O':
        out.hasMemory = true;
        out.displacement = this.#signed(context.addressSize);
        if (!context.long) out.displacement = BigInt.asUintN(context.addressSize * 8, out.displacement);
        out.segment = context.segment >= 0 ? context.segment : context.long ? -1 : DS;
        break;
      case 'A':
        // ptr16:16/32: the offset in the immediate, the selector in the displacement.
        out.immediate = BigInt.asUintN(context.size * 8, this.#signed(context.size));
        out.displacement = BigInt.asUintN(16, this.#signed(2));
        break;
      default:
        break;
    }
  }

  /** Puts an x87 instruction's opcode and the segment of its memory operand where the immediate would stand (see `x87/last-instruction.ts`). */
  #rememberX87(opcode: number, modrm: number): void {
    const out = this.decoded;
    const inStack = out.base === slotOfRegister(STACK_POINTER) || out.base === slotOfRegister(FRAME_POINTER);
    const segment = out.segment >= 0 ? out.segment : inStack ? SS : DS;
    const based = out.segment >= 0;
    out.immediate = BigInt(x87Reference({ opcode: ((opcode & 7) << 8) | modrm, segment, based }));
  }

  #memoryOperand(modrm: number, rex: number, addressSize: number, segment: number, long: boolean): void {
    const out = this.decoded;
    out.hasMemory = true;
    let stackBased: boolean;
    if (addressSize === 2) stackBased = this.#memory16(modrm);
    else stackBased = this.#memory32(modrm, rex, long);
    out.segment = segment >= 0 ? segment : long ? -1 : stackBased ? SS : DS;
  }

  /** Table 2-1 of the Intel SDM, volume 2: 16-bit addressing. Returns whether SS is the default segment. */
  #memory16(modrm: number): boolean {
    const out = this.decoded;
    const mod = modrm >> 6;
    const rm = modrm & 7;
    const bases = [3, 3, 5, 5, 6, 7, 5, 3];
    const indexes = [6, 7, 6, 7, -1, -1, -1, -1];
    if (mod === 0 && rm === 6) {
      out.displacement = BigInt.asUintN(16, this.#signed(2));
      return false;
    }
    out.base = slotOfRegister(bases[rm] as number);
    const index = indexes[rm] as number;
    if (index >= 0) out.index = slotOfRegister(index);
    if (mod !== 0) out.displacement = this.#signed(mod === 1 ? 1 : 2);
    return bases[rm] === 5;
  }

  /** 32- and 64-bit addressing with SIB. Returns whether SS is the default segment. */
  #memory32(modrm: number, rex: number, long: boolean): boolean {
    const out = this.decoded;
    const mod = modrm >> 6;
    let rm = modrm & 7;
    let hasBase = true;
    if (rm === 4) {
      const sib = this.#byte();
      const index = ((sib >> 3) & 7) | ((rex & 2) << 2);
      if (index !== 4) {
        out.index = slotOfRegister(index);
        out.scale = sib >> 6;
      }
      rm = sib & 7;
      hasBase = !(mod === 0 && rm === 5);
    } else if (mod === 0 && rm === 5) {
      hasBase = false;
      out.ripRelative = long;
    }
    const base = rm | ((rex & 1) << 3);
    if (hasBase) out.base = slotOfRegister(base);
    if (!hasBase || mod === 2) out.displacement = this.#signed(4);
    else if (mod === 1) out.displacement = this.#signed(1);
    return hasBase && (base === 4 || base === 5);
  }
}
