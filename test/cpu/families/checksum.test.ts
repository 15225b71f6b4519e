import { describeFamily, type Spec } from './family.ts';
import { pointer, register } from './operands.ts';

const NOT_ON_UNICORN = { notOnUnicorn: 'its processor models do not have this instruction' };
const specs: Spec[] = [];

for (const [width, sizes] of [
  // The destination is a quadword with REX.W, which the assembler gives it for byte and quadword sources only.
  [32, [8, 16, 32]],
  [64, [8, 64]],
] as const) {
  for (const size of sizes) {
    for (const [form, source] of [
      [`r${size}`, register(size, 'bx')],
      [`m${size}`, `${pointer(size)} [rsi + 1]`],
    ]) {
      specs.push({
        title: `should execute CRC32 r${width}, ${form}`,
        code: `crc32 ${register(width, 'ax')}, ${source}`,
        random: 60,
        ...NOT_ON_UNICORN,
      });
    }
  }
}

for (const [title, code] of [
  ['should execute CRC32 of a byte after 66 and F2', '.byte 0x66, 0xf2, 0x0f, 0x38, 0xf0, 0xc1'],
  ['should execute CRC32 of a word after F2 and 66', '.byte 0xf2, 0x66, 0x0f, 0x38, 0xf1, 0xc1'],
  [
    'should execute CRC32 of a quadword after 66, F2 and REX.W',
    '.byte 0x66, 0xf2, 0x48, 0x0f, 0x38, 0xf1, 0xc1',
  ],
] as const) {
  specs.push({ title, code, random: 20, ...NOT_ON_UNICORN });
}

describeFamily('checksums', specs);
