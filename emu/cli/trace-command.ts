import { closeSync, openSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Programs } from '../debug/programs/programs.ts';
import {
  ARROW_FUNCTIONS,
  ChromeTraceWriter,
  chooseEvents,
  chooseFunctions,
  chooseUserFunctions,
  FunctionTrace,
  isUserGlob,
  kernelFunctions,
  NdjsonTraceWriter,
  TextTraceWriter,
  type TraceVisitor,
} from '../debug/trace/index.ts';
import { EVENT_NAMES, type EventName } from '../kernel/index.ts';
import type { MachineStop } from '../machine/index.ts';
import { Machine } from '../puffer-machine.ts';
import { consoleScript, PROMPTS, typedLines } from './console-script.ts';
import { exitCodeOf, UsageError } from './exit-code.ts';
import { bootFiles } from './guest-files.ts';
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

const FORMATS = ['text', 'ndjson', 'chrome'] as const;
type Format = (typeof FORMATS)[number];

interface TraceOptions extends MachineArguments {
  readonly functions?: readonly string[];
  readonly run: readonly string[];
  readonly format: Format;
  readonly output?: string;
  readonly depth?: number;
  readonly events?: readonly string[];
  readonly boot?: boolean;
  readonly budget?: number;
}

/** Steps between two looks at what has been recorded. */
const SLICE = 5_000_000;
/** Text is written in pieces of about so many characters. */
const PIECE = 1 << 16;
const MILLION = 1e6;

export function addTraceCommand(program: Command): void {
  addMachineOptions(program.command('trace'))
    .description('run commands in the guest and print which functions of its kernel called which')
    .option(
      '--functions <globs...>',
      'these functions (such as fork1 or "uvm_*"; "*" is all; "prog:ksh:*" of a program), and the system calls they ran in;' +
        ' if not given, those that make, run, end and wait for processes, and all system calls',
    )
    .option('--run <commands>', 'type this line at the prompt, then power off (repeatable)', collect)
    .addOption(
      new Option('--format <format>', 'text to read; ndjson for programs; chrome for Perfetto')
        .choices(FORMATS)
        .default('text'),
    )
    .option('--output <file>', 'write the trace here instead of to standard output')
    .option('--depth <count>', 'show calls at most so many deep', parseDepth)
    .option('--events <names...>', 'events of the kernel too, such as sched:fork or "proc:*"')
    .option('--boot', 'from power-on, instead of from the first prompt (the rule without --run)')
    .option('--budget <steps>', 'stop with exit 42 after this many steps, such as 50m', parseSteps)
    .action(async (options: Partial<TraceOptions>) => {
      process.exitCode = await trace({
        ...DEFAULT_MACHINE,
        run: [],
        format: 'text',
        ...options,
      });
    });
}

/** Throws UsageError and the typed errors of what it uses. */
async function trace(options: TraceOptions): Promise<number> {
  const events = eventsOf(options.events ?? []);
  const files = await bootFiles(options);
  const machine = Machine.create({
    memory: options.memory,
    kernel: files.kernel,
    initrd: files.initrd,
    commandLine: options.append ?? DEFAULT_COMMAND_LINE,
  });
  const target = options.output === undefined ? 1 : open(options.output);
  const output = new Pieces((text) => writeAll(target, new TextEncoder().encode(text)));
  try {
    const programs = new Programs(machine.kernel, (comm) => files.added.get(comm) ?? guestProgram(comm));
    const stop = run(machine, programs, options, events, output);
    output.flush();
    if (stop.reason === 'budget')
      process.stderr.write(`puffer: the step budget is used up at position ${stop.position}\n`);
    return exitCodeOf(stop);
  } finally {
    if (target !== 1) closeSync(target);
  }
}

/** Runs to the end; the trace begins at power-on or when the first prompt is there. */
function run(
  machine: Machine,
  programs: Programs,
  options: TraceOptions,
  events: readonly EventName[],
  output: Pieces,
): MachineStop {
  const begin = (): FunctionTrace => {
    const write = (text: string): void => output.write(text);
    return new FunctionTrace({
      kernel: machine.kernel,
      tracer: machine.tracer,
      visitor: writerFor(options.format, write),
      functions: options.functions,
      programs,
      also: options.format === 'chrome' ? Object.values(ARROW_FUNCTIONS) : [],
      events,
      depth: options.depth,
    });
  };
  // A name that is wrong is told before the guest boots.
  const globs = options.functions ?? [];
  chooseFunctions(
    kernelFunctions(machine.image),
    globs.filter((glob) => !isUserGlob(glob)),
  );
  chooseUserFunctions(programs, globs.filter(isUserGlob));
  const fromPowerOn = options.boot === true || options.run.length === 0;
  let traced = fromPowerOn ? begin() : undefined;
  machine.console.setScript(consoleScript(machine, typedLines(options.run)));
  const progress = stepProgress('tracing');
  const end = options.budget ?? Number.MAX_SAFE_INTEGER;
  try {
    for (;;) {
      const stop = machine.core.run({
        budget: Math.min(SLICE, end - machine.position),
        ...(traced === undefined && { untilText: PROMPTS[0] }),
      });
      traced?.flush();
      if (stop.reason === 'consoleText') traced ??= begin();
      else if (stop.reason !== 'budget' || machine.position >= end) {
        traced ??= begin();
        traced.end();
        return stop;
      }
      progress.show(`${Math.floor(machine.position / MILLION)} million steps`);
    }
  } finally {
    progress.end();
  }
}

function writerFor(format: Format, write: (text: string) => void): TraceVisitor {
  switch (format) {
    case 'text':
      return new TextTraceWriter(write);
    case 'ndjson':
      return new NdjsonTraceWriter(write);
    case 'chrome':
      return new ChromeTraceWriter(write);
  }
}

/** Throws UsageError for a name of no event. */
function eventsOf(globs: readonly string[]): EventName[] {
  const chosen = globs.flatMap((glob) => {
    const found = chooseEvents(glob);
    if (found !== undefined) return found;
    throw new UsageError(`there is no event '${glob}'; there are ${EVENT_NAMES.join(', ')}`);
  });
  return [...new Set(chosen)];
}

/** Throws UsageError. */
function open(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new UsageError(`--output '${path}' cannot be written: ${(error as Error).message}`);
  }
}

function parseDepth(text: string): number {
  const depth = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(depth) && depth > 0) return depth;
  throw new InvalidArgumentError(`'${text}' is no depth: give a number from 1 on.`);
}

/** Collects text, so that few large pieces are written. */
class Pieces {
  readonly #write: (text: string) => void;
  #texts: string[] = [];
  #length = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  write(text: string): void {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length >= PIECE) this.flush();
  }

  flush(): void {
    if (this.#length > 0) this.#write(this.#texts.join(''));
    this.#texts = [];
    this.#length = 0;
  }
}
