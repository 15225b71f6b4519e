import { describeFamily } from './family.ts';
import { misaligned, vectorForms, vectorSpec } from './vector-forms.ts';

const OPERATIONS = [
  ...['phaddw', 'phaddd', 'phaddsw', 'phsubw', 'phsubd', 'phsubsw'],
  ...['pmaddubsw', 'pmulhrsw', 'pshufb'],
  ...['b', 'w', 'd'].flatMap((size) => [`psign${size}`, `pabs${size}`]),
];

/** Shifts of PALIGNR: none, within the lower operand, at and beyond the ends of both. */
const SHIFTS = [0, 1, 4, 7, 8, 9, 13, 15, 16, 17, 23, 31, 32, 33, 128, 240, 255].map(String);
const lowest = 'pcmpeqd xmm1, xmm1; psllw xmm1, 15';

describeFamily('SSSE3', [
  ...OPERATIONS.flatMap((mnemonic) => vectorForms(mnemonic)),
  ...vectorForms('palignr', { immediates: SHIFTS }),
  vectorSpec('should square the most negative word with PMULHRSW', `${lowest}; pmulhrsw xmm1, xmm1`),
  vectorSpec('should find the absolute value of the most negative word', `${lowest}; pabsw xmm2, xmm1`),
  vectorSpec('should turn the sign of the most negative word', `${lowest}; psignw xmm1, xmm1`),
  vectorSpec(
    'should shuffle by indices below 16 and by negative ones',
    'psraw xmm1, 7; packsswb xmm1, xmm2; pshufb xmm3, xmm1; pshufb mm4, mm1',
  ),
  ...['pshufb', 'phaddw', 'psignd', 'pabsb'].map((name) => misaligned(`${name} xmm1, [m]`)),
  misaligned('palignr xmm1, [m], 3'),
]);
