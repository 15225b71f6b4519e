import type { Outcome } from '../../test/oracles/user-case.ts';
import type { GeneratedCase } from './generate.ts';

/**
 * Why a difference counts for nothing, or undefined when it counts: things in which processors that keep to the manual differ,
 * and which the generator cannot keep away from.
 */
export function knownDifference(found: GeneratedCase, expected: Outcome, got: Outcome): string | undefined {
  const compares = found.instructions.some(({ form }) => form.mnemonic === 'cmps');
  if (compares && expected.fault && got.fault && expected.ripOffset === got.ripOffset) {
    return 'which operand of CMPS is read first (the host reads RSI first with REP, and RDI without)';
  }
  return undefined;
}
