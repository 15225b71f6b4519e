import type { Form } from '../../emu/cpu/table/form.ts';
import { CODE_32, USER_CODE_32, USER_CODE_64, USER_DATA } from '../../test/oracles/user-case.ts';
import type { Random } from '../../test/oracles/user-case-random.ts';
import { effectiveSize, type Way } from './encoder.ts';
import { vectorStateImage } from './fx-state.ts';
import type { Instruction } from './instruction.ts';
import { isCanonical, type TargetWish, targetAddress } from './places.ts';

export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSP = 4;
export const RBP = 5;
export const RSI = 6;
export const RDI = 7;

/** The start state of a case while it is made up for one of its instructions. */
export interface StateContext {
  readonly random: Random;
  readonly instruction: Instruction;
  readonly bits: 32 | 64;
  /** The registers; those of address operands are pinned. */
  register(index: number): bigint;
  /** Sets a register unless it is pinned. */
  set(index: number, value: bigint): void;
  /** The linear address of the instruction's memory operand; undefined without one. */
  readonly linear: bigint | undefined;
  /** Initial bytes at an address, zero where nothing was laid. */
  peek(address: bigint, length: number): Uint8Array;
  /** Lays bytes at an address, where memory is mapped. */
  poke(address: bigint, bytes: Uint8Array): void;
  /** Just behind the code, or a little further, where a jump ends the case; an offset of less than 8 bytes reaches low code only. */
  codeTarget(size: number): bigint;
}

type Recipe = (context: StateContext) => void;

/** What an access of a form's memory operand should find. */
export function operandWish(form: Form, way: Way): Omit<TargetWish, 'bits' | 'low'> {
  const operand = form.operands.find(({ kind }) => kind === 'memory');
  const named = AREA_SIZES[form.mnemonic];
  if (named !== undefined) return named;
  // An address without a size: far pointers, pairs, and addresses that nothing is read from.
  const size = operand?.size ?? 2 * effectiveSize(way);
  return {
    size: size === 8 && operand !== undefined && way.encoding.row.operands === 'M' ? 16 : size,
    aligned: operand?.aligned ?? false,
  };
}

/** XSAVE's area is a multiple of 64 bytes away from zero. */
const EXTENDED_AREA = { size: 64, aligned: true };
const EXTENDED_STATE = /^(XSAVE\w*|XRSTOR\w*)$/;

/** Whether an instruction loads or stores a state whose image, or choice, others must not have changed. */
export const standsAlone = ({ mnemonic }: Form): boolean =>
  EXTENDED_STATE.test(mnemonic) || /^(FXRSTOR|FRSTOR|FLDENV)$/.test(mnemonic);

/** Registers whose value an instruction takes as an operand and that no address may change. */
export function pinnedFor({ mnemonic }: Form, random: Random): readonly (readonly [number, bigint])[] {
  if (!EXTENDED_STATE.test(mnemonic)) return [];
  // Which states are meant: x87 and SSE; the host has more.
  return [
    [RAX, BigInt(random.below(4))],
    [RDX, 0n],
  ];
}

const AREA_SIZES: Readonly<Record<string, Omit<TargetWish, 'bits' | 'low'>>> = {
  XSAVE: EXTENDED_AREA,
  XSAVEOPT: EXTENDED_AREA,
  XRSTOR: EXTENDED_AREA,
  FXSAVE: { size: 512, aligned: false },
  FXRSTOR: { size: 512, aligned: false },
  CMPXCHG8B: { size: 16, aligned: true },
  FNSAVE: { size: 108, aligned: false },
  FRSTOR: { size: 108, aligned: false },
};

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function numberBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(8);
  view(bytes).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes.slice(0, size);
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const sizeOf = ({ instruction }: StateContext): number =>
  instruction.form.size || effectiveSize(instruction.way);

