import { UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { fxImage, NO_VECTORS_ON_UNICORN } from './fx-values.ts';

const fx = fxImage({ elements: 'single', mmx: true });

/** Instructions by how many bytes of a memory operand they read. */
const SOURCES: Readonly<Record<number, readonly string[]>> = {
  1: ['pinsrb xmm1, byte ptr [rbx], 3'],
  2: ['pinsrw xmm1, word ptr [rbx], 3', 'pinsrw mm1, word ptr [rbx], 3'],
  4: [
    ...['movss', 'addss', 'sqrtss', 'minss', 'rcpss', 'comiss', 'ucomiss', 'cvtss2sd'].map(
      (name) => `${name} xmm1, dword ptr [rbx]`,
    ),
    ...['movd', 'cvtsi2ss', 'cvtsi2sd'].map((name) => `${name} xmm1, dword ptr [rbx]`),
    ...['punpcklbw', 'punpcklwd', 'punpckldq', 'movd'].map((name) => `${name} mm1, dword ptr [rbx]`),
    'cmpss xmm1, dword ptr [rbx], 1',
    'roundss xmm1, dword ptr [rbx], 1',
    'insertps xmm1, dword ptr [rbx], 0xd0',
    'pinsrd xmm1, dword ptr [rbx], 2',
    'cvtss2si rcx, dword ptr [rbx]',
    'cvttss2si ecx, dword ptr [rbx]',
    'ldmxcsr dword ptr [rbx]',
  ],
  8: [
    ...['movsd', 'addsd', 'divsd', 'maxsd', 'comisd', 'ucomisd', 'cvtsd2ss'].map(
      (name) => `${name} xmm1, qword ptr [rbx]`,
    ),
    ...['movq', 'movlps', 'movhpd', 'cvtps2pd', 'cvtdq2pd', 'cvtpi2ps', 'cvtpi2pd'].map(
      (name) => `${name} xmm1, qword ptr [rbx]`,
    ),
    ...['paddb', 'punpckhbw', 'psllw', 'cvtps2pi', 'cvttps2pi', 'movq'].map(
      (name) => `${name} mm1, qword ptr [rbx]`,
    ),
    'movddup xmm1, qword ptr [rbx]',
    'roundsd xmm1, qword ptr [rbx], 2',
    'pinsrq xmm1, qword ptr [rbx], 1',
    'phaddw mm1, qword ptr [rbx]',
    'palignr mm1, qword ptr [rbx], 3',
    'pshufw mm1, qword ptr [rbx], 0x1b',
    'cvtsi2sd xmm1, qword ptr [rbx]',
    'cvtsd2si ecx, qword ptr [rbx]',
  ],
  16: [
    'movups xmm1, xmmword ptr [rbx]',
    'movdqu xmm1, xmmword ptr [rbx]',
    'lddqu xmm1, xmmword ptr [rbx]',
    'pcmpistri xmm1, xmmword ptr [rbx], 8',
    'sha1msg1 xmm1, xmmword ptr [rbx]',
  ],
};

const specs = Object.entries(SOURCES).flatMap(([bytes, codes]) =>
  codes.flatMap((code): Spec[] => {
    const common = { code, fx, random: 2, notOnUnicorn: NO_VECTORS_ON_UNICORN };
    const end = UNMAPPED - BigInt(bytes);
    return [
      { ...common, title: `should read no further than the page's end: ${code}`, registers: { rbx: end } },
      { ...common, title: `should fault one byte further: ${code}`, registers: { rbx: end + 1n } },
    ];
  }),
);

describeFamily('the size of vector operands in memory', specs);
