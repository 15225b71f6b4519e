import { DATA, READ_ONLY, UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { fxImage, NO_VECTORS_ON_UNICORN } from './fx-values.ts';

const registers = fxImage({ mmx: true });
const spec = (title: string, code: string, more: Partial<Spec> = {}): Spec => ({
  title,
  code,
  fx: registers,
  notOnUnicorn: NO_VECTORS_ON_UNICORN,
  ...more,
});

/** Loads and stores of one instruction, in registers low and high. */
function both(mnemonic: string, pointer: string): Spec[] {
  const name = mnemonic.toUpperCase();
  return [
    spec(`should execute ${name} from memory`, `${mnemonic} xmm3, ${pointer} [rsi]`),
    spec(
      `should execute ${name} from memory into a high register`,
      `${mnemonic} xmm11, ${pointer} [rsi + 16]`,
    ),
    spec(`should execute ${name} to memory`, `${mnemonic} ${pointer} [rdi], xmm4`),
    spec(`should execute ${name} between registers`, `${mnemonic} xmm9, xmm2`),
    spec(`should execute ${name} of a register to itself`, `${mnemonic} xmm5, xmm5`),
  ];
}

const halves = ['movlps', 'movlpd', 'movhps', 'movhpd'].flatMap((mnemonic) => [
  spec(`should load with ${mnemonic.toUpperCase()}`, `${mnemonic} xmm7, qword ptr [rsi + 3]`),
  spec(`should store with ${mnemonic.toUpperCase()}`, `${mnemonic} qword ptr [rdi + 5], xmm12`),
]);

const aligned = ['movaps', 'movapd', 'movdqa', 'movntps', 'movntpd', 'movntdq'];
const alignmentFaults = aligned.map((mnemonic) =>
  spec(
    `should raise #GP for a misaligned ${mnemonic.toUpperCase()}`,
    `${mnemonic} xmmword ptr [rdi + 8], xmm1`,
  ),
);

const pageFaults = [
  ['a load that reaches an unmapped page', 'movups xmm1, xmmword ptr [rbx - 8]'],
  ['a store that reaches an unmapped page', 'movups xmmword ptr [rbx - 8], xmm1'],
  ['an aligned store to an unmapped page', 'movaps xmmword ptr [rbx], xmm1'],
  ['a quadword load from an unmapped page', 'movq xmm1, qword ptr [rbx]'],
  ['a store to a page that can only be read', 'movdqu xmmword ptr [rbx - 16], xmm1'],
].map(([what, code]) =>
  spec(`should fault precisely: ${what}`, code as string, { registers: { rbx: UNMAPPED } }),
);

const crossing = [
  spec('should load across a page boundary', 'movdqu xmm1, xmmword ptr [rbx - 5]', {
    registers: { rbx: DATA + 4096n },
    memory: [{ address: DATA + 4096n - 16n, bytes: Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1) }],
  }),
  spec('should store across a page boundary', 'movups xmmword ptr [rbx - 9], xmm1', {
    registers: { rbx: DATA + 4096n },
  }),
];

