import { describe, expect, it } from 'vitest';
import { Decoder } from '../../emu/cpu/decode/decoder.ts';
import { CLAIMED_FEATURES, IMPLEMENTED_FEATURES } from '../../emu/cpu/families/features.ts';
import { instructionTable } from '../../emu/cpu/families/index.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { isCpuFeature } from '../../emu/cpu/system/features.ts';
import type { Encoding } from '../../emu/cpu/table/encoding.ts';
import { FormTable } from '../../emu/cpu/table/forms.ts';
import { encodeInstruction } from './support/encode.ts';
import { CODE, emptyBus, flatProcessor } from './support/flat-processor.ts';

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16)).join(' ');

/** The instructions of Intel SDM volume 1, 5.4 to 5.12 and 10.5, by the feature that announces them. */
const INSTRUCTIONS: Readonly<Record<string, string>> = {
  FPU: `FLD FST FSTP FILD FIST FISTP FBLD FBSTP FXCH FCMOVE FCMOVNE FCMOVB FCMOVBE FCMOVNB FCMOVNBE FCMOVU FCMOVNU FADD FADDP FIADD FSUB FSUBP
    FISUB FSUBR FSUBRP FISUBR FMUL FMULP FIMUL FDIV FDIVP FIDIV FDIVR FDIVRP FIDIVR FPREM FPREM1 FABS FCHS FRNDINT FSCALE FSQRT FXTRACT FCOM
    FCOMP FCOMPP FUCOM FUCOMP FUCOMPP FICOM FICOMP FCOMI FUCOMI FCOMIP FUCOMIP FTST FXAM FSIN FCOS FSINCOS FPTAN FPATAN F2XM1 FYL2X FYL2XP1
    FLD1 FLDZ FLDPI FLDL2E FLDLN2 FLDL2T FLDLG2 FINCSTP FDECSTP FFREE FNINIT FNCLEX FNSTCW FLDCW FNSTENV FLDENV FNSAVE FRSTOR FNSTSW FWAIT
    FNOP`,
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
  SSE3: 'FISTTP ADDSUBPS ADDSUBPD HADDPS HADDPD HSUBPS HSUBPD MOVSLDUP MOVSHDUP MOVDDUP LDDQU',
  SSSE3: `PHADDW PHADDD PHADDSW PHSUBW PHSUBD PHSUBSW PABSB PABSW PABSD PMADDUBSW PMULHRSW PSHUFB PSIGNB PSIGNW PSIGND PALIGNR`,
  // PINSRQ and PEXTRQ are PINSRD and PEXTRD with REX.W.
  SSE41: `PMULLD PMULDQ DPPS DPPD MOVNTDQA BLENDPS BLENDPD BLENDVPS BLENDVPD PBLENDVB PBLENDW PMINUW PMINUD PMINSB PMINSD PMAXUW PMAXUD
    PMAXSB PMAXSD ROUNDPS ROUNDPD ROUNDSS ROUNDSD EXTRACTPS INSERTPS PINSRB PINSRD PEXTRB PEXTRW PEXTRD PMOVSXBW PMOVZXBW PMOVSXBD
    PMOVZXBD PMOVSXWD PMOVZXWD PMOVSXBQ PMOVZXBQ PMOVSXWQ PMOVZXWQ PMOVSXDQ PMOVZXDQ MPSADBW PHMINPOSUW PTEST PCMPEQQ PACKUSDW`,
  SSE42: 'CRC32 PCMPESTRI PCMPESTRM PCMPISTRI PCMPISTRM PCMPGTQ',
  SSE4A: 'EXTRQ INSERTQ MOVNTSS MOVNTSD',
  PCLMULQDQ: 'PCLMULQDQ',
  AES: 'AESENC AESENCLAST AESDEC AESDECLAST AESIMC AESKEYGENASSIST',
  SHA: 'SHA1RNDS4 SHA1NEXTE SHA1MSG1 SHA1MSG2 SHA256RNDS2 SHA256MSG1 SHA256MSG2',
  CLFSH: 'CLFLUSH',
  XSAVE: 'XSAVE XRSTOR XGETBV XSETBV',
  XSAVEOPT: 'XSAVEOPT',
  CMPXCHG16B: 'CMPXCHG16B',
  MOVBE: 'MOVBE',
  POPCNT: 'POPCNT',
  LZCNT: 'LZCNT',
  BMI1: 'ANDN BEXTR BLSI BLSMSK BLSR TZCNT',
  BMI2: 'BZHI MULX PDEP PEXT RORX SARX SHLX SHRX',
  ADX: 'ADCX ADOX',
  RDRAND: 'RDRAND',
  RDSEED: 'RDSEED',
  RDPID: 'RDPID',
  FSGSBASE: 'RDFSBASE RDGSBASE WRFSBASE WRGSBASE',
  PREFETCHW: 'PREFETCH',
  CLFLUSHOPT: 'CLFLUSHOPT',
  CLWB: 'CLWB',
};
/** Instructions that SSE and SSE2 brought but that rows of the baseline implement, as NOPs where they are not enabled. */
const WITHOUT_FEATURE = ['LFENCE', 'MFENCE', 'SFENCE', 'NOP'];
const VALUES = { register: 1, rm: 3, displacement: 0, immediate: 0n };
const OPERAND_SIZES = [4, 8];

