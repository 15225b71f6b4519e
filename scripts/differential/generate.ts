import { undefinedFlagsAfter } from '../../test/oracles/undefined-flags.ts';
import {
  AFTER_UNMAPPED,
  CODE,
  DATA,
  DF,
  GPRS,
  LOW,
  type Outcome,
  PAGE_BYTES,
  READ_ONLY,
  STACK,
  STACK_END,
  STATUS_FLAGS,
  UNMAPPED,
  type UserCase,
} from '../../test/oracles/user-case.ts';
import { Random } from '../../test/oracles/user-case-random.ts';
import {
  encode,
  type Instruction,
  isCanonical,
  type Pinned,
  RCX,
  RDI,
  RSI,
  RSP,
  retarget,
} from './encode.ts';
import type { Form } from './forms.ts';

/** A random case, with what is needed to compare and to shrink it. */
export interface GeneratedCase {
  readonly test: UserCase;
  readonly instructions: readonly Instruction[];
}

const MAX_INSTRUCTIONS = 5;
/** CMP of two 64-bit registers: defines every status flag. */
const COMPARE = 0x39;
const REX_W = 0x48;

/** Writes one case from its own seed: the same seed and forms give the same case. */
export function generateCase(forms: readonly Form[], seed: string): GeneratedCase {
  const random = new Random(seed);
  const fsBase = segmentBase(random);
  const gsBase = segmentBase(random);
  const pinned: Pinned = new Map();
  pinned.set(RSP, stackPointer(random));
  const instructions: Instruction[] = [];
  const count = random.oneIn(2) ? 1 : 2 + random.below(MAX_INSTRUCTIONS - 1);
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const instruction = encode(random.pick(forms), {
      random,
      offset,
      pinned,
      bases: { fs: fsBase, gs: gsBase },
      target: targetAddress,
    });
    instructions.push(instruction);
    offset += instruction.bytes.length;
    if (instruction.form.last) break;
    if (i + 1 < count && undefinedAfter(instruction, undefined) !== 0) {
      const separator = compareRegisters(random);
      instructions.push(separator);
      offset += separator.bytes.length;
    }
  }
  const aimed = aimBranches(instructions, random);
  return { instructions: aimed, test: startState(aimed, pinned, random, fsBase, gsBase, seed) };
}

/** Lets branches go to instructions after them, or behind the end. Never back: who loops how long is a question of patience. */
function aimBranches(instructions: readonly Instruction[], random: Random): Instruction[] {
  const starts = [0];
  for (const { bytes } of instructions) starts.push((starts.at(-1) as number) + bytes.length);
  const end = starts.at(-1) as number;
  return instructions.map((instruction, index) => {
    const offset = starts[index] as number;
    const later = [...starts.slice(index + 1), end + random.below(8)];
    return retarget(instruction, offset, random.pick(later));
  });
}

/** The case that `instructions` make with the start state of `test`. */
export function withInstructions(test: UserCase, instructions: readonly Instruction[]): UserCase {
  return { ...test, code: joinCode(instructions) };
}

function joinCode(instructions: readonly Instruction[]): Uint8Array {
  return Uint8Array.from(instructions.flatMap(({ bytes }) => bytes));
}

function startState(
  instructions: readonly Instruction[],
  pinned: Pinned,
  random: Random,
  fsBase: bigint,
  gsBase: bigint,
  seed: string,
): UserCase {
  const registers = new BigUint64Array(GPRS);
  for (let i = 0; i < GPRS; i++) registers[i] = pinned.get(i) ?? BigInt.asUintN(64, random.interesting());
  const usesString = instructions.some(({ form }) => form.string);
  if (usesString) {
    // When both operands of CMPS would fault, processors do not agree which one is reported.
    const compares = instructions.some(({ form }) => form.mnemonic === 'cmps');
    if (!pinned.has(RSI) || compares) registers[RSI] = compares ? LOW + 0x1000n : targetAddress(random);
    if (!isCanonical(registers[RSI] as bigint)) registers[RSI] = DATA;
    if (!pinned.has(RDI)) registers[RDI] = targetAddress(random);
    if (!pinned.has(RCX)) registers[RCX] = BigInt(random.oneIn(20) ? random.below(3000) : random.below(20));
  } else if (!pinned.has(RCX) && random.oneIn(2)) {
    registers[RCX] = (random.u64() & ~0xffn) | BigInt(random.below(70));
  }
  const around = new Set(
    [RSP, RSI, RDI, ...pinned.keys()].map((index) => chunkStart(registers[index] ?? 0n)),
  );
  const memory = [...around].flatMap((address) =>
    address === undefined ? [] : [{ address, bytes: random.bytes(CHUNK) }],
  );
  const direction = random.oneIn(4) ? DF : 0;
  return {
    name: `case ${seed}`,
    code: joinCode(instructions),
    registers,
    flags: (random.u32() & STATUS_FLAGS) | direction,
    fsBase,
    gsBase,
    memory,
  };
}

