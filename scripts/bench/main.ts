import { parseArgs } from 'node:util';
import { benchBoot } from './boot.ts';
import { benchLoops } from './compute.ts';
import type { BenchContext } from './context.ts';
import { benchCoverage } from './coverage.ts';
import { benchDebugger } from './debugger.ts';
import { benchFuzz } from './fuzz.ts';
import { benchHooks } from './hooks.ts';
import { benchKit } from './kit.ts';
import { BENCH_SCHEMA, BENCH_VERSION, GROUPS, type Group, type Line, verdict } from './line.ts';
import { benchMemory } from './memory.ts';
import { benchSteps } from './stepping.ts';
import { renderTable } from './table.ts';
import { benchTracing } from './tracing.ts';

const BENCHES: Readonly<Record<Group, (context: BenchContext) => Promise<Line[]>>> = {
  boot: benchBoot,
  loops: benchLoops,
  steps: benchSteps,
  memory: benchMemory,
  hooks: benchHooks,
  trace: benchTracing,
  debugger: benchDebugger,
  coverage: benchCoverage,
  fuzz: benchFuzz,
  kit: benchKit,
};

const DEFAULT_REPETITIONS = 5;
const HELP = `Usage: npm run bench -- [options]

Measures puffer beside QEMU, native Unicorn and gdb, in turn, and shows ratios and targets.

  --only a,b,...       only these groups: ${GROUPS.join(', ')}
  --repetitions N      measure everything N times (${DEFAULT_REPETITIONS})
  --json               one JSON object a line
  --strict             exit 3 when a target is missed or could not be measured
  --help               this
`;

const EXIT_INTERNAL = 1;
const EXIT_USAGE = 2;
const EXIT_MISSED = 3;

class UsageError extends Error {
  readonly code = 'ERR_USAGE';
  override readonly name = 'UsageError';
}

interface Options {
  readonly groups: readonly Group[];
  readonly repetitions: number;
  readonly json: boolean;
  readonly strict: boolean;
  readonly help: boolean;
}

/** Throws UsageError. */
function readOptions(operands: readonly string[]): Options {
  let values: { only?: string; repetitions?: string; json?: boolean; strict?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...operands],
      options: {
        only: { type: 'string' },
        repetitions: { type: 'string' },
        json: { type: 'boolean' },
        strict: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const wanted = values.only?.split(',') ?? GROUPS;
  const unknown = wanted.find((name) => !GROUPS.includes(name as Group));
  if (unknown !== undefined)
    throw new UsageError(`there is no group '${unknown}'; there are ${GROUPS.join(', ')}`);
  const repetitions = Number(values.repetitions ?? DEFAULT_REPETITIONS);
  if (!Number.isInteger(repetitions) || repetitions < 1) {
    throw new UsageError(`--repetitions takes a whole number from 1 on, not '${values.repetitions}'`);
  }
  return {
    groups: GROUPS.filter((name) => wanted.includes(name)),
    repetitions,
    json: values.json ?? false,
    strict: values.strict ?? false,
    help: values.help ?? false,
  };
}

/** Shows what is being measured on a terminal, in one line that is written over and over. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
}

async function bench(options: Options): Promise<number> {
  const lines: Line[] = [];
  for (const group of options.groups) {
    const measured = await BENCHES[group]({ repetitions: options.repetitions, progress });
    lines.push(...measured);
    if (!options.json) continue;
    for (const one of measured) {
      const record = { schema: BENCH_SCHEMA, version: BENCH_VERSION, ...one, verdict: verdict(one) };
      process.stdout.write(`${JSON.stringify(record)}\n`);
    }
  }
  progress('');
  if (!options.json) {
    const color = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
    process.stdout.write(renderTable(lines, { color }));
  }
  const failed = lines.some((one) => ['missed', 'not measured'].includes(verdict(one)));
  return options.strict && failed ? EXIT_MISSED : 0;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else process.exitCode = await bench(options);
} catch (error) {
  progress('');
  const usage = error instanceof UsageError;
  process.stderr.write(usage ? `bench: ${error.message}\n` : `${(error as Error).stack}\n`);
  process.exitCode = usage ? EXIT_USAGE : EXIT_INTERNAL;
}
