import { cpus } from 'node:os';
import { compareOutcomes } from '../../test/oracles/compare.ts';
import {
  AF,
  CF,
  DEBUG,
  GENERAL_PROTECTION,
  GPRS,
  OF,
  type Outcome,
  PAGE_FAULT,
  PF,
  SF,
  STACK_FAULT,
  ZF,
} from '../../test/oracles/user-case.ts';
import { linearAddress } from './addressing.ts';
import { effectiveSize } from './encoder.ts';
import { executed, type GeneratedCase } from './generate.ts';
import type { Instruction } from './instruction.ts';
import { isCanonical } from './places.ts';
import { operandWish, RBP, RDI, RSI, RSP } from './recipes.ts';

const FLAG_LETTERS: Readonly<Record<string, number>> = { o: OF, s: SF, z: ZF, a: AF, p: PF, c: CF };

/** Flags named by the letters of a row. */
export function flagsOf(letters: string | undefined): number {
  let flags = 0;
  for (const letter of letters ?? '') flags |= FLAG_LETTERS[letter] ?? 0;
  return flags;
}

/** Whether the host's processor is one of AMD, whose way with what the manuals leave undefined is puffer's: nothing is open then. */
const hostIsAmd = cpus()[0]?.model.includes('AMD') === true;

/** Flags that an instruction leaves undefined by its row, where the host's processor may do as it likes. */
function undefinedFlagsOf({ form }: Instruction): number {
  return hostIsAmd ? 0 : flagsOf(form.row.flags.undefined);
}

const OWN_REGISTERS = { rax: 0, rcx: 1, rdx: 2, rbx: 3 } as const;

/** Bits of each general register that an instruction fills with something of the processor's own. */
function ownBits({ form, registers, way }: Instruction): readonly (readonly [number, bigint])[] {
  const { own } = form.row;
  if (own === undefined) return [];
  return own.map((what) => {
    if (what !== 0) return [OWN_REGISTERS[what], 0xffff_ffffn];
    return [registers[0] ?? 0, (1n << BigInt(8 * effectiveSize(way))) - 1n];
  });
}

/** How a case's outcomes are compared: without what its last executed instruction leaves open. */
export interface Openness {
  readonly undefinedFlags: number;
  readonly openBits: BigUint64Array;
  readonly approximate: number | undefined;
  readonly ulps: number | undefined;
}

export function opennessOf(found: GeneratedCase, outcome: Outcome): Openness {
  const done = executed(found, outcome);
  const last = done.at(-1);
  const openBits = new BigUint64Array(GPRS);
  for (const instruction of done) {
    for (const [register, bits] of ownBits(instruction))
      openBits[register] = (openBits[register] as bigint) | bits;
  }
  return {
    undefinedFlags: last === undefined ? 0 : undefinedFlagsOf(last),
    openBits,
    approximate: last?.form.row.approximate,
    ulps: last?.form.row.ulps,
  };
}

export interface DifferenceOptions {
  /** Hears of a difference that counts for nothing, with the reason. */
  readonly onKnown?: (reason: string) => void;
  /** For a processor that has its own way with flags that the manuals leave undefined: they are not compared. */
  readonly undefinedFlagsOpen?: boolean;
}

/** Where two outcomes of a case differ, or undefined. */
export function difference(
  found: GeneratedCase,
  expected: Outcome,
  got: Outcome,
  { onKnown = () => {}, undefinedFlagsOpen = false }: DifferenceOptions = {},
): string | undefined {
  const openness = opennessOf(found, expected);
  const last = executed(found, expected).at(-1);
  const open = undefinedFlagsOpen && last ? flagsOf(last.form.row.flags.undefined) : openness.undefinedFlags;
  const text = compareOutcomes(expected, got, { ...openness, undefinedFlags: open });
  if (text === undefined) return undefined;
  const reason = knownDifference(found, expected, got);
  if (reason === undefined) return text;
  onKnown(reason);
  return undefined;
}

/** Bytes that an instruction of the stack may move at once. */
const STACK_BYTES = 32n;

/** Whether the host has refused an access of 32-bit code whose last byte lies beyond 4 GiB: its registers are those of the fault. */
function goesAround(
  { test }: GeneratedCase,
  { form, way, address, registers: bitOffsets }: Instruction,
  outcome: Outcome,
): boolean {
  const { fault, registers } = outcome;
  if (test.bits !== 32 || fault?.errorCode !== 0) return false;
  if (fault.vector !== GENERAL_PROTECTION && fault.vector !== STACK_FAULT) return false;
  const crosses = (offset: bigint, size: bigint) => offset + size > 1n << 32n;
  const at = (register: number) => registers[register] as bigint;
  if (address !== undefined) {
    const offset = linearAddress({ ...address, segmentBase: 0n }, registers, 32) ?? 0n;
    const size = BigInt(operandWish(form, way).size);
    if (crosses(offset, size)) return true;
    // BT and its like: the bit offset in a register moves the operand.
    const bit = /^BT[SRC]?$/.test(form.mnemonic) ? bitOffsets[1] : undefined;
    if (bit !== undefined) {
      const moved = offset + size * (BigInt.asIntN(Number(8n * size), at(bit)) / (8n * size) - 1n);
      if ([0n, 1n].some((step) => crosses(BigInt.asUintN(32, moved + step * size), size))) return true;
    }
  }
  if (form.row.repeat !== undefined)
    return [RSI, RDI].some((register) => crosses(at(register), BigInt(form.size)));
  if (form.mnemonic.startsWith('MASKMOV')) return crosses(at(RDI), 16n);
  // Pushes, and the frames of ENTER, lie below the register.
  const around = (register: number) =>
    crosses(at(register), STACK_BYTES) || at(register) < STACK_BYTES + STACK_BYTES;
  return form.row.stack === true && [RSP, RBP].some(around);
}

