import { BASELINE_FEATURES, type CpuFeature } from '../system/features.ts';

/** Features whose instructions are all in the table, beyond the baseline: what CPUID may claim. */
export const IMPLEMENTED_FEATURES: readonly CpuFeature[] = [
  'FPU',
  'MMX',
  'FXSR',
  'SSE',
  'SSE2',
  'SSE3',
  'SSSE3',
  'SSE41',
  'SSE42',
  'SSE4A',
  'PCLMULQDQ',
  'AES',
  'SHA',
  'CLFSH',
  'XSAVE',
  'XSAVEOPT',
  'CMPXCHG16B',
  'MOVBE',
  'POPCNT',
  'LZCNT',
  'BMI1',
  'BMI2',
  'ADX',
  'RDRAND',
  'RDSEED',
  'RDPID',
  'FSGSBASE',
  'PREFETCHW',
  'CLFLUSHOPT',
  'CLWB',
];

/** All features that CPUID claims. */
export const CLAIMED_FEATURES: ReadonlySet<CpuFeature> = new Set([
  ...BASELINE_FEATURES,
  ...IMPLEMENTED_FEATURES,
]);
