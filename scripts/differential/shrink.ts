import type { Runner, UserCase } from '../../test/oracles/user-case.ts';
import { type GeneratedCase, withInstructions } from './generate.ts';
import { difference } from './verdict.ts';

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
    const subject = Math.min(found.subject, fewer.length - 1);
    yield { instructions: fewer, subject, test: withInstructions(test, fewer) };
  }
  const changed = (part: Partial<UserCase>): GeneratedCase => ({ ...found, test: { ...test, ...part } });
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
  yield* simplerImage(found);
}

/** The FXSAVE image with one register less in it; the words before the registers stay. */
function* simplerImage(found: GeneratedCase): Generator<GeneratedCase> {
  const { fx } = found.test;
  const FIRST_REGISTER = 32;
  const REGISTERS_END = 416;
  const REGISTER = 16;
  for (let at = FIRST_REGISTER; fx !== undefined && at < REGISTERS_END; at += REGISTER) {
    if (fx.subarray(at, at + REGISTER).every((byte) => byte === 0)) continue;
    const image = fx.slice();
    image.fill(0, at, at + REGISTER);
    yield { ...found, test: { ...found.test, fx: image } };
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
