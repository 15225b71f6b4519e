import type { Spec } from './family.ts';
import { anyMxcsr, fxImage, NO_VECTORS_ON_UNICORN } from './fx-values.ts';

const CASES = 12;
const FLOAT_CASES = 150;
const integers = fxImage({ mmx: true });
const floats = {
  single: fxImage({ elements: 'single', mxcsr: anyMxcsr, mmx: true }),
  double: fxImage({ elements: 'double', mxcsr: anyMxcsr, mmx: true }),
};

/** A spec over XMM and MMX registers of random integers. */
export const vectorSpec = (title: string, code: string): Spec => ({
  title,
  code,
  fx: integers,
  random: CASES,
  notOnUnicorn: NO_VECTORS_ON_UNICORN,
});

/** A spec over XMM registers of floating-point values, with any MXCSR. */
export const floatSpec = (title: string, code: string, elements: keyof typeof floats): Spec => ({
  ...vectorSpec(title, code),
  fx: floats[elements],
  random: FLOAT_CASES,
});

interface Forms {
  readonly mmx?: boolean;
  readonly xmm?: boolean;
  /** Written behind the operands, one spec each. */
  readonly immediates?: readonly string[];
  /** What a memory operand of the XMM form is. */
  readonly pointer?: string;
}

/** Every form of an instruction with two operands, with XMM and MMX registers. */
export function vectorForms(
  mnemonic: string,
  { mmx = true, xmm = true, immediates = [''], pointer = 'xmmword ptr' }: Forms = {},
): Spec[] {
  const name = mnemonic.toUpperCase();
  return immediates.flatMap((immediate) => {
    const rest = immediate === '' ? '' : `, ${immediate}`;
    const what = immediate === '' ? '' : ` by ${immediate}`;
    return [
      ...(xmm
        ? [
            vectorSpec(`should execute ${name} xmm, xmm${what}`, `${mnemonic} xmm3, xmm12${rest}`),
            vectorSpec(`should execute ${name} xmm, m${what}`, `${mnemonic} xmm10, ${pointer} [rsi]${rest}`),
            vectorSpec(`should execute ${name} xmm with itself${what}`, `${mnemonic} xmm5, xmm5${rest}`),
          ]
        : []),
      ...(mmx
        ? [
            vectorSpec(`should execute ${name} mm, mm${what}`, `${mnemonic} mm3, mm6${rest}`),
            vectorSpec(`should execute ${name} mm, m64${what}`, `${mnemonic} mm1, [rsi]${rest}`),
          ]
        : []),
    ];
  });
}

/** A floating-point instruction between registers, from memory, and of a register with itself. */
export function floatForms(
  mnemonic: string,
  elements: keyof typeof floats,
  pointer = 'xmmword ptr',
  immediate = '',
): Spec[] {
  const name = `${mnemonic.toUpperCase()}${immediate === '' ? '' : ` ${immediate}`}`;
  const rest = immediate === '' ? '' : `, ${immediate}`;
  return [
    floatSpec(`should execute ${name} between registers`, `${mnemonic} xmm1, xmm10${rest}`, elements),
    floatSpec(
      `should execute ${name} from memory`,
      `movaps [rsi], xmm4; ${mnemonic} xmm9, ${pointer} [rsi]${rest}`,
      elements,
    ),
    floatSpec(`should execute ${name} of a register with itself`, `${mnemonic} xmm2, xmm2${rest}`, elements),
  ];
}

/** #GP(0) for operands of 16 bytes that are not aligned. `code` has `[m]` for the operand. */
export const misaligned = (code: string): Spec =>
  vectorSpec(
    `should raise #GP for a misaligned operand: ${code}`,
    code.replace('[m]', 'xmmword ptr [rsi + 4]'),
  );
