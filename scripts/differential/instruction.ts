import type { Encoding } from '../../emu/cpu/table/encoding.ts';
import type { Form } from '../../emu/cpu/table/form.ts';
import type { Random } from '../../test/oracles/user-case-random.ts';
import { type Address, addressOf, aimAt, type Pinned, registerOf, type SegmentState } from './addressing.ts';
import {
  type Encoded,
  effectiveSize,
  encode,
  type Fields,
  immediateSize,
  patch,
  type Way,
} from './encoder.ts';
import { directFarPointer, operandWish } from './recipes.ts';
import { decodeWhole } from './ways.ts';

/** One instruction of a generated case. */
export interface Instruction {
  readonly form: Form;
  readonly way: Way;
  readonly bytes: readonly number[];
  /** Its memory operand. */
  readonly address: Address | undefined;
  readonly immediate: bigint;
  /** Number of the general register that each operand is, where it is one. */
  readonly registers: readonly (number | undefined)[];
  /** A relative branch: where its displacement stands in the bytes, and how long it is. */
  readonly branch: { readonly at: number; readonly size: number } | undefined;
  /** LOCK stands before an instruction that may not have it: #UD, and the form is not executed. */
  readonly refused: boolean;
}

export interface InstructionContext extends SegmentState {
  readonly random: Random;
  /** Of the instruction in the code. */
  readonly offset: number;
  readonly pinned: Pinned;
}

const LOCK = 0xf0;
const REPEATS = [0xf2, 0xf3] as const;
const IGNORED_SEGMENTS = [0x26, 0x2e, 0x36, 0x3e] as const;
const FS_GS = [0x64, 0x65] as const;
/** Not CS, which nothing can be written through. */
const DATA_SEGMENTS = [0x26, 0x36, 0x3e, ...FS_GS];
/** NOP, which REP turns into PAUSE, and the LOOPs, which the host's processor confuses with a REP prefix. */
const NO_REPEAT = [0x90, 0xe0, 0xe1, 0xe2];
const TRIES = 16;

/** Thrown when no bytes could be found for a form: the encoder and the decoder disagree about the row. */
export class EncodingError extends Error {
  readonly code = 'ERR_ENCODING';
  override readonly name = 'EncodingError';
}

/** Writes an instruction of a form in one of its ways, with random fields; pins registers that its memory operand needs. */
export function makeInstruction(way: Way, form: Form, context: InstructionContext): Instruction {
  const { random } = context;
  for (let tries = 0; tries < TRIES; tries++) {
    // Prefixes that do not belong to the row may make another instruction of it: the last tries go without.
    const fields = randomFields(way, random, tries < TRIES / 2);
    const encoded = encode(way, fields);
    const decoded = decodeWhole(encoded.bytes, way.bits);
    if (decoded === undefined || decoded.encoding !== way.encoding || decoded.form !== form) continue;
    const hasAddress = decoded.hasMemory;
    const address = hasAddress ? addressOf(decoded, context) : undefined;
    const wish = operandWish(form, way);
    if (address !== undefined && encoded.displacementSize + encoded.immediateAt > 0) {
      aimAt({ ...context, way, address, encoded: withOffsetField(encoded, way), wish });
    }
    const { bytes } = encoded;
    const again = decodeWhole(bytes, way.bits);
    if (again === undefined) continue;
    const refused = random.oneIn(48) && !lockable(form, way);
    return {
      form,
      way,
      bytes: refused ? [LOCK, ...bytes] : bytes,
      address: again.hasMemory ? addressOf(again, context) : undefined,
      immediate: again.immediate,
      registers: again.registers.map(registerOf),
      branch: branchField(way.encoding, way, encoded),
      refused,
    };
  }
  throw new EncodingError(`${form.key}: no bytes found that decode to ${way.encoding.row.encoding}`);
}

const lockable = ({ row }: Form, { memory, encoding }: Way): boolean =>
  (row.lock === true && memory) || encoding.prefix === 'LOCK' || /[CD]q/.test(row.operands);

/** MOV with an absolute offset has it where others have an immediate. */
function withOffsetField(encoded: Encoded, way: Way): Encoded {
  if (!way.encoding.operands.some(({ where }) => where === 'O')) return encoded;
  return { ...encoded, displacementAt: encoded.immediateAt, displacementSize: way.addressSize };
}

function branchField(encoding: Encoding, way: Way, { immediateAt }: Encoded): Instruction['branch'] {
  const relative = encoding.operands.find(({ where }) => where === 'J');
  return relative && { at: immediateAt, size: immediateSize(relative, way) };
}

/** The same branch to `target`, an offset in the code; `offset` is the branch's own. */
export function retarget(instruction: Instruction, offset: number, target: number): Instruction {
  if (!instruction.branch) return instruction;
  const bytes = [...instruction.bytes];
  const { at, size } = instruction.branch;
  patch(bytes, at + (instruction.refused ? 1 : 0), BigInt(target - offset - bytes.length), size);
  return { ...instruction, bytes };
}

function randomFields(way: Way, random: Random, extras: boolean): Fields {
  const { bits } = way;
  const registers = bits === 64 ? 16 : 8;
  const mod = random.below(3);
  const wide = way.addressSize === 2 ? 0x800 : 0x2000;
  const displacement = mod === 1 ? random.below(256) - 128 : random.below(wide) - wide / 2;
  const rex = () => (bits === 64 ? random.below(2) : 0);
  // Without REX only half of the registers can be named; byte registers are then other ones.
  const plain = bits === 32 || random.oneIn(2);
  const register = random.below(plain ? 8 : registers);
  return {
    register,
    rm: random.below(plain ? 8 : registers),
    memory: { mod, rm: random.below(8), sib: random.below(256), displacement: BigInt(displacement) },
    rexIndex: plain ? 0 : rex(),
    rexBase: plain ? 0 : rex(),
    plainRex: !plain,
    vector: random.below(registers),
    immediates: [firstImmediate(way, random), random.oneIn(4) ? random.u64() : BigInt(random.below(8))],
    prefixes: extras ? extraPrefixes(way, random) : [],
  };
}

function firstImmediate(way: Way, random: Random): bigint {
  const isFarPointer = way.encoding.operands.some(({ where }) => where === 'A');
  // Vector 80h is a system call on the host.
  const { mnemonic } = way.encoding.row;
  // Ports that no device has.
  if (mnemonic === 'IN' || mnemonic === 'OUT') return BigInt(0xe0 + random.below(5));
  if (mnemonic === 'INT') return BigInt(random.below(0x80));
  return isFarPointer ? directFarPointer(random, effectiveSize(way)) : random.interesting();
}

function extraPrefixes({ bits, encoding, memory, repeat }: Way, random: Random): number[] {
  const bytes: number[] = [];
  const { row, map, opcode } = encoding;
  if (bits === 64) {
    if (random.oneIn(16)) bytes.push(random.pick(IGNORED_SEGMENTS));
    if (random.oneIn(10)) bytes.push(random.pick(FS_GS));
  } else if (random.oneIn(6)) bytes.push(random.pick(DATA_SEGMENTS));
  if (row.lock === true && memory && random.oneIn(4)) bytes.push(LOCK);
  if (map === 0 && repeat === 'none' && row.repeat === undefined && random.oneIn(16)) {
    if (!NO_REPEAT.includes(opcode)) bytes.push(random.pick(REPEATS));
  }
  return bytes;
}
