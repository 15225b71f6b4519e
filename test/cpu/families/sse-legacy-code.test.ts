import { describeFamily, type Spec } from './family.ts';
import { anyMxcsr, fxImage, NO_VECTORS_ON_UNICORN } from './fx-values.ts';

const integers = fxImage({ mmx: true });
const doubles = fxImage({ elements: 'double', mxcsr: anyMxcsr, mmx: true });
const CASES = 12;

/** Vector instructions whose operands or addresses depend on the code's size, and some of every family that do not. */
const INTEGER = [
  'movd xmm1, edx; movd [esi + 3], xmm1; movd ecx, xmm2; movd mm1, ecx',
  'movq xmm1, qword ptr [esi]; movq qword ptr [edi], xmm1',
  'movaps [esi], xmm1; movups xmm2, [esi + 5]; movdqa xmm3, [edi]; movdqu [edi + 9], xmm3',
  'pinsrw xmm1, edx, 3; pextrw ecx, xmm2, 5; pinsrw mm1, word ptr [esi], 1',
  'pinsrb xmm1, ebp, 3; pinsrb xmm2, byte ptr [esi], 4; pinsrd xmm3, ecx, 1; pinsrd xmm4, dword ptr [esi + 1], 2',
  'pextrb ebp, xmm1, 3; pextrb byte ptr [esi], xmm2, 4; pextrd ecx, xmm3, 1; pextrd dword ptr [esi + 1], xmm4, 2',
  'extractps edx, xmm1, 2; extractps dword ptr [edi], xmm1, 3; insertps xmm2, dword ptr [esi + 2], 0x6a',
  'pmovmskb ecx, xmm1; movmskps edx, xmm2; movmskpd ebx, xmm3; pmovmskb ebp, mm3',
  'maskmovdqu xmm1, xmm2',
  'maskmovq mm1, mm2',
  'phaddw mm1, [esi]; pshufb xmm1, [edi]; palignr xmm2, [esi], 5; palignr mm2, [esi + 1], 3',
  'pmovsxbq xmm1, word ptr [esi + 7]; pblendvb xmm2, [esi], xmm0; mpsadbw xmm3, [edi], 5',
  'ptest xmm1, [esi]',
  'pcmpestri xmm1, [esi + 1], 0x18',
  'pcmpestrm xmm1, xmm2, 0x42',
  'pcmpistri xmm1, [esi + 3], 0x1a',
  'aesenc xmm1, [esi]; aeskeygenassist xmm2, [edi], 7; pclmulqdq xmm3, [esi], 0x10; sha256rnds2 xmm4, [edi], xmm0',
  'addps xmm1, [esi + 4]',
  'pshufd xmm1, [esi + 8], 0x1b',
];
const FLOAT = [
  'cvtsi2sd xmm1, ecx; cvtsi2ss xmm2, dword ptr [esi + 1]; cvttsd2si edx, xmm1; cvtsd2si ebx, xmm2',
  'addsd xmm1, xmm2; movaps [esi], xmm3; mulsd xmm4, qword ptr [esi]; divsd xmm5, xmm6',
  'comisd xmm1, xmm2',
  'haddpd xmm1, xmm2; addsubps xmm3, xmm4; roundsd xmm5, xmm6, 4; dppd xmm7, xmm1, 0x31',
  'stmxcsr [esi]; ldmxcsr [esi]',
];

const spec =
  (fx: typeof integers) =>
  (code: string): Spec => ({
    title: `should execute ${code}`,
    code,
    bits: 32,
    fx,
    random: CASES,
    // Lengths of strings, and bytes that are written through EDI, depend on them.
    adjust: (registers, random) => {
      registers.rax = BigInt(random.below(20));
      registers.rdx = BigInt(random.below(20));
    },
    notOnUnicorn: NO_VECTORS_ON_UNICORN,
  });

describeFamily('vector instructions in 32-bit code', [
  ...INTEGER.map(spec(integers)),
  ...FLOAT.map(spec(doubles)),
]);
