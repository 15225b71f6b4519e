import { describe, expect, it } from 'vitest';
import { IMPLEMENTED_FEATURES } from '../../emu/cpu/families/features.ts';
import { instructionTable } from '../../emu/cpu/families/index.ts';
import { flatProcessor } from './support/flat-processor.ts';

/** The instructions of Intel SDM volume 1, 5.4 to 5.6 and 10.5, by the feature that announces them. */
const INSTRUCTIONS: Readonly<Record<string, string>> = {
  MMX: `MOVD MOVQ PACKSSWB PACKSSDW PACKUSWB PUNPCKHBW PUNPCKHWD PUNPCKHDQ PUNPCKLBW PUNPCKLWD PUNPCKLDQ PADDB PADDW PADDD PADDSB PADDSW
    PADDUSB PADDUSW PSUBB PSUBW PSUBD PSUBSB PSUBSW PSUBUSB PSUBUSW PMULHW PMULLW PMADDWD PCMPEQB PCMPEQW PCMPEQD PCMPGTB PCMPGTW PCMPGTD
    PAND PANDN POR PXOR PSLLW PSLLD PSLLQ PSRLW PSRLD PSRLQ PSRAW PSRAD EMMS`,
  FXSR: 'FXSAVE FXRSTOR',
  SSE: `MOVAPS MOVUPS MOVHPS MOVHLPS MOVLPS MOVLHPS MOVMSKPS MOVSS ADDPS ADDSS SUBPS SUBSS MULPS MULSS DIVPS DIVSS RCPPS RCPSS SQRTPS SQRTSS
    RSQRTPS RSQRTSS MAXPS MAXSS MINPS MINSS CMPPS CMPSS COMISS UCOMISS ANDPS ANDNPS ORPS XORPS SHUFPS UNPCKHPS UNPCKLPS CVTPI2PS CVTSI2SS
    CVTPS2PI CVTTPS2PI CVTSS2SI CVTTSS2SI LDMXCSR STMXCSR PAVGB PAVGW PEXTRW PINSRW PMAXUB PMAXSW PMINUB PMINSW PMOVMSKB PMULHUW PSADBW
    PSHUFW MASKMOVQ MOVNTQ MOVNTPS`,
  SSE2: `MOVAPD MOVUPD MOVHPD MOVLPD MOVMSKPD MOVSD ADDPD ADDSD SUBPD SUBSD MULPD MULSD DIVPD DIVSD SQRTPD SQRTSD MAXPD MAXSD MINPD MINSD
    ANDPD ANDNPD ORPD XORPD CMPPD CMPSD COMISD UCOMISD SHUFPD UNPCKHPD UNPCKLPD CVTPD2PI CVTTPD2PI CVTPI2PD CVTPD2DQ CVTTPD2DQ CVTDQ2PD
    CVTPS2PD CVTPD2PS CVTSS2SD CVTSD2SS CVTSD2SI CVTTSD2SI CVTSI2SD CVTDQ2PS CVTPS2DQ CVTTPS2DQ MOVDQA MOVDQU MOVQ2DQ MOVDQ2Q PMULUDQ PADDQ
    PSUBQ PSHUFLW PSHUFHW PSHUFD PSLLDQ PSRLDQ PUNPCKHQDQ PUNPCKLQDQ MASKMOVDQU MOVNTPD MOVNTDQ MOVNTI PADDB PSUBB PMULLW PMULHW PMADDWD
    PCMPEQB PCMPGTB PAND PANDN POR PXOR PSLLW PSRLW PSRAW PACKSSWB PACKSSDW PACKUSWB PUNPCKHBW PUNPCKLBW PAVGB PAVGW PEXTRW PINSRW PMAXUB
    PMAXSW PMINUB PMINSW PMOVMSKB PMULHUW PSADBW`,
  CLFSH: 'CLFLUSH',
};
/** Instructions that SSE and SSE2 brought but that rows of the baseline implement, as NOPs where they are not enabled. */
const WITHOUT_FEATURE = ['LFENCE', 'MFENCE', 'SFENCE', 'PREFETCH', 'NOP'];

describe('the features that CPUID claims', () => {
  it.each(IMPLEMENTED_FEATURES)('should have every instruction of %s in the table', (feature) => {
    const implemented = new Set(
      instructionTable.filter((row) => row.feature === feature).map(({ mnemonic }) => mnemonic),
    );
    const wanted = (INSTRUCTIONS[feature] as string).split(/\s+/);
    expect(wanted.filter((mnemonic) => !implemented.has(mnemonic))).toEqual([]);
  });

  it.each(WITHOUT_FEATURE)('should have %s in the table', (mnemonic) => {
    expect(instructionTable.some((row) => row.mnemonic === mnemonic)).toBe(true);
  });

  it('should show them in leaf 1', () => {
    const [, , , edx] = flatProcessor().system.identification.leaf(1, 0);
    const [clfsh, mmx, fxsr, sse, sse2] = [19, 23, 24, 25, 26].map((bit) => (edx >>> bit) & 1);
    expect({ clfsh, mmx, fxsr, sse, sse2 }).toEqual({ clfsh: 1, mmx: 1, fxsr: 1, sse: 1, sse2: 1 });
  });
});
