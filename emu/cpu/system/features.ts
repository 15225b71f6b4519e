/** Where CPUID shows a feature: leaf, register and bit (AMD APM vol. 3, appendix E). */
interface FeatureBit {
  readonly leaf: number;
  readonly register: 'eax' | 'ebx' | 'ecx' | 'edx';
  readonly bit: number;
}

const STANDARD = 0x1;
const STRUCTURED = 0x7;
/** Subleaf 1 of this leaf: its EAX is all feature bits. */
const EXTENDED_STATE = 0xd;
const EXTENDED = 0x8000_0001;
const POWER_MANAGEMENT = 0x8000_0007;
const ADDRESS_SIZES = 0x8000_0008;

function bit(leaf: number, register: FeatureBit['register'], position: number): FeatureBit {
  return { leaf, register, bit: position };
}

/** Every feature this processor may have, by the manual's name. */
const FEATURES = {
  FPU: bit(STANDARD, 'edx', 0),
  DE: bit(STANDARD, 'edx', 2),
  PSE: bit(STANDARD, 'edx', 3),
  TSC: bit(STANDARD, 'edx', 4),
  MSR: bit(STANDARD, 'edx', 5),
  PAE: bit(STANDARD, 'edx', 6),
  CMPXCHG8B: bit(STANDARD, 'edx', 8),
  APIC: bit(STANDARD, 'edx', 9),
  SYSENTER: bit(STANDARD, 'edx', 11),
  PGE: bit(STANDARD, 'edx', 13),
  CMOV: bit(STANDARD, 'edx', 15),
  PAT: bit(STANDARD, 'edx', 16),
  PSE36: bit(STANDARD, 'edx', 17),
  CLFSH: bit(STANDARD, 'edx', 19),
  MMX: bit(STANDARD, 'edx', 23),
  FXSR: bit(STANDARD, 'edx', 24),
  SSE: bit(STANDARD, 'edx', 25),
  SSE2: bit(STANDARD, 'edx', 26),
  SSE3: bit(STANDARD, 'ecx', 0),
  PCLMULQDQ: bit(STANDARD, 'ecx', 1),
  SSSE3: bit(STANDARD, 'ecx', 9),
  FMA: bit(STANDARD, 'ecx', 12),
  CMPXCHG16B: bit(STANDARD, 'ecx', 13),
  SSE41: bit(STANDARD, 'ecx', 19),
  SSE42: bit(STANDARD, 'ecx', 20),
  MOVBE: bit(STANDARD, 'ecx', 22),
  POPCNT: bit(STANDARD, 'ecx', 23),
  AES: bit(STANDARD, 'ecx', 25),
  XSAVE: bit(STANDARD, 'ecx', 26),
  AVX: bit(STANDARD, 'ecx', 28),
  F16C: bit(STANDARD, 'ecx', 29),
  RDRAND: bit(STANDARD, 'ecx', 30),
  FSGSBASE: bit(STRUCTURED, 'ebx', 0),
  BMI1: bit(STRUCTURED, 'ebx', 3),
  AVX2: bit(STRUCTURED, 'ebx', 5),
  SMEP: bit(STRUCTURED, 'ebx', 7),
  BMI2: bit(STRUCTURED, 'ebx', 8),
  ERMS: bit(STRUCTURED, 'ebx', 9),
  RDSEED: bit(STRUCTURED, 'ebx', 18),
  ADX: bit(STRUCTURED, 'ebx', 19),
  SMAP: bit(STRUCTURED, 'ebx', 20),
  UMIP: bit(STRUCTURED, 'ecx', 2),
  CLFLUSHOPT: bit(STRUCTURED, 'ebx', 23),
  CLWB: bit(STRUCTURED, 'ebx', 24),
  SHA: bit(STRUCTURED, 'ebx', 29),
  RDPID: bit(STRUCTURED, 'ecx', 22),
  XSAVEOPT: bit(EXTENDED_STATE, 'eax', 0),
  LAHFSAHF: bit(EXTENDED, 'ecx', 0),
  ALTMOVCR8: bit(EXTENDED, 'ecx', 4),
  /** ABM in the AMD manual; POPCNT has a bit of its own. */
  LZCNT: bit(EXTENDED, 'ecx', 5),
  SSE4A: bit(EXTENDED, 'ecx', 6),
  PREFETCHW: bit(EXTENDED, 'ecx', 8),
  SYSCALL: bit(EXTENDED, 'edx', 11),
  NX: bit(EXTENDED, 'edx', 20),
  FFXSR: bit(EXTENDED, 'edx', 25),
  PAGE1GB: bit(EXTENDED, 'edx', 26),
  RDTSCP: bit(EXTENDED, 'edx', 27),
  LM: bit(EXTENDED, 'edx', 29),
  /** TSC runs at one rate, also in HLT. */
  TSCINVARIANT: bit(POWER_MANAGEMENT, 'edx', 8),
  /** FXRSTOR and XRSTOR always load the addresses of the last x87 instruction and its operand: none of another thread's remain. */
  RSTRFPERRPTRS: bit(ADDRESS_SIZES, 'ebx', 2),
} as const satisfies Record<string, FeatureBit>;

export type CpuFeature = keyof typeof FEATURES;

/**
 * What every processor here has: the system half's own features and the integer instructions that are part of any amd64 processor.
 * Whoever puts it together adds what else is implemented completely.
 */
export const BASELINE_FEATURES: readonly CpuFeature[] = [
  'SMEP',
  'SMAP',
  'UMIP',
  'ERMS',
  'DE',
  'PSE',
  'TSC',
  'MSR',
  'PAE',
  'PGE',
  'PAT',
  'PSE36',
  'SYSCALL',
  'NX',
  'PAGE1GB',
  'RDTSCP',
  'LM',
  'ALTMOVCR8',
  'APIC',
  'CMPXCHG8B',
  'CMOV',
  'LAHFSAHF',
  'TSCINVARIANT',
  'RSTRFPERRPTRS',
];

/** Features that EDX of leaf 0x8000_0001 repeats from leaf 1, at the same bits (an AMD habit). */
const REPEATED_IN_EXTENDED: readonly CpuFeature[] = [
  'FPU',
  'DE',
  'PSE',
  'TSC',
  'MSR',
  'PAE',
  'CMPXCHG8B',
  'APIC',
  'PGE',
  'CMOV',
  'PAT',
  'PSE36',
  'MMX',
  'FXSR',
];

/** Whether a row of the instruction table belongs to the processor: it needs no feature, or one that is claimed. */
export function isClaimed(feature: string | undefined, features: ReadonlySet<string>): boolean {
  return feature === undefined || features.has(feature);
}

export function isCpuFeature(name: string): name is CpuFeature {
  return Object.hasOwn(FEATURES, name);
}

/** The feature bits of one CPUID register. */
export function featureBits(
  features: ReadonlySet<CpuFeature>,
  leaf: number,
  register: FeatureBit['register'],
): number {
  let bits = 0;
  for (const name of features) {
    const feature = FEATURES[name];
    const repeated = leaf === EXTENDED && register === 'edx' && REPEATED_IN_EXTENDED.includes(name);
    if ((feature.leaf === leaf && feature.register === register) || repeated) bits |= 1 << feature.bit;
  }
  return bits >>> 0;
}
