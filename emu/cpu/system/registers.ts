/** Bits of the control registers and of EFER (AMD APM vol. 2, chapter 3). */

export const CR0_PE = 1 << 0;
export const CR0_MP = 1 << 1;
export const CR0_EM = 1 << 2;
export const CR0_TS = 1 << 3;
export const CR0_ET = 1 << 4;
export const CR0_NE = 1 << 5;
export const CR0_WP = 1 << 16;
export const CR0_AM = 1 << 18;
export const CR0_NW = 1 << 29;
export const CR0_CD = 1 << 30;
export const CR0_PG = 1 << 31;

export const CR3_PWT = 1 << 3;
export const CR3_PCD = 1 << 4;

export const CR4_TSD = 1 << 2;
export const CR4_DE = 1 << 3;
export const CR4_PSE = 1 << 4;
export const CR4_PAE = 1 << 5;
export const CR4_MCE = 1 << 6;
export const CR4_PGE = 1 << 7;
export const CR4_PCE = 1 << 8;
export const CR4_OSFXSR = 1 << 9;
export const CR4_OSXMMEXCPT = 1 << 10;
export const CR4_UMIP = 1 << 11;
export const CR4_FSGSBASE = 1 << 16;
export const CR4_OSXSAVE = 1 << 18;
export const CR4_SMEP = 1 << 20;
export const CR4_SMAP = 1 << 21;

/** Components of extended state in XCR0 and in XSAVE's areas. */
export const XCR0_X87 = 1 << 0;
export const XCR0_SSE = 1 << 1;
export const XCR0_YMM = 1 << 2;
/** Bytes of an area of x87 and SSE state: FXSAVE's image and a header. */
export const XSAVE_AREA_BYTES = 512 + 64;

export const EFER_SCE = 1 << 0;
export const EFER_LME = 1 << 8;
export const EFER_LMA = 1 << 10;
export const EFER_NXE = 1 << 11;
export const EFER_FFXSR = 1 << 14;

/** Bits of a physical address that this processor has; CPUID 0x80000008 says the same. */
export const PHYSICAL_ADDRESS_BITS = 40;
/** Bits of a linear address that 4-level paging translates. */
export const LINEAR_ADDRESS_BITS = 48;

/** True when bits 63–47 of a linear address, given by its high half, are all equal. */
export function isCanonical(high: number): boolean {
  const upper = high >> 15;
  return upper === 0 || upper === -1;
}
