import type { Form } from '../../emu/cpu/table/form.ts';
import {
  DATA,
  DF,
  FLAT_SEGMENTS,
  GPRS,
  LDT_DATA,
  LOW,
  type MemoryChunk,
  NULL_SEGMENTS,
  type Outcome,
  regions,
  STATUS_FLAGS,
  type UserCase,
} from '../../test/oracles/user-case.ts';
import { Random } from '../../test/oracles/user-case-random.ts';
import { linearAddress, type Pinned, type SegmentState } from './addressing.ts';
import type { Way } from './encoder.ts';
import { usesVectorState, vectorStateImage } from './fx-state.ts';
import { type Instruction, type InstructionContext, makeInstruction, retarget } from './instruction.ts';
import { CHUNK_BYTES, chunkStart, placesOf, stackPointer } from './places.ts';
import { pinnedFor, RDI, RSI, RSP, recipeOf, type StateContext, standsAlone } from './recipes.ts';

/** A random case, with what is needed to compare and to shrink it. */
export interface GeneratedCase {
  readonly test: UserCase;
  readonly instructions: readonly Instruction[];
  /** Index of the instruction that the case is made for. */
  readonly subject: number;
}

/** What cases may be made of. */
export interface Repertoire {
  /** The ways to write each form that is tried here. */
  readonly ways: ReadonlyMap<Form, readonly Way[]>;
  /** Forms that may stand around the one that a case is made for: they go on to the next instruction. */
  readonly companions: { readonly 32: readonly Way[]; readonly 64: readonly Way[] };
}

const MAX_COMPANIONS = 3;

/** Writes a case for one form: the same seed, form and table give the same case. */
export function generateCase(repertoire: Repertoire, form: Form, seed: string): GeneratedCase {
  const random = new Random(seed);
  const way = random.pick(repertoire.ways.get(form) as readonly Way[]);
  const { bits } = way;
  const segments = chooseSegments(way, random);
  const pinned: Pinned = new Map([[RSP, stackPointer(random, bits)]]);
  for (const [register, value] of pinnedFor(form, random)) pinned.set(register, value);
  const instructions: Instruction[] = [];
  const context = { ...segments, random, pinned };
  const { row } = way.encoding;
  const alone =
    random.oneIn(2) ||
    standsAlone(form) ||
    row.approximate !== undefined ||
    row.ulps !== undefined ||
    row.own !== undefined;
  const before = alone ? 0 : random.below(MAX_COMPANIONS);
  const after = alone || row.ends === true || isUnsettling(form) ? 0 : random.below(MAX_COMPANIONS);
  const offset = () => instructions.reduce((sum, { bytes }) => sum + bytes.length, 0);
  // The subject's address counts: it is made up first, and moves to its place then.
  const subject = makeInstruction(way, form, { ...context, offset: 0 });
  for (let i = 0; i < before; i++)
    instructions.push(companion(repertoire, bits, { ...context, offset: offset() }));
  const ripRelative = subject.address?.ripRelative === true;
  instructions.push(ripRelative ? makeInstruction(way, form, { ...context, offset: offset() }) : subject);
  for (let i = 0; i < after; i++)
    instructions.push(companion(repertoire, bits, { ...context, offset: offset() }));
  const aimed = aimBranches(instructions, random);
  return {
    instructions: aimed,
    subject: before,
    test: startState({ instructions: aimed, subject: before, pinned, random, segments, seed }),
  };
}

/** Whether nothing is where it was after a form: it has loaded a segment, flags, or a stack pointer. */
export function isUnsettling({ row }: Form): boolean {
  const loadsSegment = row.operands.startsWith('Sw') || (row.mnemonic === 'POP' && row.operands === '');
  return loadsSegment || UNSETTLING.test(row.mnemonic);
}
const UNSETTLING =
  /^(POPF|ENTER|LEAVE|WR[FG]SBASE|UD[012]|L[DEFGS]S|XSAVE.*|XRSTOR|FXRSTOR|FRSTOR|FLDENV|LDMXCSR|INT.*|BOUND)$/;

function companion({ companions }: Repertoire, bits: 32 | 64, context: InstructionContext): Instruction {
  const way = context.random.pick(companions[bits]);
  return makeInstruction(way, formOfWay(way), context);
}

const formsOfWays = new WeakMap<Way, Form>();
/** The form that a way leads to; set when the repertoire is made. */
export function rememberForm(way: Way, form: Form): void {
  formsOfWays.set(way, form);
}
const formOfWay = (way: Way): Form => formsOfWays.get(way) as Form;

function chooseSegments({ bits, addressSize }: Way, random: Random): SegmentState {
  if (bits === 64) {
    return { segments: NULL_SEGMENTS, fsBase: wideBase(random), gsBase: wideBase(random) };
  }
  // 16-bit addresses reach something only through a base.
  const based = addressSize === 2 ? !random.oneIn(8) : random.oneIn(8);
  const { data } = placesOf(32);
  const base = () => random.pick(addressSize === 2 ? [data, data, 0n] : [0n, 0x10n, data, 0xf000_0000n]);
  const segments = based ? { ...FLAT_SEGMENTS, ds: LDT_DATA, es: LDT_DATA } : FLAT_SEGMENTS;
  return { segments, fsBase: base(), gsBase: base() };
}

/**
 * No base that wraps: the host's processor raises #GP for an offset that is not canonical even when base and offset
 * together are, and nobody else does.
 */