const CHUNK = 256;
const dataRegions = [
  [DATA, 2],
  [READ_ONLY, 1],
  [AFTER_UNMAPPED, 1],
  [STACK, 2],
  [LOW, 2],
] as const;

/** Where to put random bytes so that an access near `address` finds some; undefined where nothing is mapped. */
function chunkStart(address: bigint): bigint | undefined {
  for (const [start, pages] of dataRegions) {
    const end = start + BigInt(pages * PAGE_BYTES);
    if (address + 64n < start || address >= end + 64n) continue;
    const wanted = (address - BigInt(CHUNK / 2)) & ~63n;
    if (wanted < start) return start;
    return wanted + BigInt(CHUNK) > end ? end - BigInt(CHUNK) : wanted;
  }
  return undefined;
}

/**
 * No base that wraps: the host's processor raises #GP for an offset that is not canonical even when base and offset
 * together are, and nobody else does.
 */
function segmentBase(random: Random): bigint {
  if (random.oneIn(3)) return 0n;
  return random.pick([0x10n, 0x1000n, DATA, LOW, 0x7fff_ffff_f000n]);
}

function stackPointer(random: Random): bigint {
  if (random.oneIn(12)) {
    return random.pick([
      STACK,
      STACK + 4n,
      STACK + 8n,
      STACK_END,
      STACK_END - 4n,
      0n,
      1n << 47n,
      1n << 63n,
      READ_ONLY + 0x80n,
      READ_ONLY + 4n,
    ]);
  }
  if (random.oneIn(10)) return STACK + 0x1000n + BigInt(random.below(16) - 8);
  return STACK + 0x800n + BigInt(random.below(0x1000) & (random.oneIn(4) ? -1 : ~7));
}

/** An address worth accessing: mostly mapped and writable, sometimes across an edge. `low`: below 4 GiB. */
function targetAddress(random: Random, low = false): bigint {
  if (low) return LOW + BigInt(random.below(0x1fc0)) + (random.oneIn(20) ? 0x40n : 0n);
  const near = (address: bigint) => address + BigInt(random.below(20) - 16);
  switch (random.below(24)) {
    case 0:
    case 1:
      return near(DATA + 0x1000n);
    case 2:
      return near(READ_ONLY);
    case 3:
      return READ_ONLY + BigInt(random.below(0xfc0));
    case 4:
      return near(UNMAPPED);
    case 5:
      return near(AFTER_UNMAPPED);
    case 6:
      return near(1n << 47n);
    case 7:
      return random.oneIn(2) ? near(0xffff_8000_0000_0000n) : near(2n ** 64n);
    case 8:
      return LOW + BigInt(random.below(0x1fc0));
    case 9:
      return near(CODE + 0x1000n);
    default:
      return DATA + 0x40n + BigInt(random.below(0x1f40));
  }
}

function compareRegisters(random: Random): Instruction {
  return {
    form: { mnemonic: 'cmp', opcode: [COMPARE], modrm: 'register' },
    bytes: [REX_W | (random.below(2) << 2) | random.below(2), COMPARE, 0xc0 | random.below(64)],
    operandSize: 8,
    count: undefined,
    string: false,
    branch: undefined,
  };
}

/** Flags that an instruction leaves undefined; `count` is CL, when known. */
function undefinedAfter(instruction: Instruction, cl: number | undefined): number {
  const { form, operandSize } = instruction;
  const count = form.byCl ? cl : instruction.count;
  const width = form.byte ? 8 : operandSize * 8;
  return undefinedFlagsAfter(form.mnemonic, count === undefined ? undefined : { width, count });
}

/** Flags that the manual leaves undefined in this outcome of the case. */
export function undefinedFlags({ instructions, test }: GeneratedCase, outcome: Outcome): number {
  // Every instruction that leaves some undefined is followed by one that defines all: only the last one started counts.
  const cl = instructions.length === 1 ? Number((test.registers[RCX] as bigint) & 0xffn) : undefined;
  let at = 0n;
  let last = instructions[0];
  for (const instruction of instructions) {
    if (at > outcome.ripOffset || (at === outcome.ripOffset && outcome.end === 'end')) break;
    last = instruction;
    at += BigInt(instruction.bytes.length);
  }
  return last ? undefinedAfter(last, cl) : 0;
}
