/** Plants bugs in copies of the kernel and lets the fuzzer look for them: `npm run fuzz:planted -- --help`. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { ExitCode } from '../../emu/cli/exit-code.ts';
import { onInterruption } from '../../emu/cli/interruption.ts';
import { stepProgress } from '../../emu/cli/progress.ts';
import { buildGuest } from '../guest/build.ts';
import { absolute } from '../guest/paths.ts';
import { positive } from '../natural.ts';
import { type PlantedResult, plantedBugs, seekPlanted } from './planted.ts';
import { report, TABLE_HEAD, tableRow } from './report.ts';

const REPORT = 'test/fuzz/PLANTED.md';
const EXIT_MISSED = 1;
const EXIT_USAGE = 2;
const USUAL_SECONDS = 120;

interface Options {
  readonly seed: number;
  readonly jobs: number;
  readonly time: number;
  readonly report: boolean;
}

async function campaign(bugs: readonly string[], options: Options): Promise<number> {
  const known = plantedBugs();
  const wrong = bugs.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    process.stderr.write(`there is no planted bug '${wrong}'; there are ${known.join(', ')}\n`);
    return EXIT_USAGE;
  }
  await buildGuest({});
  await buildGuest({ part: 'kit' });
  const progress = stepProgress('planted bugs');
  const results: PlantedResult[] = [];
  process.stdout.write(`${TABLE_HEAD}\n`);
  const interruption = onInterruption(
    'ends this fuzzer, and looks for no other bug; Ctrl-C again ends it at once',
  );
  const { signal } = interruption;
  for (const bug of bugs.length > 0 ? bugs : known) {
    if (signal.aborted) break;
    progress.show(bug);
    const limits = { seed: options.seed, jobs: options.jobs, seconds: options.time, signal };
    const result = await seekPlanted(bug, limits);
    results.push(result);
    progress.show(undefined);
    process.stdout.write(`${tableRow(result)}\n`);
  }
  progress.end();
  interruption.dispose();
  process.stdout.write(`\nfound ${results.filter(({ found }) => found).length} of ${results.length}\n`);
  if (signal.aborted) return ExitCode.Interrupted;
  if (options.report) writeFileSync(absolute(REPORT), report(results, options));
  return results.every(({ found }) => found) ? 0 : EXIT_MISSED;
}

await new Command('fuzz:planted')
  .description(
    'plant bugs in copies of the kernel, and fuzz until each is found; Ctrl-C ends it with status 130, and writes no report',
  )
  .argument('[bugs...]', 'which; all if none is named')
  .option('--seed <number>', 'what the programs depend on', positive, 1)
  .option('--jobs <count>', 'threads of the fuzzer', positive, availableParallelism())
  .option('--time <seconds>', 'look for each so long', positive, USUAL_SECONDS)
  .option('--report', `write ${REPORT}`, false)
  .action(async (bugs: string[], options: Options) => {
    process.exitCode = await campaign(bugs, options);
  })
  .parseAsync();
