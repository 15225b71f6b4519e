import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { sourcePath, sourceText } from '../../scripts/guest/index.ts';
import {
  annotatedSource,
  CoverageCollector,
  type CoverageData,
  CoverageReporter,
  chooseData,
  chooseFiles,
  coverageTable,
  type FileCoverage,
  functionRange,
  jsonReport,
  lcovTracefile,
  parseSelection,
} from '../debug/coverage/index.ts';
import type { MachineStop } from '../machine/index.ts';
import { Machine } from '../puffer-machine.ts';
import { shellStatus } from '../vitest/shell-status.ts';
import { consoleScript, PROMPTS, typedLines } from './console-script.ts';
import { coverWarnings } from './cover-warnings.ts';
import { exitCodeOf, UsageError } from './exit-code.ts';
import { bootFiles, readNamedFile } from './guest-files.ts';
import { guestProgram } from './guest-program.ts';
import {
  addMachineOptions,
  DEFAULT_COMMAND_LINE,
  DEFAULT_MACHINE,
  type MachineArguments,
} from './machine-arguments.ts';
import { collect, parseSteps } from './options.ts';
import { stepProgress } from './progress.ts';
import { writeAll } from './write-all.ts';

const FORMATS = ['text', 'lcov', 'json'] as const;

interface CoverOptions extends MachineArguments {
  readonly run: readonly string[];
  readonly script?: string;
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
  readonly only: readonly string[];
  readonly function: readonly string[];
  readonly boot?: boolean;
  readonly budget?: number;
}

/** Steps between two looks at whether the first prompt is there, and of the progress. */
const SLICE = 20_000_000;
const MILLION = 1e6;
/** What the shell takes as one word as it stands. */
const PLAIN_WORD = /^[\w./:=@%+,-]+$/;

export function addCoverCommand(program: Command): void {
  addMachineOptions(program.command('cover'))
    .description('run commands in the guest and tell which lines, functions and branches of it ran')
    .argument('[command...]', 'type this line at the prompt; put -- before it: puffer cover -- ls -l')
    .option('--run <commands>', 'type this line at the prompt, then power off (repeatable)', collect)
    .option('--script <file>', 'type the lines of this file')
    .addOption(
      new Option('--format <format>', 'a table to read; a tracefile for genhtml; JSON')
        .choices(FORMATS)
        .default('text'),
    )
    .option('--output <file>', 'write here instead of to standard output')
    .option(
      '--only <what>',
      'only code of "kernel" or a program ("prog:ls"), only files such as kern_fork.c or "guest/sys/*" (repeatable)',
      collect,
    )
    .option(
      '--function <name>',
      'print the source of this function, with how often its lines and branches ran (repeatable)',
      collect,
    )
    .option('--boot', 'from power-on, instead of from the first prompt (the rule without a command)')
    .option('--budget <steps>', 'stop with exit 42 after this many steps, such as 50m', parseSteps)
    .action(async (words: string[], options: Partial<CoverOptions>) => {
      process.exitCode = await cover(words, {
        ...DEFAULT_MACHINE,
        run: [],
        only: [],
        function: [],
        format: 'text',
        ...options,
      });
    });
}

/** Throws UsageError and the typed errors of what it uses. */
async function cover(words: readonly string[], options: CoverOptions): Promise<number> {
  if (options.function.length > 0 && options.format !== 'text') {
    throw new UsageError(`--function prints text: leave out --format ${options.format}`);
  }
  const commands = commandLines(words, options);
  const files = await bootFiles(options);
  const programFile = (comm: string): Uint8Array | undefined => files.added.get(comm) ?? guestProgram(comm);
  const machine = Machine.create({
    memory: options.memory,
    kernel: files.kernel,
    initrd: files.initrd,
    commandLine: options.append ?? DEFAULT_COMMAND_LINE,
  });
  const { stop, data, statuses, began } = run(machine, commands, programFile, options);
  for (const warning of coverWarnings({ machine, stop, commands, statuses, began })) {
    process.stderr.write(`puffer: ${warning}\n`);
  }
  if (!began) return exitCodeOf(stop);
  const selection = parseSelection(options.only);
  const reporter = new CoverageReporter(machine.image, programFile);
  const report = chooseFiles(reporter.report(chooseData(data, selection)), selection);
  const text = render(report, options, commands.join(' '));
  if (options.output === undefined) writeAll(1, new TextEncoder().encode(text));
  else write(options.output, text);
  return exitCodeOf(stop);
}

