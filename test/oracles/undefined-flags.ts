import { AF, CF, OF, PF, SF, STATUS_FLAGS, ZF } from './user-case.ts';

/**
 * Flags that the manual leaves undefined, by mnemonic (AMD64 Architecture Programmer's Manual, volume 3, "rFLAGS Affected"
 * of each instruction; Intel's volume 2 agrees except where a comment says so).
 */
const undefinedByMnemonic: Readonly<Record<string, number>> = {
  and: AF,
  or: AF,
  xor: AF,
  test: AF,
  mul: SF | ZF | AF | PF,
  imul: SF | ZF | AF | PF,
  div: STATUS_FLAGS,
  idiv: STATUS_FLAGS,
  bsf: CF | OF | SF | AF | PF,
  bsr: CF | OF | SF | AF | PF,
  // ZF is unaffected in Intel's manual.
  bt: OF | SF | AF | PF,
  bts: OF | SF | AF | PF,
  btr: OF | SF | AF | PF,
  btc: OF | SF | AF | PF,
  tzcnt: OF | SF | AF | PF,
  lzcnt: OF | SF | AF | PF,
  andn: AF | PF,
  blsi: AF | PF,
  blsr: AF | PF,
  blsmsk: AF | PF,
  bextr: AF | SF | PF,
  bzhi: AF | PF,
  aaa: OF | SF | ZF | PF,
  aas: OF | SF | ZF | PF,
  aam: OF | AF | CF,
  aad: OF | AF | CF,
  daa: OF,
  das: OF,
};

const shifts = new Set(['shl', 'sal', 'shr', 'sar']);
const doubleShifts = new Set(['shld', 'shrd']);
const rotates = new Set(['rol', 'ror', 'rcl', 'rcr']);

/** What an instruction's flags depend on besides its mnemonic. */
export interface ShiftOperands {
  /** Operand size in bits. */
  readonly width: number;
  /** The count before it is masked. */
  readonly count: number;
}

/** Flags left undefined by a shift or rotate; undefined when the count is not known: then whatever any count leaves undefined. */
function undefinedAfterShift(mnemonic: string, operands: ShiftOperands | undefined): number {
  if (!operands) return rotates.has(mnemonic) ? OF : OF | AF | CF;
  const count = operands.count & (operands.width === 64 ? 63 : 31);
  if (count === 0) return 0;
  const overflow = count === 1 ? 0 : OF;
  if (rotates.has(mnemonic)) return overflow;
  if (doubleShifts.has(mnemonic)) return count > operands.width ? STATUS_FLAGS : AF | overflow;
  // SAR's carry is the sign however far it shifts.
  const carry = mnemonic !== 'sar' && count >= operands.width ? CF : 0;
  return AF | overflow | carry;
}

/** Flags that are undefined after one instruction. `mnemonic` in lower case, without prefixes. */
export function undefinedFlagsAfter(mnemonic: string, operands?: ShiftOperands): number {
  if (shifts.has(mnemonic) || doubleShifts.has(mnemonic) || rotates.has(mnemonic)) {
    return undefinedAfterShift(mnemonic, operands);
  }
  return undefinedByMnemonic[mnemonic] ?? 0;
}

/** Mnemonics with at least one undefined flag; what else the assembler writes before or after them does not count. */
const prefixes = new Set([
  'lock',
  'rep',
  'repe',
  'repz',
  'repne',
  'repnz',
  'data16',
  'addr32',
  'cs',
  'ds',
  'es',
  'ss',
]);

/** The mnemonic of one line of assembly text, without prefixes; labels are passed over. */
export function mnemonicOf(line: string): string {
  const words = line
    .trim()
    .toLowerCase()
    .split(/[\s,]+/);
  return words.find((word) => !prefixes.has(word) && !/^(rex|\{)/.test(word) && !word.endsWith(':')) ?? '';
}

/**
 * Flags that may be undefined after a piece of assembly text in which only the last instruction that writes flags
 * leaves some undefined: the union over its instructions.
 */
export function undefinedFlagsOfText(text: string): number {
  let flags = 0;
  for (const line of text.split(/[;\n]/)) flags |= undefinedFlagsAfter(mnemonicOf(line));
  return flags;
}

/** What a processor does with a flag that the manual leaves undefined. */
export type Behaviour =
  | 'unchanged'
  | 'cleared'
  | 'set'
  /** As the manual defines the flag for results: PF, ZF and SF of the destination. */
  | 'of the result'
  /** Set when the source operand is zero, or the result has even parity. */
  | 'source zero or parity'
  /** OF is the sign of the result ^ CF, as it is defined for a count of one to the left. */
  | 'sign ^ CF'
  /** OF is the xor of the result's two upper bits, as it is defined for a count of one to the right. */
  | 'two upper bits'
  /** CF is the bit shifted out last, were the operand as wide as the count needs. */
  | 'bit shifted out';

type Profile = Readonly<Record<string, Readonly<Record<number, Behaviour>>>>;

const LEFT: Profile[string] = { [CF]: 'bit shifted out', [AF]: 'set', [OF]: 'sign ^ CF' };
const RIGHT: Profile[string] = { [CF]: 'bit shifted out', [AF]: 'set', [OF]: 'two upper bits' };
const UNCHANGED: Profile[string] = {
  [PF]: 'unchanged',
  [AF]: 'unchanged',
  [ZF]: 'unchanged',
  [SF]: 'unchanged',
  [OF]: 'unchanged',
};
const DIVIDE: Profile[string] = {
  [CF]: 'unchanged',
  [PF]: 'cleared',
  [AF]: 'set',
  [ZF]: 'cleared',
  [SF]: 'cleared',
  [OF]: 'unchanged',
};
const SCAN: Profile[string] = {
  [CF]: 'cleared',
  [PF]: 'source zero or parity',
  [AF]: 'cleared',
  [SF]: 'cleared',
  [OF]: 'cleared',
};
const COUNT: Profile[string] = { [PF]: 'cleared', [AF]: 'cleared', [SF]: 'cleared', [OF]: 'unchanged' };

/**
 * What a processor of AMD's Zen 4 does with the flags above, measured over random operands of every width (DIV and IDIV
 * when they do not fault; SHLD and SHRD of 32 and 64 bits, since those of 16 follow no simple rule). Nothing may depend on this.
 */
export const zen4Profile: Profile = {
  and: { [AF]: 'cleared' },
  or: { [AF]: 'cleared' },
  xor: { [AF]: 'cleared' },
  test: { [AF]: 'cleared' },
  mul: UNCHANGED,
  imul: UNCHANGED,
  div: DIVIDE,
  idiv: DIVIDE,
  bsf: SCAN,
  bsr: SCAN,
  bt: UNCHANGED,
  bts: UNCHANGED,
  btr: UNCHANGED,
  btc: UNCHANGED,
  tzcnt: COUNT,
  lzcnt: COUNT,
  shl: LEFT,
  shld: LEFT,
  rol: LEFT,
  rcl: LEFT,
  shr: RIGHT,
  sar: RIGHT,
  shrd: RIGHT,
  ror: RIGHT,
  rcr: RIGHT,
};
