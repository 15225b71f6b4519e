import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import {
  CorpusDirectory,
  type Crash,
  describeFinding,
  FuzzError,
  type FuzzSummary,
  formatProgram,
  fuzz,
  sequence,
  writeProgramInC,
} from '../fuzz/index.ts';
import { guestImage } from '../vitest/guest-image.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { onInterruption } from './interruption.ts';
import { stepProgress } from './progress.ts';
import { writeAll } from './write-all.ts';

interface FuzzArguments {
  readonly seed: number;
  readonly jobs: number;
  readonly cases?: number;
  readonly time?: number;
  readonly corpus?: string;
  readonly first?: boolean;
  readonly json?: boolean;
}

const SECOND = 1000;
const UNITS: Readonly<Record<string, number>> = { '': SECOND, s: SECOND, m: 60 * SECOND, h: 3600 * SECOND };
const MOST_JOBS = 256;
/** How long without --time and --cases. */
const USUAL_TIME = 60 * SECOND;

export function addFuzzCommand(program: Command): void {
  program
    .command('fuzz')
    .description(
      "make system calls at random in the guest's own kernel, guided by what they reach, until it breaks",
    )
    .option(
      '--time <time>',
      'run so long, such as 30s, 10m or 1h; 60s if neither this nor --cases is given',
      parseTime,
    )
    .option('--cases <count>', 'run so many programs', parseCount('number of programs'))
    .option(
      '--seed <number>',
      'what the programs depend on; with --cases and --jobs 1, the same run again',
      parseSeed,
      1,
    )
    .option('--jobs <count>', 'threads, each with a guest of its own', parseJobs, availableParallelism())
    .option('--corpus <directory>', 'keep programs and crashes here, and go on from those that are there')
    .option('--first', 'stop when something is found')
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      '\nExit status: 0 nothing was found, 2 wrong usage or bad input, 3 something was found, or the kernel\nwas not in order before any program had run,\n130 ended by Ctrl-C: what was found is shown and kept. A second Ctrl-C ends it at once.',
    )
    .action(async (options: FuzzArguments) => {
      process.exitCode = await run(options);
    });
}

/** Throws UsageError, and the typed errors of what it uses. */
async function run(options: FuzzArguments): Promise<number> {
  if (options.corpus === '') throw new UsageError('--corpus needs the name of a directory');
  const corpus = options.corpus === undefined ? undefined : new CorpusDirectory(options.corpus);
  const { programs, broken } = corpus?.programs() ?? { programs: [], broken: [] };
  if (broken.length > 0) {
    warn(`left out ${broken.length} of the corpus:\n${broken.join('\n')}`);
  }
  // Built once, before several workers would.
  await guestImage();
  const progress = stepProgress('fuzzing');
  const interruption = onInterruption('ends after the programs that run now; Ctrl-C again ends it at once');
  const begun = Date.now();
  const output = options.json === true ? new JsonOutput() : new TextOutput();
  const time = options.time ?? (options.cases === undefined ? USUAL_TIME : Number.POSITIVE_INFINITY);
  let summary: FuzzSummary;
  try {
    summary = await fuzz(
      {
        seed: options.seed,
        jobs: options.jobs,
        cases: options.cases ?? Number.POSITIVE_INFINITY,
        time,
        programs,
        first: options.first ?? false,
        signal: interruption.signal,
      },
      {
        onProgress: (state) => progress.show(progressText(state, Date.now() - begun)),
        onKept: (program) => corpus?.keep(program),
        onCrash: (crash) => {
          progress.show(undefined);
          output.crash(crash, corpus?.keepCrash(crash));
        },
      },
    );
  } catch (error) {
    if (!(error instanceof FuzzError && error.code === 'not-in-order')) throw error;
    progress.end();
    warn(`${error.message}\nIt must be in order before it can be fuzzed further.`);
    return ExitCode.Expectation;
  } finally {
    progress.end();
    interruption.dispose();
  }
  const interrupted = interruption.signal.aborted;
  output.end(summary, interrupted);
  if (summary.executions < programs.length) {
    warn(
      `only ${summary.executions} of the corpus's ${programs.length} programs were run, and no new one: give it more --cases or --time`,
    );
  }
  if (interrupted) return ExitCode.Interrupted;
  return summary.crashes > 0 ? ExitCode.Expectation : ExitCode.Ok;
}

function progressText({ executions, coverage, kept, crashes }: FuzzSummary, elapsed: number): string {
  const rate = Math.round((executions * SECOND) / Math.max(1, elapsed));
  return `${executions} programs (${rate}/s), ${kept} kept, coverage ${coverage}, ${crashes} found`;
}

class TextOutput {
  crash(crash: Crash, directory: string | undefined): void {
    const { finding, program, after } = crash;
    print(`found by program ${after}: ${finding.oracle}\n`);
    print(`${describeFinding(finding).replaceAll(/^/gm, '  ')}\n  calls: ${sequence(program.calls)}\n`);
    if (directory === undefined) print(`\n${writeProgramInC(crash)}\n`);
    else {
      print(`  written to ${directory}: finding.txt, program.json, crash.c, crash.test.ts\n`);
      print(`  to see it again: cp ${directory}/crash.test.ts test/ && npx vitest run test/crash.test.ts\n`);
    }
  }

  end({ executions, kept, coverage, crashes }: FuzzSummary, interrupted: boolean): void {
    print(
      `${interrupted ? 'interrupted after ' : ''}${executions} programs, ${kept} kept, coverage ${coverage}: ${crashes === 0 ? 'nothing' : crashes} found\n`,
    );
  }
}

class JsonOutput {
  crash({ finding, program, after }: Crash, directory: string | undefined): void {
    print(
      `${JSON.stringify({ event: 'crash', ...finding, after, directory, program: JSON.parse(formatProgram(program)) })}\n`,
    );
  }

  end(summary: FuzzSummary, interrupted: boolean): void {
    print(`${JSON.stringify({ event: 'end', ...summary, ...(interrupted && { interrupted }) })}\n`);
  }
}

function warn(text: string): void {
  process.stderr.write(`puffer: ${text}\n`);
}

function print(text: string): void {
  writeAll(1, new TextEncoder().encode(text));
}

function parseTime(text: string): number {
  const [, digits, unit] = /^(\d+)([smh]?)$/.exec(text) ?? [];
  const value = Number(digits) * (UNITS[unit ?? ''] ?? 1);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError(`'${text}' is no time: give seconds, or a unit, such as 30s, 10m or 1h.`);
}

function parseCount(what: string): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
    throw new InvalidArgumentError(`'${text}' is no ${what}: give a number from 1 on.`);
  };
}

function parseJobs(text: string): number {
  const jobs = parseCount('number of threads')(text);
  if (jobs <= MOST_JOBS) return jobs;
  throw new InvalidArgumentError(`${jobs} threads are too many: give at most ${MOST_JOBS}.`);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed < 2 ** 32) return seed;
  throw new InvalidArgumentError(`'${text}' is no seed: give a number from 0 to 4294967295.`);
}