function wideBase(random: Random): bigint {
  if (random.oneIn(3)) return 0n;
  return random.pick([0x10n, 0x1000n, DATA, LOW, 0x7fff_ffff_f000n]);
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

interface Start {
  readonly instructions: readonly Instruction[];
  readonly subject: number;
  readonly pinned: Pinned;
  readonly random: Random;
  readonly segments: SegmentState;
  readonly seed: string;
}

function startState({ instructions, subject, pinned, random, segments, seed }: Start): UserCase {
  const { way } = instructions[subject] as Instruction;
  const { bits } = way;
  const limit = (value: bigint) => BigInt.asUintN(bits, value);
  const registers = new BigUint64Array(GPRS);
  const used = bits === 64 ? GPRS : GPRS / 2;
  for (let i = 0; i < used; i++) registers[i] = limit(pinned.get(i) ?? random.interesting());
  const code = joinCode(instructions);
  const memory: MemoryChunk[] = [];
  const around = new Set<bigint>();
  for (const { address } of instructions) {
    const linear = address && linearAddress(address, registers, bits);
    const start = linear === undefined ? undefined : chunkStart(bits, linear);
    if (start !== undefined) around.add(start);
  }
  const fx =
    instructions.some((one) => usesVectorState(one.way.encoding)) || random.oneIn(16)
      ? vectorStateImage(random)
      : undefined;
  const lay = (address: bigint) => {
    const start = chunkStart(bits, address);
    if (start === undefined || memory.some((chunk) => chunk.address === start)) return;
    memory.push({ address: start, bytes: operandBytes(random, fx !== undefined) });
  };
  for (const start of around) lay(start + BigInt(CHUNK_BYTES / 2));
  lay(registers[RSP] as bigint);
  instructions.forEach((instruction) => {
    recipeOf(instruction)?.(
      stateContext({ random, instruction, bits, registers, pinned, memory, codeLength: code.length }),
    );
  });
  if (instructions.some(({ form }) => form.row.repeat !== undefined)) {
    for (const index of [RSI, RDI]) lay(registers[index] as bigint);
  }
  const direction = random.oneIn(4) ? DF : 0;
  return {
    name: `case ${seed}`,
    ...(bits === 32 && { bits }),
    code,
    registers,
    flags: (random.u32() & STATUS_FLAGS) | direction,
    fsBase: segments.fsBase,
    gsBase: segments.gsBase,
    ...(bits === 32 && { segments: segments.segments }),
    ...(fx && { fx }),
    memory,
  };
}

/** Bytes around an operand: random, or numbers of the kind that finds mistakes. */
function operandBytes(random: Random, numbers: boolean): Uint8Array {
  if (!numbers || random.oneIn(4)) return random.bytes(CHUNK_BYTES);
  const image = vectorStateImage(random);
  const XMM = 160;
  return image.slice(XMM, XMM + CHUNK_BYTES);
}

function stateContext({
  random,
  instruction,
  bits,
  registers,
  pinned,
  memory,
  codeLength,
}: {
  random: Random;
  instruction: Instruction;
  bits: 32 | 64;
  registers: BigUint64Array;
  pinned: Pinned;
  memory: MemoryChunk[];
  codeLength: number;
}): StateContext {
  return {
    random,
    instruction,
    bits,
    register: (index) => registers[index] as bigint,
    set: (index, value) => {
      if (!pinned.has(index)) registers[index] = BigInt.asUintN(bits, value);
    },
    linear: instruction.address && linearAddress(instruction.address, registers, bits),
    peek: (address, length) => peek(memory, address, length),
    poke: (address, bytes) => {
      const end = address + BigInt(bytes.length);
      const region = regions.find(({ start, length }) => address >= start && end <= start + BigInt(length));
      if (region !== undefined && region.permissions !== 'rx') memory.push({ address, bytes });
    },
    codeTarget: (size) =>
      placesOf(size < 8 ? 32 : bits).code + BigInt(codeLength + (random.oneIn(2) ? 0 : random.below(8))),
  };
}

function peek(memory: readonly MemoryChunk[], address: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const chunk of memory) {
    for (let i = 0; i < length; i++) {
      const at = Number(address + BigInt(i) - chunk.address);
      if (at >= 0 && at < chunk.bytes.length) bytes[i] = chunk.bytes[at] as number;
    }
  }
  return bytes;
}

/**
 * The instructions that were executed, whatever became of them: those that no fault and no branch kept from being reached. What lies
 * behind a branch is not counted.
 */
export function executed({ instructions }: GeneratedCase, outcome: Outcome): readonly Instruction[] {
  if (outcome.end === 'hang' || outcome.end === 'system call') return [];
  const done: Instruction[] = [];
  let offset = 0n;
  for (const instruction of instructions) {
    const faultedBefore =
      outcome.end === 'fault' && outcome.ripOffset >= 0n && outcome.ripOffset < offset && !done.some(leaves);
    if (faultedBefore || instruction.refused) break;
    done.push(instruction);
    offset += BigInt(instruction.bytes.length);
    if (leaves(instruction)) break;
  }
  return done;
}

/** Whether an instruction may go elsewhere than to the next one. */
export function leaves({ form, branch }: Pick<Instruction, 'form' | 'branch'>): boolean {
  return branch !== undefined || form.row.ends === true || LEAVING.has(form.mnemonic);
}
const LEAVING: ReadonlySet<string> = new Set([
  'JMP',
  'CALL',
  'RET',
  'RETF',
  'IRET',
  'INT',
  'INT3',
  'INT1',
  'INTO',
]);
