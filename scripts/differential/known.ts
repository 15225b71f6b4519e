import { GENERAL_PROTECTION, type Outcome, STACK_FAULT } from '../../test/oracles/user-case.ts';
import { isCanonical } from './encode.ts';
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
  const address = got.fault?.address;
  const refused = expected.fault?.vector === GENERAL_PROTECTION || expected.fault?.vector === STACK_FAULT;
  if (refused && address !== undefined && expected.ripOffset === got.ripOffset) {
    const bases = [found.test.fsBase ?? 0n, found.test.gsBase ?? 0n, expected.fsBase, expected.gsBase];
    if (bases.some((base) => !isCanonical(address - base))) {
      return 'the host refuses an offset that is not canonical although base and offset together are';
    }
  }
  return undefined;
}