/** Dividends that do not overflow, half the time. */
const divide: Recipe = (context) => {
  const { random } = context;
  if (random.oneIn(3)) return;
  const size = context.instruction.form.operands[0]?.size ?? 4;
  if (size === 1) {
    context.set(RAX, (context.random.u64() & ~0xffffn) | BigInt(random.below(0x200)));
    return;
  }
  const negative = context.instruction.form.mnemonic === 'IDIV' && random.oneIn(2);
  context.set(RDX, negative ? -1n : random.oneIn(3) ? BigInt(random.below(4)) : 0n);
};

const string: Recipe = (context) => {
  const { random, bits, instruction } = context;
  const { form } = instruction;
  const size = Math.max(1, form.size);
  const safe = form.mnemonic.startsWith('CMPS');
  const low = form.addressSize < 8;
  const target = (offset: boolean): bigint => {
    if (form.addressSize === 2) return BigInt(random.below(0x2000)) | (BigInt(random.below(0x10000)) << 16n);
    const address = targetAddress(random, { bits, size, aligned: false, low, safe: offset && safe });
    return isCanonical(address) ? address : 0x1234n;
  };
  // When both operands of CMPS would fault, processors do not agree which one is reported: RSI must not.
  context.set(RSI, target(true));
  context.set(RDI, target(false));
  const above = form.addressSize === 8 ? 0n : random.u64() << BigInt(8 * form.addressSize);
  context.set(RCX, above | BigInt(random.oneIn(20) ? random.below(2000) : random.below(20)));
};

const compareExchange: Recipe = (context) => {
  const { random, linear, instruction } = context;
  if (random.oneIn(2)) return;
  const size = instruction.form.operands[0]?.size ?? 4;
  if (linear === undefined) return;
  const value = view(context.peek(linear, 8)).getBigUint64(0, true);
  const mask = (1n << BigInt(8 * size)) - 1n;
  context.set(RAX, (context.register(RAX) & ~mask) | (value & mask));
};

const compareExchangePair: Recipe = (context) => {
  const { random, linear } = context;
  if (linear === undefined || random.oneIn(2)) return;
  const half = sizeOf(context) === 8 ? 8 : 4;
  const bytes = view(context.peek(linear, 16));
  const read = (at: number) =>
    half === 8 ? bytes.getBigUint64(at, true) : BigInt(bytes.getUint32(at, true));
  context.set(RAX, read(0));
  context.set(RDX, read(half));
};

/** A code address in the operand of an indirect jump, or on the stack for RET. */
const nearTarget: Recipe = (context) => {
  const { random, linear, instruction } = context;
  if (random.oneIn(8)) return;
  const size = sizeOf(context);
  const target = context.codeTarget(size);
  if (instruction.form.mnemonic === 'RET') context.poke(context.register(RSP), numberBytes(target, size));
  else if (linear !== undefined) context.poke(linear, numberBytes(target, size));
  else if (instruction.way.memory === false) setRegisterOperand(context, target);
};

/** Gives the register that ModRM.rm names a value. */
function setRegisterOperand(context: StateContext, value: bigint): void {
  const { registers, way } = context.instruction;
  const at = way.encoding.operands.findIndex(({ where }) => where === 'E' || where === 'R');
  const register = registers[at];
  if (register !== undefined) context.set(register, value);
}

const SELECTORS = [
  0,
  3,
  USER_CODE_32,
  USER_CODE_64,
  USER_DATA,
  0x07,
  0x0f,
  0x10,
  0x18,
  0x28,
  0x13,
  0x2a,
  0x30,
];
const selector = (random: Random): bigint =>
  BigInt(random.oneIn(16) ? random.below(0x80) & ~0x78 : random.pick(SELECTORS));

/** A far pointer in the instruction: its offset and selector as one number; behind the code of any case there is INT3. */
export function directFarPointer(random: Random, size: number): bigint {
  const code = random.oneIn(8) ? selector(random) : BigInt(random.oneIn(8) ? USER_CODE_64 : USER_CODE_32);
  const target = CODE_32 + 0x200n + BigInt(random.below(16));
  return BigInt.asUintN(8 * size, target) | (code << BigInt(8 * size));
}

