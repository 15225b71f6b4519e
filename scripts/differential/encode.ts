import { CODE, DATA } from '../../test/oracles/user-case.ts';
import type { Random } from '../../test/oracles/user-case-random.ts';
import type { Form } from './forms.ts';

export const RCX = 1;
export const RSP = 4;
export const RSI = 6;
export const RDI = 7;
const NO_INDEX = 4;
const SIB_FOLLOWS = 4;
const NO_BASE = 5;

const LOCK = 0xf0;
const REPNE = 0xf2;
const REP = 0xf3;
const FS_PREFIX = 0x64;
const GS_PREFIX = 0x65;
const OPERAND_SIZE = 0x66;
const ADDRESS_SIZE = 0x67;
const IGNORED_SEGMENTS = [0x26, 0x2e, 0x36, 0x3e] as const;
const REX = 0x40;
const REX_W = 8;
const REX_R = 4;
const REX_X = 2;
const REX_B = 1;

/** Registers whose value at the start of the case is chosen already. */
export type Pinned = Map<number, bigint>;

export interface Instruction {
  readonly form: Form;
  readonly bytes: readonly number[];
  /** In bytes, for an instruction that is not on bytes. */
  readonly operandSize: 2 | 4 | 8;
  /** Count of a shift that has it in the instruction. */
  readonly count: number | undefined;
  readonly string: boolean;
  /** A relative branch: where its displacement stands in the bytes, and how long it is. */
  readonly branch: { readonly at: number; readonly size: number } | undefined;
}

export interface EncodingContext {
  readonly random: Random;
  /** Of the instruction in the code. */
  readonly offset: number;
  readonly pinned: Pinned;
  readonly bases: { readonly fs: bigint; readonly gs: bigint };
  /** Chooses an address to access. */
  target(random: Random, low: boolean): bigint;
}

interface Prefixes {
  readonly bytes: number[];
  readonly rex: number;
  readonly operandSize: 2 | 4 | 8;
  readonly addressSize: 4 | 8;
  readonly segmentBase: bigint;
}

/** Encodes one form with random prefixes and operands; registers that its memory operand needs are pinned. */
export function encode(form: Form, context: EncodingContext): Instruction {
  const { random } = context;
  const prefixes = choosePrefixes(form, context);
  const start = [...prefixes.bytes, ...(prefixes.rex ? [prefixes.rex] : []), ...form.opcode];
  const operand = form.modrm || form.digit !== undefined ? chooseOperand(form, prefixes, context) : undefined;
  const immediate = chooseImmediate(form, prefixes, context);
  const bytes = [...start, ...(operand?.bytes ?? []), ...immediate];
  if (operand?.relativeAt !== undefined) {
    const end = CODE + BigInt(context.offset + bytes.length);
    const displacement = context.target(random, false) - prefixes.segmentBase - end;
    putLittleEndian(bytes, start.length + operand.relativeAt, displacement, 4);
  }
  const isShift = form.immediate === 1 || (!form.immediate && !form.byCl);
  const count = form.immediate === 1 ? immediate[0] : 1;
  return {
    form,
    bytes,
    operandSize: prefixes.operandSize,
    count: isShift ? count : undefined,
    string: form.string ?? false,
    branch: isRelative(form) ? { at: bytes.length - immediate.length, size: immediate.length } : undefined,
  };
}

const isRelative = ({ immediate }: Form) => immediate === 'relative8' || immediate === 'relative32';

/** The same branch to `target`, an offset in the code; `offset` is the branch's own. */
export function retarget(instruction: Instruction, offset: number, target: number): Instruction {
  if (!instruction.branch) return instruction;
  const bytes = [...instruction.bytes];
  const { at, size } = instruction.branch;
  putLittleEndian(bytes, at, BigInt(target - offset - bytes.length), size);
  return { ...instruction, bytes };
}

function choosePrefixes(form: Form, { random, bases }: EncodingContext): Prefixes {
  const bytes: number[] = [];
  const allowed = (prefix: number) => !form.without?.includes(prefix);
  let wide = false;
  let addressSize: 4 | 8 = 8;
  let segmentBase = 0n;
  if (random.oneIn(4) && allowed(OPERAND_SIZE)) {
    bytes.push(OPERAND_SIZE);
    wide = true;
  }
  if (random.oneIn(10) && allowed(ADDRESS_SIZE)) {
    bytes.push(ADDRESS_SIZE);
    addressSize = 4;
  }
  if (random.oneIn(16)) bytes.push(random.pick(IGNORED_SEGMENTS));
  if (random.oneIn(10) && allowed(FS_PREFIX)) {
    const fs = random.oneIn(2);
    bytes.push(fs ? FS_PREFIX : GS_PREFIX);
    segmentBase = fs ? bases.fs : bases.gs;
  }
  if (random.oneIn(16)) bytes.push(LOCK);
  const repeats = [REP, REPNE].filter(allowed);
  if (
    form.mandatory === undefined &&
    repeats.length > 0 &&
    (form.string ? !random.oneIn(3) : random.oneIn(16))
  ) {
    // Before BSF, BSR and JMPE they name another instruction.
    const other = form.opcode[0] === 0x0f && [0xb8, 0xbc, 0xbd].includes(form.opcode[1] as number);
    if (!other) bytes.push(random.pick(repeats));
  }
  shuffle(bytes, random);
  if (form.mandatory !== undefined) bytes.push(form.mandatory);
  const rex = random.oneIn(2) ? 0 : REX | random.below(16);
  const operandSize = rex & REX_W ? 8 : wide ? 2 : 4;
  return { bytes, rex, operandSize, addressSize, segmentBase };
}

