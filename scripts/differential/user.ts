/**
 * Random user-mode code on the host's processor and on puffer, until they differ.
 *
 *   node dist/scripts/differential/user.js [--seed N] [--cases N] [--resume] [--failures N] [--only MNEMONIC,…]
 *
 * The cases of a seed are always the same ones, numbered from 0; `--resume` goes on where the last run of that seed ended.
 * Each difference is made as simple as can be and printed; the exit status is 1 when there was one.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCase } from '../../test/oracles/compare.ts';
import { HostCpu } from '../../test/oracles/host.ts';
import { cacheDirectory } from '../../test/oracles/host-paths.ts';
import { Puffer } from '../../test/oracles/puffer.ts';
import type { Outcome } from '../../test/oracles/user-case.ts';
import { integerForms } from './forms.ts';
import { type GeneratedCase, generateCase } from './generate.ts';
import { difference, differenceOn, shrink } from './shrink.ts';

const BATCH = 512;
const EXIT_DIFFERENCE = 1;
const EXIT_USAGE = 2;

interface Options {
  readonly seed: number;
  readonly cases: number;
  readonly resume: boolean;
  readonly failures: number;
  readonly only: ReadonlySet<string> | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      cases: { type: 'string', default: '100000' },
      failures: { type: 'string', default: '10' },
      resume: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const number = (name: 'seed' | 'cases' | 'failures') => {
    const value = Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} needs a number`);
    return value;
  };
  return {
    seed: number('seed'),
    cases: number('cases'),
    failures: number('failures'),
    resume: values.resume,
    only: values.only === undefined ? undefined : new Set(values.only.split(',')),
  };
}

const progressFile = (seed: number) => join(cacheDirectory(), `differential-user-${seed}.json`);

function readProgress(seed: number): number {
  const file = progressFile(seed);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { done: number }).done : 0;
}

function writeProgress(seed: number, done: number): void {
  mkdirSync(cacheDirectory(), { recursive: true });
  writeFileSync(progressFile(seed), JSON.stringify({ done }));
}

/** What two differences have in common when they are likely the same mistake. */
function kindOf(found: GeneratedCase, text: string): string {
  const names = found.instructions.map(
    ({ form }) => `${form.mnemonic} ${form.opcode.join(' ')} ${form.digit ?? ''}`,
  );
  return `${names.join('; ')}: ${text.replace(/0x-?[0-9a-f]+/g, '…').slice(0, 60)}`;
}

async function main(): Promise<number> {
  const options = readOptions();
  const { seed, only } = options;
  const forms = only ? integerForms.filter(({ mnemonic }) => only.has(mnemonic)) : integerForms;
  const host = new HostCpu();
  const puffer = new Puffer();
  const first = options.resume ? readProgress(seed) : 0;
  const last = first + options.cases;
  const kinds = new Set<string>();
  const started = Date.now();
  let done = first;
  try {
    while (done < last && kinds.size < options.failures) {
      const found: GeneratedCase[] = [];
      for (let i = done; i < Math.min(done + BATCH, last); i++)
        found.push(generateCase(forms, `${seed}:${i}`));
      const tests = found.map(({ test }) => test);
      const [expected, got] = await Promise.all([host.run(tests), puffer.run(tests)]);
      for (let i = 0; i < found.length; i++) {
        const one = found[i] as GeneratedCase;
        if (difference(one, expected[i] as Outcome, got[i] as Outcome) === undefined) continue;
        const small = await shrink(one, host, puffer);
        const text = (await differenceOn(small, host, puffer)) ?? 'no difference when run alone';
        const kind = kindOf(small, text);
        if (kinds.has(kind)) continue;
        kinds.add(kind);
        process.stdout.write(`${text}\n${describeCase(small.test)}\n\n`);
        if (kinds.size >= options.failures) break;
      }
      done += found.length;
      writeProgress(seed, done);
      if (process.stderr.isTTY) process.stderr.write(`\r${done} cases, ${kinds.size} kinds of differences `);
    }
  } finally {
    host.close();
  }
  const rate = Math.round(((done - first) * 1000) / Math.max(1, Date.now() - started));
  process.stdout.write(
    `cases ${first} to ${done} of seed ${seed}: ${kinds.size} kinds of differences (${rate} cases/s)\n`,
  );
  return kinds.size > 0 ? EXIT_DIFFERENCE : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = EXIT_USAGE;
}
