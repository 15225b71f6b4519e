import { describeFamily } from './family.ts';
import { vectorForms as forms, vectorSpec as spec } from './vector-forms.ts';

const arithmetic = [
  ...['b', 'w', 'd', 'q', 'sb', 'sw', 'usb', 'usw'].flatMap((size) => [`padd${size}`, `psub${size}`]),
  ...['pmullw', 'pmulhw', 'pmulhuw', 'pmuludq', 'pmaddwd', 'pavgb', 'pavgw', 'psadbw'],
  ...['pminub', 'pmaxub', 'pminsw', 'pmaxsw', 'pand', 'pandn', 'por', 'pxor'],
  ...['b', 'w', 'd'].flatMap((size) => [`pcmpeq${size}`, `pcmpgt${size}`]),
  ...['packsswb', 'packuswb', 'packssdw', 'punpckhbw', 'punpckhwd', 'punpckhdq'],
  ...['punpcklbw', 'punpcklwd', 'punpckldq'],
];

const SHUFFLES = ['0', '0x1b', '0xe4', '0x93', '0xff', '0x4e'];

const shifts = ['psrlw', 'psrld', 'psrlq', 'psraw', 'psrad', 'psllw', 'pslld', 'psllq'].flatMap(
  (mnemonic) => {
    const name = mnemonic.toUpperCase();
    const counted = [0, 1, 7, 15, 16, 31, 32, 63, 64, 255].flatMap((count) => [
      spec(`should execute ${name} xmm, ${count}`, `${mnemonic} xmm9, ${count}`),
      spec(`should execute ${name} mm, ${count}`, `${mnemonic} mm2, ${count}`),
    ]);
    // Random counts are nearly always too large: these have few bits.
    const small = 'and ecx, 63; movd xmm1, ecx; movd mm1, ecx';
    return [
      ...counted,
      ...forms(mnemonic),
      spec(
        `should execute ${name} by a count in a register`,
        `${small}; ${mnemonic} xmm2, xmm1; ${mnemonic} mm2, mm1`,
      ),
      spec(
        `should execute ${name} by a count in memory`,
        `${small}; movdqa [rdi], xmm1; ${mnemonic} xmm2, [rdi]; ${mnemonic} mm2, [rdi]`,
      ),
    ];
  },
);

const bytes = ['pslldq', 'psrldq'].flatMap((mnemonic) =>
  [0, 1, 5, 8, 15, 16, 17, 128, 255].map((count) =>
    spec(`should execute ${mnemonic.toUpperCase()} by ${count}`, `${mnemonic} xmm8, ${count}`),
  ),
);

const words = [0, 1, 3, 4, 7, 8, 255].flatMap((word) => [
  spec(
    `should execute PINSRW of word ${word} from a register`,
    `pinsrw xmm9, r10d, ${word}; pinsrw mm1, edx, ${word}`,
  ),
  spec(
    `should execute PINSRW of word ${word} from memory`,
    `pinsrw xmm2, word ptr [rsi + 2], ${word}; pinsrw mm5, word ptr [rsi], ${word}`,
  ),
  spec(`should execute PEXTRW of word ${word}`, `pextrw r9d, xmm9, ${word}; pextrw eax, mm3, ${word}`),
]);

describeFamily('integer operations on vector registers', [
  ...arithmetic.flatMap((mnemonic) => forms(mnemonic)),
  ...['punpcklqdq', 'punpckhqdq'].flatMap((mnemonic) => forms(mnemonic, { mmx: false })),
  ...['andps', 'andpd', 'andnps', 'andnpd', 'orps', 'orpd', 'xorps', 'xorpd'].flatMap((mnemonic) =>
    forms(mnemonic, { mmx: false }),
  ),
  ...['unpcklps', 'unpcklpd', 'unpckhps', 'unpckhpd'].flatMap((mnemonic) => forms(mnemonic, { mmx: false })),
  ...shifts,
  ...bytes,
  ...['pshufd', 'pshuflw', 'pshufhw', 'shufps', 'shufpd'].flatMap((mnemonic) =>
    forms(mnemonic, { mmx: false, immediates: SHUFFLES }),
  ),
  ...forms('pshufw', { xmm: false, immediates: SHUFFLES }),
  ...words,
  spec('should raise #GP for a misaligned operand', 'paddd xmm1, xmmword ptr [rsi + 4]'),
  spec('should not ask an MMX operand to be aligned', 'paddd mm1, qword ptr [rsi + 3]'),
]);
