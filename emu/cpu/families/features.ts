import type { CpuFeature } from '../system/features.ts';

/** Features whose instructions are all in the table, beyond the baseline: what CPUID may claim. */
export const IMPLEMENTED_FEATURES: readonly CpuFeature[] = [
  'MMX',
  'FXSR',
  'SSE',
  'SSE2',
  'SSE3',
  'SSSE3',
  'SSE41',
  'SSE42',
  'CLFSH',
];