/** The lines to type: those of the script, those of `--run`, the command behind `--`. Throws UsageError. */
function commandLines(words: readonly string[], options: CoverOptions): string[] {
  const script =
    options.script === undefined ? '' : new TextDecoder().decode(readNamedFile(options.script, 'script'));
  const lines = script.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const quoted = words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  // One word may be a whole command line: puffer cover -- 'ls | wc'.
  const command = words.length === 1 ? words : words.length === 0 ? [] : [quoted.join(' ')];
  return [...lines, ...options.run, ...command];
}

/** A run that is over. */
interface CoverRun {
  readonly stop: MachineStop;
  readonly data: CoverageData;
  /** With which each command ended, as far as that can be told. */
  readonly statuses: readonly (number | undefined)[];
  /** It came to where what runs is counted. */
  readonly began: boolean;
}

/** Runs to the end; what runs counts from power-on or from the first prompt on. */
function run(
  machine: Machine,
  commands: readonly string[],
  programFile: (comm: string) => Uint8Array | undefined,
  options: CoverOptions,
): CoverRun {
  const begin = (): CoverageCollector => new CoverageCollector(machine.kernel, programFile);
  const statuses: (number | undefined)[] = [];
  let atPrompt = false;
  let collector = options.boot === true || commands.length === 0 ? begin() : undefined;
  machine.console.setScript(consoleScript(machine, typedLines(commands)));
  const progress = stepProgress('measuring');
  const end = options.budget ?? Number.MAX_SAFE_INTEGER;
  try {
    for (;;) {
      const stop = machine.core.run({
        budget: Math.min(SLICE, end - machine.position),
        untilText: PROMPTS[0],
      });
      if (stop.reason === 'consoleText') {
        collector ??= begin();
        // The first prompt is that of a shell to which nothing was typed yet.
        if (atPrompt) statuses.push(shellStatus(machine));
        atPrompt = true;
      } else if (stop.reason !== 'budget' || machine.position >= end) {
        return { stop, statuses, began: collector !== undefined, data: (collector ?? begin()).stop() };
      }
      progress.show(`${Math.floor(machine.position / MILLION)} million steps`);
    }
  } finally {
    progress.end();
  }
}

/** Throws UsageError for a function that no file has. */
function render(report: readonly FileCoverage[], options: CoverOptions, commands: string): string {
  if (options.function.length > 0) return options.function.map((name) => listing(report, name)).join('\n');
  switch (options.format) {
    case 'text':
      return coverageTable(report);
    case 'lcov':
      // The commands name the test: of several tracefiles together, genhtml then tells which of them ran a line.
      return lcovTracefile(report, (path) => sourcePath(path) ?? path, commands);
    case 'json':
      return `${JSON.stringify(jsonReport(report))}\n`;
  }
}

function listing(report: readonly FileCoverage[], name: string): string {
  const found = report.flatMap((file) => {
    const range = functionRange(file, name);
    if (range === undefined) return [];
    return [`${file.path}: ${name}\n${annotatedSource(file, sourceText(file.path), range)}`];
  });
  if (found.length === 0) throw new UsageError(`--function '${name}': nothing that ran has this function`);
  return found.join('\n');
}

/** Throws UsageError. */
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`--output '${path}' cannot be written: ${(error as Error).message}`);
  }
}
