/** Mutation tests of the guest's kernel: `npm run mutate -- --help`. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { stepProgress } from '../../emu/cli/progress.ts';
import { buildGuest } from '../guest/build.ts';
import { absolute } from '../guest/paths.ts';
import { natural, positive } from '../natural.ts';
import { type Judged, runCampaign, storedSample } from './campaign.ts';
import { MutateError } from './errors.ts';
import type { Mutant } from './mutants.ts';
import { countOf, markdown, readEquivalents, summary, survivorLines, survivorsOf } from './report.ts';
import { defaultFiles, mutantsOfFiles, namedFiles } from './sources.ts';
import type { Verdict } from './trial.ts';

const EXIT_SURVIVED = 1;
const EXIT_USAGE = 2;
const REPORT = 'test/MUTANTS.md';

interface Options {
  readonly seed: number;
  readonly count: number;
  readonly files?: readonly string[];
  readonly only?: string;
  readonly jobs: number;
  readonly resume: boolean;
  readonly retry: boolean;
  readonly quick: boolean;
  readonly report: boolean;
  readonly list: boolean;
  readonly stored: boolean;
  readonly json: boolean;
}

function printVerdict(json: boolean, { file, line, rule, ...mutant }: Mutant, verdict: Verdict): void {
  if (json) {
    const { id, outcome, killer } = verdict;
    process.stdout.write(
      `${JSON.stringify({ version: 1, event: 'mutant', id, file, line, function: mutant.function, rule, outcome, killer })}\n`,
    );
  }
}

function chosenMutants(options: Options): Mutant[] {
  const mutants = mutantsOfFiles(options.files === undefined ? defaultFiles() : namedFiles(options.files));
  const { only } = options;
  const chosen = only === undefined ? mutants : mutants.filter(({ id }) => id.includes(only));
  if (chosen.length === 0) throw new MutateError('no-mutants', 'no mutant is of this kind: see --list');
  return chosen;
}

async function mutate(options: Options): Promise<void> {
  const mutants = chosenMutants(options);
  if (options.list) {
    for (const { id } of mutants) process.stdout.write(`${id}\n`);
    return;
  }
  tell(options, options.stored ? storedSample(mutants, options.seed) : await tryThem(options, mutants));
}

async function tryThem(options: Options, mutants: readonly Mutant[]): Promise<Judged[]> {
  await buildGuest();
  await buildGuest({ part: 'regress' });
  await buildGuest({ part: 'kit' });
  const progress = stepProgress('mutants');
  const judged = await runCampaign({
    ...options,
    mutants,
    equivalents: readEquivalents(),
    progress: (text) => progress.show(text),
    found: (mutant, verdict) => {
      progress.show(undefined);
      printVerdict(options.json, mutant, verdict);
    },
  });
  progress.end();
  return judged;
}

function tell(options: Options, judged: readonly Judged[]): void {
  const equivalents = readEquivalents();
  const counts = countOf(judged, equivalents);
  if (options.report) writeFileSync(absolute(REPORT), markdown(judged, options.seed, equivalents));
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ version: 1, event: 'summary', seed: options.seed, ...counts })}\n`,
    );
  } else {
    for (const each of survivorsOf(judged)) {
      process.stdout.write(`${survivorLines(each, equivalents).join('\n')}\n\n`);
    }
    process.stdout.write(`${summary(counts)}\n`);
  }
  if (counts.survived > 0) process.exitCode = EXIT_SURVIVED;
}

const program = new Command('mutate')
  .description(
    "Breaks the guest's kernel, one small fault at a time, and tells which the tests do not notice.",
  )
  .option('--seed <n>', 'decides the sample', natural, 1)
  .option('--count <n>', 'size of the sample: mutants that compile to other code', natural, 200)
  .option('--files <names...>', 'sources of the kernel: kern_fork.c, uvm, a path')
  .option('--only <text>', "mutants whose id (see --list) contains this: a function's name, a rule")
  .option('--jobs <n>', 'how many are tried at a time', positive, availableParallelism())
  .option(
    '--resume',
    'keep what an earlier run with this seed has found of functions that did not change',
    false,
  )
  .option('--retry', 'resume, but try survivors again that are not known to be equivalent', false)
  .option('--quick', 'run no test files but only what is played at the console: more survives', false)
  .option('--report', `write ${REPORT}`, false)
  .option('--list', 'name the mutants and try none', false)
  .option('--stored', 'try none: tell what earlier runs with this seed have found', false)
  .option('--json', 'one JSON object a line', false)
  .showHelpAfterError()
  .addHelpText('after', '\nexit status: 0 all killed or equivalent, 1 some survived, 2 wrong usage')
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  })
  .action(mutate);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Removes what was made on the way out.
  process.once(signal, () => process.exit(EXIT_SURVIVED));
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof MutateError)) throw error;
  process.stderr.write(`mutate: ${error.message}\n`);
  process.exitCode = error.code === 'bad-usage' || error.code === 'no-mutants' ? EXIT_USAGE : EXIT_SURVIVED;
}