describe('the features that CPUID claims', () => {
  it.each(IMPLEMENTED_FEATURES)('should have every instruction of %s in the table', (feature) => {
    const implemented = new Set(
      instructionTable.filter((row) => row.feature === feature).map(({ mnemonic }) => mnemonic),
    );
    const wanted = (INSTRUCTIONS[feature] as string).split(/\s+/);
    expect(wanted.filter((mnemonic) => !implemented.has(mnemonic))).toEqual([]);
  });

  it('should be features that CPUID knows, in every row', () => {
    const names = instructionTable.flatMap(({ feature }) => feature ?? []);
    expect(names.filter((name) => !isCpuFeature(name))).toEqual([]);
  });

  it.each(WITHOUT_FEATURE)('should have %s in the table', (mnemonic) => {
    expect(instructionTable.some((row) => row.mnemonic === mnemonic)).toBe(true);
  });

  const forms = new FormTable(instructionTable);
  /** The encodings of a feature, in 64-bit code. */
  const encodings = (feature: string): { readonly encoding: Encoding; readonly bytes: Uint8Array }[] =>
    forms.encodings
      .filter(({ row }) => row.feature === feature)
      .flatMap((encoding) =>
        OPERAND_SIZES.map((size) => {
          const memory = encoding.form === 'memory';
          const choice = { size, addressSize: 8, long: true, memory, repeat: 'none' as const };
          return { encoding, bytes: encodeInstruction(encoding, choice, VALUES) };
        }),
      );
  const decoded = (decoder: Decoder, bytes: Uint8Array): Encoding | undefined =>
    decoder.decode(bytes, 0, bytes.length, { codeSize: 8 }) ? decoder.decoded.encoding : undefined;

  it.each(IMPLEMENTED_FEATURES)('should decode every encoding of %s', (feature) => {
    const decoder = new Decoder(forms);
    for (const { encoding, bytes } of encodings(feature)) {
      expect(decoded(decoder, bytes)?.row, hex(bytes)).toBe(encoding.row);
    }
  });

  const features = [...new Set(instructionTable.flatMap(({ feature }) => feature ?? []))];
  it.each(features)('should not run any encoding of %s without the claim', (feature) => {
    const others = [...CLAIMED_FEATURES].filter((name) => name !== feature);
    const decoder = new Decoder(forms, new Set(others));
    for (const { bytes } of encodings(feature)) {
      const { row } = decoded(decoder, bytes) ?? {};
      // LZCNT and TZCNT are BSR and BSF then: F3 does not count before them.
      const before = { LZCNT: 'BSR', BMI1: 'BSF', CMPXCHG16B: 'CMPXCHG8B' }[feature];
      expect([undefined, before], hex(bytes)).toContain(row?.mnemonic);
    }
  });

  it('should raise #UD in a processor that does not claim them, and tell the host', () => {
    const cpu = flatProcessor(0, emptyBus, []);
    const told: bigint[] = [];
    cpu.onUnimplemented = ({ address }) => told.push(address);
    cpu.state.ram.set([0xf3, 0x0f, 0xb8, 0xc1], CODE); // POPCNT EAX, ECX
    expect(cpu.run(1)).toBe('shutdown');
    expect(told).toEqual([BigInt(CODE)]);
    expect(cpu.system.identification.leaf(1, 0)[2] & (1 << 23)).toBe(0);
  });

  it('should run TZCNT as BSF in a processor that does not claim BMI1', () => {
    const zero = [0xf3, 0x0f, 0xbc, 0xc1]; // TZCNT EAX, ECX of zero
    for (const [claimed, expected] of [
      [[], 0x77n],
      [['BMI1' as const], 32n],
    ] as const) {
      const cpu = flatProcessor(0, emptyBus, claimed);
      cpu.state.set64(layout.GPR, 0x77n);
      cpu.state.ram.set(zero, CODE);
      cpu.run(1);
      expect(cpu.state.get64(layout.GPR)).toBe(expected);
    }
  });

  it('should show them in leaf 1', () => {
    const [, , ecx, edx] = flatProcessor().system.identification.leaf(1, 0);
    const [clfsh, mmx, fxsr, sse, sse2] = [19, 23, 24, 25, 26].map((bit) => (edx >>> bit) & 1);
    expect({ clfsh, mmx, fxsr, sse, sse2 }).toEqual({ clfsh: 1, mmx: 1, fxsr: 1, sse: 1, sse2: 1 });
    const later = [0, 1, 9, 19, 20, 25].map((bit) => (ecx >>> bit) & 1);
    const [sse3, pclmulqdq, ssse3, sse41, sse42, aes] = later;
    expect({ sse3, ssse3, sse41, sse42 }).toEqual({ sse3: 1, ssse3: 1, sse41: 1, sse42: 1 });
    expect({ pclmulqdq, aes }).toEqual({ pclmulqdq: 1, aes: 1 });
  });

  it('should show the SHA extensions in leaf 7', () => {
    const [, ebx] = flatProcessor().system.identification.leaf(7, 0);
    expect((ebx >>> 29) & 1).toBe(1);
  });
});
