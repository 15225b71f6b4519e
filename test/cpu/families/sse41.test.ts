import { UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { floatForms, misaligned, vectorForms, vectorSpec } from './vector-forms.ts';

const OPERATIONS = [
  ...['pmulld', 'pmuldq', 'pcmpeqq', 'packusdw', 'phminposuw'],
  ...['sb', 'sd', 'uw', 'ud'].flatMap((size) => [`pmin${size}`, `pmax${size}`]),
];

const BLENDS = ['0', '1', '2', '0x5a', '0xa5', '0xff'];

/** [suffix, pointer of the source]. */
const EXTENSIONS = [
  ['bw', 'qword ptr', 8],
  ['bd', 'dword ptr', 4],
  ['bq', 'word ptr', 2],
  ['wd', 'qword ptr', 8],
  ['wq', 'dword ptr', 4],
  ['dq', 'qword ptr', 8],
] as const;
const extensions = EXTENSIONS.flatMap(([suffix, pointer, bytes]) =>
  [`pmovsx${suffix}`, `pmovzx${suffix}`].flatMap((mnemonic): Spec[] => {
    const code = `${mnemonic} xmm1, ${pointer} [rbx]`;
    return [
      ...vectorForms(mnemonic, { mmx: false, pointer }),
      {
        ...vectorSpec(`should read no further than the page's end: ${code}`, code),
        registers: { rbx: UNMAPPED - BigInt(bytes) },
      },
      {
        ...vectorSpec(`should fault one byte further: ${code}`, code),
        registers: { rbx: UNMAPPED - BigInt(bytes) + 1n },
      },
    ];
  }),
);

const ELEMENTS = [0, 1, 2, 3, 7, 8, 15, 16, 255];
const elements = ELEMENTS.flatMap((element) => [
  vectorSpec(
    `should execute PINSRB, PINSRD and PINSRQ of element ${element} from registers`,
    `pinsrb xmm9, r10d, ${element}; pinsrb xmm1, ebp, ${element}; pinsrd xmm2, edx, ${element}; pinsrq xmm10, r9, ${element}`,
  ),
  vectorSpec(
    `should execute PINSRB, PINSRD and PINSRQ of element ${element} from memory`,
    `pinsrb xmm9, byte ptr [rsi + 1], ${element}; pinsrd xmm2, dword ptr [rsi + 3], ${element}; pinsrq xmm10, qword ptr [rdi + 5], ${element}`,
  ),
  vectorSpec(
    `should execute PEXTRB, PEXTRW, PEXTRD, PEXTRQ and EXTRACTPS of element ${element} into registers`,
    `pextrb r9d, xmm9, ${element}; pextrb ebp, xmm2, ${element}; .byte 0x66, 0x0f, 0x3a, 0x15, 0xca, ${element}; pextrd ebx, xmm3, ${element}; pextrq r11, xmm12, ${element}; extractps ecx, xmm4, ${element}`,
  ),
  vectorSpec(
    `should execute PEXTRB, PEXTRW, PEXTRD, PEXTRQ and EXTRACTPS of element ${element} into memory`,
    `pextrb byte ptr [rsi], xmm9, ${element}; pextrw word ptr [rsi + 3], xmm1, ${element}; pextrd dword ptr [rsi + 8], xmm3, ${element}; pextrq qword ptr [rdi], xmm12, ${element}; extractps dword ptr [rdi + 9], xmm4, ${element}`,
  ),
]);

const everyImmediate = Array.from({ length: 256 }, (_, i) => i);
const insertions = everyImmediate.map((immediate) =>
  vectorSpec(
    `should execute INSERTPS ${immediate}`,
    `insertps xmm1, xmm10, ${immediate}; insertps xmm9, dword ptr [rsi + 3], ${immediate}`,
  ),
);

/** All rounding modes, with and without the precision exception. */
const ROUNDINGS = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 15, 0xf3].map(String);
const roundings = ROUNDINGS.flatMap((immediate) => [
  ...floatForms('roundps', 'single', 'xmmword ptr', immediate),
  ...floatForms('roundpd', 'double', 'xmmword ptr', immediate),
  ...floatForms('roundss', 'single', 'dword ptr', immediate),
  ...floatForms('roundsd', 'double', 'qword ptr', immediate),
]);

const DOT_PRODUCTS = ['0', '0xff', '0xf1', '0x3f', '0x75', '0x1f', '0x8e', '0xa2'];
const dotProducts = DOT_PRODUCTS.flatMap((immediate) => [
  ...floatForms('dpps', 'single', 'xmmword ptr', immediate),
  ...floatForms('dppd', 'double', 'xmmword ptr', immediate),
]);

const MISALIGNED = [
  'pmulld',
  'pminsb',
  'packusdw',
  'phminposuw',
  'ptest',
  'pblendvb',
  'blendvpd',
  'movntdqa',
];
const MISALIGNED_IMMEDIATE = ['roundps', 'dpps', 'mpsadbw', 'pblendw', 'blendps'];

describeFamily('SSE4.1', [
  ...OPERATIONS.flatMap((mnemonic) => vectorForms(mnemonic, { mmx: false })),
  ...['blendps', 'blendpd', 'pblendw'].flatMap((mnemonic) =>
    vectorForms(mnemonic, { mmx: false, immediates: BLENDS }),
  ),
  ...['pblendvb', 'blendvps', 'blendvpd'].flatMap((mnemonic) =>
    vectorForms(mnemonic, { mmx: false, immediates: ['xmm0'] }),
  ),
  vectorSpec('should blend XMM0 by itself', 'pblendvb xmm0, xmm1, xmm0; blendvps xmm2, xmm0, xmm0'),
  ...vectorForms('mpsadbw', { mmx: false, immediates: ['0', '1', '2', '3', '4', '5', '6', '7', '0xff'] }),
  ...extensions,
  ...elements,
  ...insertions,
  ...roundings,
  ...dotProducts,
  ...vectorForms('ptest', { mmx: false }),
  vectorSpec('should find the bits of both operands with PTEST', 'pcmpgtd xmm1, xmm2; ptest xmm1, xmm1'),
  vectorSpec('should find bits outside of the first operand with PTEST', 'pand xmm1, xmm2; ptest xmm2, xmm1'),
  vectorSpec('should find equal words with PHMINPOSUW', 'psrlw xmm1, 13; phminposuw xmm2, xmm1'),
  vectorSpec('should execute MOVNTDQA', 'movntdqa xmm9, [rsi]'),
  ...MISALIGNED.map((name) => misaligned(`${name} xmm1, [m]`)),
  ...MISALIGNED_IMMEDIATE.map((name) => misaligned(`${name} xmm1, [m], 5`)),
]);