const general = [
  spec('should execute MOVD xmm, r32', 'movd xmm6, ecx'),
  spec('should execute MOVD xmm, m32', 'movd xmm6, dword ptr [rsi]'),
  spec('should execute MOVD r32, xmm', 'movd ecx, xmm6'),
  spec('should execute MOVD m32, xmm', 'movd dword ptr [rdi], xmm14'),
  spec('should execute MOVQ xmm, r64', 'movq xmm6, r9'),
  spec('should execute MOVQ r64, xmm', 'movq r9, xmm15'),
  spec('should execute MOVQ xmm, xmm', 'movq xmm6, xmm1'),
  spec('should execute MOVQ xmm, m64', 'movq xmm6, qword ptr [rsi]'),
  spec('should execute MOVQ m64, xmm', 'movq qword ptr [rdi], xmm6'),
  spec('should execute the store form of MOVQ between registers', '.byte 0x66, 0x0f, 0xd6, 0xca'),
  spec(
    'should execute the load form of MOVQ with a general register by REX.W',
    '.byte 0x66, 0x48, 0x0f, 0x6e, 0xca',
  ),
  spec('should execute MOVHLPS', 'movhlps xmm1, xmm10'),
  spec('should execute MOVLHPS', 'movlhps xmm9, xmm3'),
  spec('should execute MOVLHPS of a register to itself', 'movlhps xmm3, xmm3'),
  spec('should execute MOVMSKPS', 'movmskps edx, xmm3'),
  spec('should execute MOVMSKPD', 'movmskpd r10d, xmm13'),
  spec('should execute PMOVMSKB', 'pmovmskb eax, xmm8'),
  spec('should execute MOVNTPS', 'movntps xmmword ptr [rdi], xmm8'),
  spec('should execute MOVNTPD', 'movntpd xmmword ptr [rdi], xmm8'),
  spec('should execute MOVNTDQ', 'movntdq xmmword ptr [rdi], xmm8'),
  spec('should store the bytes that MASKMOVDQU selects', 'maskmovdqu xmm1, xmm2'),
  spec('should store nothing by MASKMOVDQU with an empty mask', 'pxor xmm2, xmm2; maskmovdqu xmm1, xmm2'),
  spec('should take EDI for MASKMOVDQU with a 32-bit address', 'addr32 maskmovdqu xmm1, xmm2', {
    registers: { rdi: 0x1_4000_0100n },
  }),
  spec('should add FS.base for MASKMOVDQU', '.byte 0x64; maskmovdqu xmm1, xmm2', {
    registers: { rdi: 0x100n },
    fsBase: DATA,
  }),
];

const mmx = [
  spec('should execute MOVD mm, r32 and make the x87 registers MMX registers', 'movd mm3, ecx'),
  spec('should execute MOVD r32, mm', 'movd ecx, mm5'),
  spec('should execute MOVD m32, mm', 'movd dword ptr [rdi], mm5'),
  spec('should execute MOVQ mm, r64', 'movq mm1, r11'),
  spec('should execute MOVQ r64, mm', 'movq r11, mm7'),
  spec('should execute MOVQ mm, m64', 'movq mm4, qword ptr [rsi]'),
  spec('should execute MOVQ m64, mm', 'movq qword ptr [rdi], mm4'),
  spec('should execute MOVQ mm, mm', 'movq mm4, mm2'),
  spec('should execute MOVNTQ', 'movntq qword ptr [rdi], mm2'),
  spec('should execute MOVQ2DQ', 'movq2dq xmm9, mm6'),
  spec('should execute MOVDQ2Q', 'movdq2q mm6, xmm9'),
  spec('should execute PMOVMSKB r32, mm', 'pmovmskb ecx, mm6'),
  spec('should execute MASKMOVQ', 'maskmovq mm1, mm2'),
  ...[UNMAPPED, READ_ONLY, UNMAPPED - 4n].flatMap((rdi) => [
    spec(
      `should make the x87 registers valid though MASKMOVQ faults at ${rdi.toString(16)}`,
      'maskmovq mm1, mm2',
      {
        registers: { rdi },
      },
    ),
    spec(
      `should fault with an empty mask of MASKMOVDQU at ${rdi.toString(16)}`,
      'pxor xmm2, xmm2; maskmovdqu xmm1, xmm2',
      {
        registers: { rdi },
      },
    ),
    spec(
      `should fault with an empty mask of MASKMOVQ at ${rdi.toString(16)}`,
      'movd mm2, eax; maskmovq mm1, mm2',
      {
        registers: { rdi, rax: 0n },
      },
    ),
  ]),
  spec('should execute EMMS', 'movq mm1, mm2; emms'),
  spec('should leave the x87 registers alone when an MMX load faults', 'movq mm1, qword ptr [rbx]', {
    registers: { rbx: UNMAPPED },
  }),
];

describeFamily('moves of vector registers', [
  ...['movaps', 'movups', 'movapd', 'movupd', 'movdqa', 'movdqu'].flatMap((name) =>
    both(name, 'xmmword ptr'),
  ),
  ...both('movss', 'dword ptr'),
  ...both('movsd', 'qword ptr'),
  ...halves,
  ...alignmentFaults,
  ...pageFaults,
  ...crossing,
  ...general,
  ...mmx,
]);
