import { compareOutcomes } from '../../test/oracles/compare.ts';
import type { Outcome, Runner, UserCase } from '../../test/oracles/user-case.ts';
import { type GeneratedCase, undefinedFlags, withInstructions } from './generate.ts';
import { knownDifference } from './known.ts';

/** Where two outcomes of a case differ in what the manual defines, or undefined. */
export function difference(found: GeneratedCase, expected: Outcome, got: Outcome): string | undefined {
  const text = compareOutcomes(expected, got, { undefinedFlags: undefinedFlags(found, expected) });
  return text !== undefined && knownDifference(found, expected, got) ? undefined : text;
}

/** Where two runners differ on a case, or undefined. */
export async function differenceOn(
  found: GeneratedCase,
  expected: Runner,
  got: Runner,
): Promise<string | undefined> {
  const [want] = await expected.run([found.test]);
  const [have] = await got.run([found.test]);
  return want && have && difference(found, want, have);
}

/** Everything that could be simpler about a case, the most telling first. */
function* simpler(found: GeneratedCase): Generator<GeneratedCase> {
  const { instructions, test } = found;
  for (let i = 0; instructions.length > 1 && i < instructions.length; i++) {
    const fewer = instructions.filter((_, index) => index !== i);
    yield { instructions: fewer, test: withInstructions(test, fewer) };
  }
  const changed = (part: Partial<UserCase>): GeneratedCase => ({ instructions, test: { ...test, ...part } });
  for (let i = 0; i < test.memory.length; i++) {
    yield changed({ memory: test.memory.filter((_, index) => index !== i) });
  }
  if (test.flags !== 0) yield changed({ flags: 0 });
  if (test.fsBase) yield changed({ fsBase: 0n });
  if (test.gsBase) yield changed({ gsBase: 0n });
  for (let i = 0; i < test.registers.length; i++) {
    const value = test.registers[i] as bigint;
    for (const smaller of [0n, value & 0xffn, value & 0xffff_ffffn]) {
      if (smaller >= value) continue;
      const registers = test.registers.slice();
      registers[i] = smaller;
      yield changed({ registers });
    }
  }
}

/** Makes a case on which two runners differ as simple as can be while they still differ. */
export async function shrink(found: GeneratedCase, expected: Runner, got: Runner): Promise<GeneratedCase> {
  let best = found;
  for (let improved = true; improved; ) {
    improved = false;
    for (const candidate of simpler(best)) {
      if ((await differenceOn(candidate, expected, got)) === undefined) continue;
      best = candidate;
      improved = true;
      break;
    }
  }
  return best;
}
