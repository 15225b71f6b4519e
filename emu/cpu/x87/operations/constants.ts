import { ROUND_DOWN, ROUND_TO_ZERO, ROUND_UP } from '../../float/environment.ts';
import { BIAS, zero } from '../extended.ts';
import { type OperationMap, pushExact } from './operation.ts';

export const constantOperations: OperationMap = new Map();

/** Constants with two more bits than the significand, as rounding to nearest gives them, and what the other roundings take or add. */
interface Constant {
  readonly name: string;
  readonly exponent: number;
  readonly nearest: bigint;
  /** Whether the exact value is below the nearest. */
  readonly below: boolean;
}

const CONSTANTS: readonly Constant[] = [
  { name: 'FLDL2T', exponent: 1, nearest: 0xd49a_784b_cd1b_8afen, below: false },
  { name: 'FLDL2E', exponent: 0, nearest: 0xb8aa_3b29_5c17_f0bcn, below: true },
  { name: 'FLDPI', exponent: 1, nearest: 0xc90f_daa2_2168_c235n, below: true },
  { name: 'FLDLG2', exponent: -2, nearest: 0x9a20_9a84_fbcf_f799n, below: true },
  { name: 'FLDLN2', exponent: -1, nearest: 0xb172_17f7_d1cf_79acn, below: true },
];
for (const { name, exponent, nearest, below } of CONSTANTS) {
  constantOperations.set(
    name,
    pushExact((unit) => {
      const { rounding } = unit.rules();
      const down = rounding === ROUND_DOWN || rounding === ROUND_TO_ZERO;
      const difference = below && down ? -1n : !below && rounding === ROUND_UP ? 1n : 0n;
      return { high: BIAS + exponent, low: nearest + difference };
    }),
  );
}
constantOperations.set(
  'FLD1',
  pushExact(() => ({ high: BIAS, low: 1n << 63n })),
);
constantOperations.set(
  'FLDZ',
  pushExact(() => zero(0)),
);
