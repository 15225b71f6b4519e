import { describeFamily } from './family.ts';
import { misaligned, vectorForms, vectorSpec } from './vector-forms.ts';

const xmmOnly = { mmx: false };
const AES = ['aesenc', 'aesenclast', 'aesdec', 'aesdeclast', 'aesimc'];
const SHA = ['sha1nexte', 'sha1msg1', 'sha1msg2', 'sha256msg1', 'sha256msg2'];
const everyImmediate = Array.from({ length: 256 }, (_, i) => String(i));

describeFamily('AES-NI, PCLMULQDQ and the SHA extensions', [
  ...AES.flatMap((mnemonic) => vectorForms(mnemonic, xmmOnly)),
  ...everyImmediate.map((constant) =>
    vectorSpec(
      `should execute AESKEYGENASSIST by ${constant}`,
      `aeskeygenassist xmm1, xmm10, ${constant}; aeskeygenassist xmm2, [rsi], ${constant}`,
    ),
  ),
  ...vectorForms('pclmulqdq', { ...xmmOnly, immediates: ['0', '1', '0x10', '0x11', '0xee', '0xff'] }),
  vectorSpec('should multiply polynomials by nothing', 'pxor xmm1, xmm1; pclmulqdq xmm2, xmm1, 0x10'),
  ...SHA.flatMap((mnemonic) => vectorForms(mnemonic, xmmOnly)),
  ...vectorForms('sha256rnds2', { ...xmmOnly, immediates: ['xmm0'] }),
  vectorSpec('should execute SHA256RNDS2 of XMM0 itself', 'sha256rnds2 xmm0, xmm1, xmm0'),
  ...vectorForms('sha1rnds4', { ...xmmOnly, immediates: ['0', '1', '2', '3', '4', '0xff'] }),
  ...AES.map((name) => misaligned(`${name} xmm1, [m]`)),
  ...['pclmulqdq', 'aeskeygenassist'].map((name) => misaligned(`${name} xmm1, [m], 1`)),
  ...[...SHA.map((name) => `${name} xmm1, `), 'sha256rnds2 xmm1, ', 'sha1rnds4 xmm1, '].map((start) => {
    const code = `${start}xmmword ptr [rsi + 4]${start.startsWith('sha1r') ? ', 1' : ''}`;
    return vectorSpec(`should not ask for alignment, as on AMD's processors: ${code}`, code);
  }),
]);