const DESCRIPTOR_QUESTIONS = /^(LAR|LSL|VER[RW])$/;
const PROCESSOR_SELECTOR = 0x78n;
/** Whether a register holds the selector of Linux's segment for the number of the processor. */
const namesProcessor = ({ registers }: Outcome): boolean =>
  registers.some((value) => (value & 0xfff8n) === PROCESSOR_SELECTOR);

const AREAS = /^(FN?STENV|FN?SAVE|FLDENV|FRSTOR|FXSAVE|FXRSTOR|XSAVE\w*|XRSTOR|FBSTP|FBLD|FSTP|FLD)$/;
const PAGE_SHIFT = 12n;
/** An area across the end of the canonical addresses: one processor finds no page before it, the other no address behind it. */
function endsCanonical(expected: Outcome, got: Outcome): boolean {
  const faults = [expected.fault, got.fault];
  const paged = faults.find((fault) => fault?.vector === PAGE_FAULT);
  const refused = faults.some(
    (fault) => fault?.vector === GENERAL_PROTECTION || fault?.vector === STACK_FAULT,
  );
  const nextPage = ((paged?.address ?? 0n) >> PAGE_SHIFT) + 1n;
  return refused && nextPage === 1n << (LOWER_HALF_BITS - PAGE_SHIFT);
}
const LOWER_HALF_BITS = 47n;
const samePage = (a: bigint | undefined, b: bigint | undefined): boolean =>
  a !== undefined && b !== undefined && a >> PAGE_SHIFT === b >> PAGE_SHIFT;

function instructionAt({ instructions }: GeneratedCase, offset: bigint): Instruction | undefined {
  let at = 0n;
  for (const instruction of instructions) {
    if (at === offset) return instruction;
    at += BigInt(instruction.bytes.length);
  }
  return undefined;
}

/**
 * Why a difference counts for nothing, or undefined when it counts: things in which processors that keep to the manual differ,
 * and which the generator cannot keep away from.
 */
export function knownDifference(found: GeneratedCase, expected: Outcome, got: Outcome): string | undefined {
  if (expected.end === 'hang' && found.test.bits === 32) {
    return "the host's system lets 32-bit code fault for ever at an address above 4 GiB";
  }
  const sameFault = expected.fault && expected.fault.vector === got.fault?.vector;
  const atFault = instructionAt(found, expected.ripOffset);
  if (
    sameFault &&
    expected.ripOffset === got.ripOffset &&
    /^(PUSHA|POPA|CALL)$/.test(atFault?.form.mnemonic ?? '')
  ) {
    return 'the host stores or loads what comes before the fault in PUSHA, POPA and far CALL';
  }
  if (
    AREAS.test(atFault?.form.mnemonic ?? '') &&
    expected.ripOffset === got.ripOffset &&
    ((sameFault && samePage(expected.fault?.address, got.fault?.address)) || endsCanonical(expected, got))
  ) {
    return 'which field of an x87 or vector state area is the first that the host does not reach in a page';
  }
  if (sameFault && expected.fault?.vector === DEBUG && atFault?.form.mnemonic === 'INT1') {
    return "the host's hypervisor leaves RIP at INT1";
  }
  if (found.instructions.some(({ refused, form }) => refused && /^VER[RW]$/.test(form.mnemonic))) {
    return 'the host executes VERR and VERW with LOCK';
  }
  if (
    found.instructions.some(({ form }) => DESCRIPTOR_QUESTIONS.test(form.mnemonic)) &&
    namesProcessor(expected)
  ) {
    return 'the host has a segment for the number of the processor';
  }
  const compares = found.instructions.some(({ form }) => form.mnemonic.startsWith('CMPS'));
  if (compares && expected.fault && got.fault && expected.ripOffset === got.ripOffset) {
    return 'which operand of CMPS is read first (the host reads RSI first with REP, and RDI without)';
  }
  if (atFault && goesAround(found, atFault, expected)) {
    return 'the host refuses an access of 32-bit code that goes around 4 GiB; here, as in QEMU, it goes around';
  }
  const address = got.fault?.address;
  const refused = expected.fault?.vector === GENERAL_PROTECTION || expected.fault?.vector === STACK_FAULT;
  if (refused && address !== undefined && expected.ripOffset === got.ripOffset) {
    const bases = [found.test.fsBase ?? 0n, found.test.gsBase ?? 0n, expected.fsBase, expected.gsBase];
    if (bases.some((base) => !isCanonical(address - base))) {
      return 'the host refuses an offset that is not canonical although base and offset together are';
    }
  }
  return undefined;
}
