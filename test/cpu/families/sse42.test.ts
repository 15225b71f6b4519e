import { FXSAVE_BYTES } from '../../oracles/user-case.ts';
import type { Random } from '../../oracles/user-case-random.ts';
import { describeFamily, type Spec } from './family.ts';
import { fxImage, NO_VECTORS_ON_UNICORN } from './fx-values.ts';
import { misaligned, vectorForms, vectorSpec } from './vector-forms.ts';

const XMM = 160;
const XMM_END = 416;
const CASES = 8;
const WORDS = 1;
/** Few characters, so that strings match, and some with the sign bit, so that it counts whether they are signed. */
const CHARACTERS = [0x61, 0x61, 0x62, 0x63, 0x80, 0xff, 0x7f];
const registers = fxImage();

/** Strings of bytes or words in all XMM registers, many of them ended by a zero. */
const texts =
  (words: boolean) =>
  (random: Random): Uint8Array => {
    const image = registers(random).slice(0, FXSAVE_BYTES);
    for (let at = XMM; at < XMM_END; at += words ? 2 : 1) {
      const character = random.oneIn(12) ? 0 : random.pick(CHARACTERS);
      image[at] = character;
      if (words) image[at + 1] = character === 0 || random.oneIn(2) ? 0 : 0x80;
    }
    return image;
  };

const LENGTHS = [
  0n,
  1n,
  2n,
  3n,
  5n,
  7n,
  8n,
  9n,
  15n,
  16n,
  17n,
  -1n,
  -4n,
  -16n,
  1n << 31n,
  1n << 32n,
  1n << 63n,
];

const strings = ['pcmpestri', 'pcmpestrm', 'pcmpistri', 'pcmpistrm'].flatMap((mnemonic) =>
  Array.from({ length: 256 }, (_, immediate): Spec => {
    // The upper bit of the immediate counts for nothing: such forms read memory and have REX prefixes.
    const other = immediate >= 128;
    const operands = other ? 'xmm9, xmmword ptr [rsi + 1]' : 'xmm1, xmm2';
    const wide = other && mnemonic.startsWith('pcmpe') ? 'rex.w ' : '';
    const store = other ? 'movdqu [rsi + 1], xmm3; ' : '';
    return {
      title: `should execute ${mnemonic.toUpperCase()} ${immediate}`,
      code: `${store}${wide}${mnemonic} ${operands}, ${immediate}`,
      fx: texts((immediate & WORDS) !== 0),
      random: CASES,
      notOnUnicorn: NO_VECTORS_ON_UNICORN,
      adjust: (named, random) => {
        named.rax = random.pick(LENGTHS) + (random.oneIn(4) ? random.u64() << 32n : 0n);
        named.rdx = random.pick(LENGTHS);
      },
    };
  }),
);

describeFamily('SSE4.2', [
  ...strings,
  ...vectorForms('pcmpgtq', { mmx: false }),
  vectorSpec(
    'should compare equal and neighbouring quadwords',
    'movdqa xmm1, xmm2; psubq xmm1, xmm3; pcmpgtq xmm1, xmm2',
  ),
  misaligned('pcmpgtq xmm1, [m]'),
]);
