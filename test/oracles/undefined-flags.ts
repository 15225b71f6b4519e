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
