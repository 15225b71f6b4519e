import { describeFamily, type Spec } from './family.ts';
import { anyMxcsr, fxImage, NO_VECTORS_ON_UNICORN } from './fx-values.ts';
import { floatForms } from './vector-forms.ts';

const CASES = 150;
const fx = {
  single: fxImage({ elements: 'single', mxcsr: anyMxcsr, mmx: true }),
  double: fxImage({ elements: 'double', mxcsr: anyMxcsr, mmx: true }),
  integer: fxImage({ elements: 'integer', mxcsr: anyMxcsr, mmx: true }),
};
type Elements = keyof typeof fx;

const spec = (title: string, code: string, elements: Elements): Spec => ({
  title,
  code,
  fx: fx[elements],
  random: CASES,
  notOnUnicorn: NO_VECTORS_ON_UNICORN,
});

const SUFFIXES = [
  ['ps', 'single', 'xmmword ptr'],
  ['pd', 'double', 'xmmword ptr'],
  ['ss', 'single', 'dword ptr'],
  ['sd', 'double', 'qword ptr'],
] as const;

/** The four forms of an operation. */
function forms(operation: string, immediate = ''): Spec[] {
  return SUFFIXES.flatMap(([suffix, elements, pointer]) =>
    floatForms(operation + suffix, elements, pointer, immediate),
  );
}

const arithmetic = ['add', 'sub', 'mul', 'div', 'sqrt', 'min', 'max'].flatMap((operation) =>
  forms(operation),
);
const compares = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((predicate) => forms('cmp', String(predicate)));

const flags = (['single', 'double'] as const).flatMap((elements) => {
  const letter = elements === 'single' ? 's' : 'd';
  const pointer = elements === 'single' ? 'dword ptr' : 'qword ptr';
  return ['comis', 'ucomis'].flatMap((operation) => {
    const mnemonic = operation + letter;
    const name = mnemonic.toUpperCase();
    return [
      spec(`should execute ${name} between registers`, `${mnemonic} xmm1, xmm10`, elements),
      spec(
        `should execute ${name} from memory`,
        `movaps [rsi], xmm4; ${mnemonic} xmm9, ${pointer} [rsi]`,
        elements,
      ),
      spec(`should execute ${name} of a register with itself`, `${mnemonic} xmm9, xmm9`, elements),
    ];
  });
});

/** [mnemonic, destination, source register, pointer of a memory source, what the source holds]. */
const CONVERSIONS: readonly (readonly [string, string, string, string, Elements])[] = [
  ['cvtps2pd', 'xmm1', 'xmm12', 'qword ptr', 'single'],
  ['cvtpd2ps', 'xmm1', 'xmm12', 'xmmword ptr', 'double'],
  ['cvtss2sd', 'xmm1', 'xmm12', 'dword ptr', 'single'],
  ['cvtsd2ss', 'xmm1', 'xmm12', 'qword ptr', 'double'],
  ['cvtdq2ps', 'xmm1', 'xmm12', 'xmmword ptr', 'integer'],
  ['cvtdq2pd', 'xmm1', 'xmm12', 'qword ptr', 'integer'],
  ['cvtps2dq', 'xmm1', 'xmm12', 'xmmword ptr', 'single'],
  ['cvttps2dq', 'xmm1', 'xmm12', 'xmmword ptr', 'single'],
  ['cvtpd2dq', 'xmm1', 'xmm12', 'xmmword ptr', 'double'],
  ['cvttpd2dq', 'xmm1', 'xmm12', 'xmmword ptr', 'double'],
  ...['ecx', 'r10'].flatMap((register): [string, string, string, string, Elements][] => {
    const pointer = register === 'ecx' ? 'dword ptr' : 'qword ptr';
    return [
      ['cvtsi2ss', 'xmm9', register, pointer, 'integer'],
      ['cvtsi2sd', 'xmm9', register, pointer, 'integer'],
      ['cvtss2si', register, 'xmm3', 'dword ptr', 'single'],
      ['cvttss2si', register, 'xmm3', 'dword ptr', 'single'],
      ['cvtsd2si', register, 'xmm3', 'qword ptr', 'double'],
      ['cvttsd2si', register, 'xmm3', 'qword ptr', 'double'],
    ];
  }),
  ['cvtpi2ps', 'xmm1', 'mm4', 'qword ptr', 'integer'],
  ['cvtpi2pd', 'xmm1', 'mm4', 'qword ptr', 'integer'],
  ['cvtps2pi', 'mm2', 'xmm3', 'qword ptr', 'single'],
  ['cvttps2pi', 'mm2', 'xmm3', 'qword ptr', 'single'],
  ['cvtpd2pi', 'mm2', 'xmm3', 'xmmword ptr', 'double'],
  ['cvttpd2pi', 'mm2', 'xmm3', 'xmmword ptr', 'double'],
];

const conversions = CONVERSIONS.flatMap(([mnemonic, destination, source, pointer, elements]) => {
  const name = `${mnemonic.toUpperCase()} ${destination}`;
  return [
    spec(`should execute ${name}, ${source}`, `${mnemonic} ${destination}, ${source}`, elements),
    spec(
      `should execute ${name} from memory${pointer === 'qword ptr' ? ' (8 bytes)' : ''}`,
      `movaps [rsi], xmm5; ${mnemonic} ${destination}, ${pointer} [rsi]`,
      elements,
    ),
  ];
});

const misaligned = ['addps', 'sqrtpd', 'cvtdq2ps', 'cmpps'].map((mnemonic) =>
  spec(
    `should raise #GP for a misaligned operand of ${mnemonic.toUpperCase()}`,
    `${mnemonic} xmm1, xmmword ptr [rsi + 8]${mnemonic === 'cmpps' ? ', 0' : ''}`,
    'single',
  ),
);

describeFamily('floating point on vector registers', [
  ...arithmetic,
  ...compares,
  ...flags,
  ...conversions,
  ...misaligned,
]);