interface Operand {
  readonly bytes: number[];
  /** Position of a displacement that is relative to RIP. */
  readonly relativeAt?: number;
}

function chooseOperand(form: Form, prefixes: Prefixes, context: EncodingContext): Operand {
  const { random, pinned } = context;
  const reg = form.digit ?? random.below(8);
  let mod = random.below(4);
  if (form.modrm === 'memory') mod = random.below(3);
  else if (form.modrm === 'register') mod = 3;
  else if (random.oneIn(2)) mod = 3;
  const rm = random.below(8);
  const bytes = [(mod << 6) | (reg << 3) | rm];
  if (mod === 3) return { bytes };

  if (form.bitOffset) {
    const register = reg | (prefixes.rex & REX_R ? 8 : 0);
    if (!pinned.has(register)) pinned.set(register, BigInt.asUintN(64, BigInt(random.below(4096) - 2048)));
  }
  let base: number | undefined = rm | (prefixes.rex & REX_B ? 8 : 0);
  let index: number | undefined;
  let scale = 1n;
  if (rm === SIB_FOLLOWS) {
    const sib = random.below(256);
    bytes.push(sib);
    scale = 1n << BigInt(sib >> 6);
    const indexField = ((sib >> 3) & 7) | (prefixes.rex & REX_X ? 8 : 0);
    index = indexField === NO_INDEX ? undefined : indexField;
    base = (sib & 7) | (prefixes.rex & REX_B ? 8 : 0);
    if (mod === 0 && (sib & 7) === NO_BASE) base = undefined;
  } else if (mod === 0 && rm === NO_BASE) {
    bytes.push(0, 0, 0, 0);
    return { bytes, relativeAt: 1 };
  }
  const low = prefixes.addressSize === 4;
  if (base === undefined) {
    // An absolute displacement, and perhaps an index.
    const displacement = context.target(random, true) - prefixes.segmentBase;
    const at = bytes.length;
    bytes.push(0, 0, 0, 0);
    putLittleEndian(bytes, at, displacement, 4);
    if (index !== undefined && !pinned.has(index)) pinned.set(index, BigInt(random.below(8)));
    return { bytes };
  }
  const size = mod === 0 ? 0 : mod === 1 ? 1 : 4;
  const displacement =
    size === 0 ? 0n : size === 1 ? BigInt(random.below(256) - 128) : BigInt(random.below(0x2000) - 0x1000);
  const at = bytes.length;
  for (let i = 0; i < size; i++) bytes.push(0);
  putLittleEndian(bytes, at, displacement, size);
  solve({ base, index, scale, displacement, low }, prefixes, context);
  return { bytes };
}

/** Gives base and index start values that make the address a target, where they are still free. */
function solve(
  address: {
    base: number;
    index: number | undefined;
    scale: bigint;
    displacement: bigint;
    low: boolean;
  },
  prefixes: Prefixes,
  { random, pinned, target }: EncodingContext,
): void {
  const { base, index, scale, displacement, low } = address;
  if (index !== undefined && !pinned.has(index)) {
    const value = random.oneIn(8) ? random.interesting() : BigInt(random.below(64) - 32);
    pinned.set(index, BigInt.asUintN(64, value));
  }
  if (pinned.has(base)) return;
  const indexed = index === undefined || index === base ? 0n : (pinned.get(index) as bigint) * scale;
  let linear = target(random, low);
  // Not an offset that only its segment's base makes canonical: see `segmentBase`.
  if (prefixes.segmentBase !== 0n && !isCanonical(linear - prefixes.segmentBase)) linear = DATA + 0x100n;
  let value = linear - displacement - indexed;
  value = low ? BigInt.asUintN(32, value) | (random.u64() << 32n) : value - prefixes.segmentBase;
  pinned.set(base, BigInt.asUintN(64, value));
}

export function isCanonical(address: bigint): boolean {
  return BigInt.asUintN(64, BigInt.asIntN(48, address)) === BigInt.asUintN(64, address);
}

function chooseImmediate(form: Form, prefixes: Prefixes, context: EncodingContext): number[] {
  const { random } = context;
  const nearSize = prefixes.operandSize === 2 ? 2 : 4;
  if (form.immediate === undefined) return [];
  switch (form.immediate) {
    case 1:
      return littleEndian(random.interesting(), 1);
    case 2:
      return littleEndian(BigInt(random.below(random.oneIn(8) ? 0x1_0000 : 64)), 2);
    case 3:
      return [
        ...littleEndian(BigInt(random.below(random.oneIn(16) ? 0x1_0000 : 0x100)), 2),
        random.below(random.oneIn(8) ? 256 : 4),
      ];
    case 'z':
      return littleEndian(random.interesting(), nearSize);
    case 'v':
      return littleEndian(random.interesting(), prefixes.operandSize);
    case 'moffs': {
      const low = prefixes.addressSize === 4;
      const offset = context.target(random, low) - prefixes.segmentBase;
      return littleEndian(low || isCanonical(offset) ? offset : DATA, low ? 4 : 8);
    }
    case 'relative8':
      return [0];
    default:
      return littleEndian(0n, nearSize); // for `retarget`
  }
}

function littleEndian(value: bigint, size: number): number[] {
  const bytes = new Array<number>(size).fill(0);
  putLittleEndian(bytes, 0, value, size);
  return bytes;
}

function putLittleEndian(bytes: number[], at: number, value: bigint, size: number): void {
  for (let i = 0; i < size; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
}

function shuffle(bytes: number[], random: Random): void {
  for (let i = bytes.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = bytes[i] as number;
    bytes[i] = bytes[j] as number;
    bytes[j] = kept;
  }
}