/** The selector of the code size that the case has, mostly. */
function codeSelector({ random, bits }: StateContext): bigint {
  if (random.oneIn(8)) return selector(random);
  return BigInt((bits === 64) !== random.oneIn(8) ? USER_CODE_64 : USER_CODE_32);
}

/** Size of the offset in a far pointer in memory, which REX.W does not widen on AMD's processors. */
const farOffsetSize = (context: StateContext): number => Math.min(sizeOf(context), 4);

/** Offset and selector for a far transfer, at the operand or on the stack. */
const farTarget: Recipe = (context) => {
  const { linear, instruction } = context;
  const onStack = linear === undefined;
  const size = onStack ? sizeOf(context) : farOffsetSize(context);
  const pointer = (padded: boolean) =>
    join(numberBytes(context.codeTarget(size), size), numberBytes(codeSelector(context), padded ? size : 2));
  if (linear !== undefined) context.poke(linear, pointer(false));
  else if (instruction.form.mnemonic === 'RETF') context.poke(context.register(RSP), pointer(true));
};

const STATUS_AND_DIRECTION = 0xcd5n;

/** A frame for IRET to the ring that it comes from. */
const interruptReturn: Recipe = (context) => {
  const { random, bits } = context;
  const size = sizeOf(context);
  const flags = (random.u64() & STATUS_AND_DIRECTION) | 2n;
  const frame = [context.codeTarget(size), codeSelector(context), flags];
  if (bits === 64) frame.push(context.register(RSP), BigInt(random.oneIn(8) ? 0x28 : USER_DATA));
  context.poke(context.register(RSP), join(...frame.map((value) => numberBytes(value, size))));
};

/** An image of the flags without the trap flag, nested task and alignment checks, and without ID, which a host's system would keep. */
const popFlags: Recipe = (context) => {
  const image =
    context.random.u64() & (context.random.oneIn(4) ? 0x1f_3effn & ~0x4_4000n : STATUS_AND_DIRECTION);
  context.poke(context.register(RSP), numberBytes(image, 8));
};

const popSelector: Recipe = (context) => {
  context.poke(context.register(RSP), numberBytes(selector(context.random), 8));
};

/** A selector as the operand: in memory, or in the register. */
const operandSelector: Recipe = (context) => {
  const { linear, random } = context;
  if (linear !== undefined) context.poke(linear, numberBytes(selector(random), 2));
  else setRegisterOperand(context, (random.u64() & ~0xffffn) | selector(random));
};

/** A far pointer to load a segment register from. */
const farPointer: Recipe = (context) => {
  const { linear, random } = context;
  if (linear === undefined) return;
  const offset = numberBytes(random.u64(), farOffsetSize(context));
  context.poke(linear, join(offset, numberBytes(selector(random), 2)));
};

const framePointer: Recipe = (context) => {
  const { random } = context;
  const near = BigInt(random.below(0x400) - 0x100) & ~(random.oneIn(4) ? 0n : 7n);
  if (!random.oneIn(10)) context.set(RBP, context.register(RSP) + near);
};

const counter: Recipe = (context) => {
  const { random, instruction } = context;
  const above =
    instruction.form.addressSize === 8 ? 0n : random.u64() << BigInt(8 * instruction.form.addressSize);
  if (!random.oneIn(4)) context.set(RCX, above | BigInt(random.below(4)));
};

const translate: Recipe = (context) => {
  const { random, bits, instruction } = context;
  const low = instruction.form.addressSize < 8;
  const target = targetAddress(random, { bits, size: 1, aligned: false, low });
  const offset = instruction.form.addressSize === 2 ? BigInt(random.below(0x2000)) : target;
  context.set(RBX, offset - (context.register(RAX) & 0xffn));
};

