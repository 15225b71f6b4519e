import { DATA, READ_ONLY, UNMAPPED } from '../../oracles/user-case.ts';
import type { Random } from '../../oracles/user-case-random.ts';
import { describeFamily, type Spec } from './family.ts';
import { anyMxcsr, fxImage, NO_VECTORS_ON_UNICORN } from './fx-values.ts';

const registers = fxImage({ mmx: true, mxcsr: anyMxcsr });
const spec = (title: string, code: string, more: Partial<Spec> = {}): Spec => ({
  title,
  code,
  fx: registers,
  notOnUnicorn: NO_VECTORS_ON_UNICORN,
  ...more,
});

/** Sets some of MXCSR's reserved bits, but for AMD's misaligned-exception mask (bit 17), which this processor does not have. */
function reservedBits(values: Record<string, bigint>, random: Random): void {
  values.rcx = BigInt(anyMxcsr(random)) | (1n << BigInt(18 + random.below(14)));
}

describeFamily('the state of vector registers', [
  spec('should execute LDMXCSR', 'mov [rdi], ecx; ldmxcsr dword ptr [rdi]', {
    adjust: (values, random) => {
      values.rcx = BigInt(anyMxcsr(random));
    },
  }),
  spec('should raise #GP for reserved bits in LDMXCSR', 'mov [rdi], ecx; ldmxcsr dword ptr [rdi]', {
    adjust: reservedBits,
  }),
  spec('should execute STMXCSR', 'stmxcsr dword ptr [rdi + 1]'),
  spec('should raise #PF for STMXCSR to a page that can only be read', 'stmxcsr dword ptr [rbx]', {
    registers: { rbx: READ_ONLY },
  }),
  spec('should execute FXSAVE', 'fxsave [rdi]'),
  spec('should execute FXSAVE64', 'fxsave64 [rdi]'),
  spec('should execute FXSAVE after MMX instructions', 'movq mm3, mm4; fxsave64 [rdi]'),
  spec('should execute FXSAVE across a page boundary', 'fxsave64 [rbx]', {
    registers: { rbx: DATA + 4096n - 208n },
  }),
  spec('should raise #GP for FXSAVE to a misaligned address', 'fxsave [rdi + 8]'),
  spec('should raise #GP for FXRSTOR from a misaligned address', 'fxrstor [rdi + 4]'),
  spec('should write nothing when FXSAVE runs into an unmapped page', 'fxsave64 [rbx]', {
    registers: { rbx: UNMAPPED - 256n },
  }),
  spec('should change nothing when FXRSTOR runs into an unmapped page', 'fxrstor64 [rbx]', {
    registers: { rbx: UNMAPPED - 256n },
  }),
  spec('should raise #PF for FXSAVE to an unmapped page', 'fxsave64 [rbx]', { registers: { rbx: UNMAPPED } }),
  spec('should raise #GP for FXRSTOR from a non-canonical address', 'fxrstor64 [rbx]', {
    registers: { rbx: 1n << 47n },
  }),
  ...['', '64'].flatMap((wide) => [
    spec(
      `should restore with FXRSTOR${wide} what FXSAVE${wide} saved`,
      `fxsave${wide} [rdi]; pxor xmm1, xmm1; pcmpeqb xmm15, xmm15; movq mm2, mm3; emms; fxrstor${wide} [rdi]`,
    ),
    spec(
      `should raise #GP for reserved bits of MXCSR in FXRSTOR${wide}`,
      `fxsave${wide} [rdi]; mov [rdi + 24], ecx; pxor xmm1, xmm1; fxrstor${wide} [rdi]`,
      { adjust: reservedBits },
    ),
    spec(
      `should restore a changed image with FXRSTOR${wide}`,
      `fxsave${wide} [rdi]; mov [rdi + 160], rcx; mov [rdi + 408], rbx; mov [rdi + 64], rdx; mov dword ptr [rdi + 28], -1; fxrstor${wide} [rdi]`,
    ),
  ]),
  spec(
    'should turn the x87 registers when an MMX instruction finds TOP not zero',
    'fxsave64 [rdi]; mov word ptr [rdi + 2], 0x1800; mov byte ptr [rdi + 4], 0x5a; fxrstor64 [rdi]; paddd mm1, mm2',
  ),
  spec(
    'should keep TOP when an MMX load faults',
    'fxsave64 [rdi]; mov word ptr [rdi + 2], 0x1800; mov byte ptr [rdi + 4], 0x5a; fxrstor64 [rdi]; paddd mm1, [rbx]',
    { registers: { rbx: UNMAPPED } },
  ),
  spec(
    'should raise #MF when an x87 exception is pending',
    'fxsave64 [rdi]; mov word ptr [rdi], 0x37e; mov word ptr [rdi + 2], 0x8081; fxrstor64 [rdi]; paddd mm1, mm2',
  ),
  spec(
    'should not raise #MF for XMM instructions',
    'fxsave64 [rdi]; mov word ptr [rdi], 0x37e; mov word ptr [rdi + 2], 0x8081; fxrstor64 [rdi]; paddd xmm1, xmm2',
  ),
  spec('should execute CLFLUSH', 'clflush byte ptr [rdi]'),
  spec('should raise #PF as a read for CLFLUSH of an unmapped page', 'clflush byte ptr [rbx]', {
    registers: { rbx: UNMAPPED },
  }),
  spec('should keep the fences', 'lfence; mfence; sfence; pause'),
]);