const maskedStore: Recipe = (context) => {
  const { random, bits, instruction } = context;
  const { addressSize } = instruction.form;
  // Not at the end of the canonical addresses: how many bytes an empty mask would have reached is a processor's own business.
  const wish = { bits, size: 16, aligned: false, low: addressSize === 4 };
  const any = targetAddress(random, wish);
  const target = any > 1n << 46n ? targetAddress(random, { ...wish, safe: true }) : any;
  context.set(RDI, addressSize === 2 ? BigInt(random.below(0x2000)) : target);
};

const canonicalBase: Recipe = (context) => {
  const value = context.random.u64() >> 17n;
  if (!context.random.oneIn(4)) setRegisterOperand(context, value);
};

const mxcsr: Recipe = (context) => {
  const { linear, random } = context;
  if (linear === undefined || random.oneIn(6)) return;
  context.poke(linear, numberBytes(BigInt(random.below(0x10000)), 4));
};

/** An image of the x87 and vector state, as FXRSTOR wants it; without bits that it refuses, mostly. */
const stateImage: Recipe = (context) => {
  const { linear, random } = context;
  if (linear === undefined) return;
  const image = vectorStateImage(random);
  // MXCSR's reserved bits are refused.
  if (random.oneIn(8)) image.set(random.bytes(4), MXCSR);
  context.poke(linear, image);
};
const MXCSR = 24;

/** An XSAVE area: FXSAVE's image and a header that names some of the two states. */
const extendedImage: Recipe = (context) => {
  const { linear, random } = context;
  if (linear === undefined) return;
  const header = new Uint8Array(64);
  header[0] = random.below(4);
  // The two lowest bytes name states of which the host has more; what follows must be zero everywhere.
  if (random.oneIn(8)) header[2 + random.below(header.length - 2)] = random.below(256);
  context.poke(linear, join(vectorStateImage(random), header));
};

const lengths: Recipe = (context) => {
  for (const register of [RAX, RDX]) {
    if (!context.random.oneIn(4)) context.set(register, BigInt(context.random.below(40) - 20));
  }
};

const shiftCount: Recipe = (context) => {
  const { random } = context;
  if (random.oneIn(2)) context.set(RCX, (random.u64() & ~0xffn) | BigInt(random.below(70)));
};

const byName: Readonly<Record<string, Recipe>> = {
  XGETBV: (context) => context.set(RCX, 0n),
  DIV: divide,
  IDIV: divide,
  CMPXCHG: compareExchange,
  CMPXCHG8B: compareExchangePair,
  CMPXCHG16B: compareExchangePair,
  RET: nearTarget,
  RETF: farTarget,
  IRET: interruptReturn,
  POPF: popFlags,
  LES: farPointer,
  LDS: farPointer,
  LSS: farPointer,
  LFS: farPointer,
  LGS: farPointer,
  LAR: operandSelector,
  LSL: operandSelector,
  VERR: operandSelector,
  VERW: operandSelector,
  ENTER: framePointer,
  LEAVE: framePointer,
  LOOP: counter,
  LOOPE: counter,
  LOOPNE: counter,
  JCXZ: counter,
  XLAT: translate,
  MASKMOVQ: maskedStore,
  MASKMOVDQU: maskedStore,
  WRFSBASE: canonicalBase,
  WRGSBASE: canonicalBase,
  LDMXCSR: mxcsr,
  FXRSTOR: stateImage,
  XRSTOR: extendedImage,
  PCMPESTRI: lengths,
  PCMPESTRM: lengths,
};

/** What makes a good start state for a form; undefined when random registers and memory will do. */
export function recipeOf({ form, way }: Instruction): Recipe | undefined {
  const { row } = way.encoding;
  const { operands, mnemonic } = row;
  if (row.repeat !== undefined) return string;
  if (operands.startsWith('Sw')) return operandSelector;
  if ((mnemonic === 'JMP' || mnemonic === 'CALL') && operands === 'Ev') return nearTarget;
  if ((mnemonic === 'JMP' || mnemonic === 'CALL') && operands === 'M') return farTarget;
  if (mnemonic === 'POP' && operands === '') return popSelector;
  if (operands.endsWith(',CL')) return shiftCount;
  return byName[form.mnemonic];
}
