import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { MachineStop } from '../machine/index.ts';
import { Machine } from '../puffer-machine.ts';
import { BootOutput } from './boot-output.ts';
import { consoleScript, typedLines } from './console-script.ts';
import { ExitCode, exitCodeOf, UsageError } from './exit-code.ts';
import { type GdbAddress, parseGdbAddress } from './gdb-address.ts';
import { runUnderGdb } from './gdb-boot.ts';
import { ConsoleOnce } from './gdb-console.ts';
import { bootFiles, moduleFile } from './guest-files.ts';
import { runInteractively } from './interactive.ts';
import {
  addMachineOptions,
  DEFAULT_COMMAND_LINE,
  DEFAULT_MACHINE,
  type MachineArguments,
} from './machine-arguments.ts';
import { collect, parseSteps } from './options.ts';
import { typeOnKeyboard } from './terminal-keys.ts';
import { TextWatch } from './text-watch.ts';

export interface BootOptions extends MachineArguments {
  readonly run: readonly string[];
  readonly expect: readonly string[];
  readonly fail: readonly string[];
  readonly budget?: number;
  readonly module: readonly string[];
  readonly report?: boolean | string;
  readonly json?: boolean;
  readonly interactive?: boolean;
  readonly gdb?: GdbAddress;
  readonly screen?: boolean;
}

/** Options that may be given several times. */
const NO_LISTS = { run: [], expect: [], fail: [], module: [] };
const LINE_FEED = 0x0a;
const STANDARD_ERROR = 2;
/** What lets the guest's kernel ask on its console (guest/sys/ddb/db_usrreq.c). */
const DEBUGGER_WORDS = 'ddb.panic=1 ddb.console=1';

export function addBootCommand(program: Command): void {
  addMachineOptions(program.command('boot'))
    .description('boot the guest: a shell on a terminal, or a scripted run')
    .option('--run <commands>', 'type this line at the prompt, then power off (repeatable)', collect)
    .option('--expect <text>', 'exit 3 unless the console printed this (repeatable)', collect)
    .option('--fail <text>', 'stop with exit 3 as soon as the console prints this (repeatable)', collect)
    .option('--budget <steps>', 'stop with exit 42 after this many steps, such as 50m', parseSteps)
    .option(
      '--module <file>',
      'a module for a Multiboot kernel, with its arguments behind a space (repeatable)',
      collect,
    )
    .option(
      '--report [which]',
      'print a report of each fork after the first prompt, or of "all" from power-on',
    )
    .option('--json', 'print events as NDJSON, console output among them, and nothing else')
    .option(
      '--interactive',
      'after --run, go on at the prompt when this is a terminal, instead of powering off',
    )
    .option(
      '--screen',
      'show the text screen instead of the console on a terminal, and type on the keyboard; else print it at the end',
    )
    .option(
      '--gdb <place>',
      'wait at the first instruction for gdb: PORT (loopback), HOST:PORT, unix:PATH, or stdio for gdb\'s own "target remote | …"',
      parseGdbAddress,
    )
    .action(async (options: Partial<BootOptions>) => {
      process.exitCode = await boot({ ...DEFAULT_MACHINE, ...NO_LISTS, ...options });
    });
}

/** Boots and runs to the end; returns the exit status. Throws UsageError and the typed errors of what it uses. */
export async function boot(options: BootOptions): Promise<number> {
  if ([...options.expect, ...options.fail].includes(''))
    throw new UsageError('--expect and --fail need a text that is not empty');
  const report = reportFrom(options.report);
  const files = await bootFiles(options);
  const machine = Machine.create({
    memory: options.memory,
    kernel: files.kernel,
    initrd: files.initrd,
    modules: options.module.map(moduleFile),
    commandLine: commandLineOf(options),
  });
  const shown = new ConsoleOnce(machine.console, machine.position);
  const output = new BootOutput({
    machine,
    console: shown,
    report,
    json: options.json === true,
    screen: screenOf(options),
    // Standard output is gdb's.
    descriptor: options.gdb === 'stdio' ? STANDARD_ERROR : undefined,
  });
  const watch = new TextWatch({ expected: options.expect, forbidden: options.fail });
  shown.onOutput((bytes) => {
    if (watch.feed(bytes)) machine.core.requestStop();
  });
  const stop =
    options.gdb === undefined
      ? await runToEnd(machine, options, watch, output)
      : await runUnderGdb({
          machine,
          address: options.gdb,
          budget: options.budget,
          input: inputUnderGdb(machine, options),
          kernel: machine.image.isEmpty ? undefined : files.kernel.name,
          console: shown,
          forwardOnly: report !== undefined || options.json === true,
          stopped: () => watch.forbiddenSeen,
          exitStatus: (stop) => exitCode(stop, watch),
        });
  return output.finish(stop, exitCode(stop, watch), watch);
}

/**
 * The kernel's command line. The guest's own kernel is told when a person sits at its console: it then enters its debugger on a
 * break and on a panic, where it would otherwise end. The words cost the boot no step.
 */
function commandLineOf(options: BootOptions): string {
  const given = options.append ?? DEFAULT_COMMAND_LINE;
  const atConsole =
    isAtTerminal(options) &&
    options.screen !== true &&
    (options.run.length === 0 || options.interactive === true);
  return options.kernel === undefined && atConsole && !given.includes('ddb.')
    ? `${given} ${DEBUGGER_WORDS}`
    : given;
}

/** How the text screen is shown: as it changes, when the run ends, or not. */
function screenOf(options: BootOptions): 'live' | 'end' | undefined {
  if (options.screen !== true) return undefined;
  return isAtTerminal(options) && options.gdb === undefined && options.run.length === 0 ? 'live' : 'end';
}

/** Which forks `--report` is about. Throws UsageError. */
function reportFrom(option: boolean | string | undefined): 'prompt' | 'power-on' | undefined {
  if (option === undefined || option === false) return undefined;
  if (option === true) return 'prompt';
  if (option === 'all') return 'power-on';
  throw new UsageError(`--report takes 'all' or nothing, not '${option}'`);
}

/** Chooses how input comes in: a script, a pipe, or a person. */
async function runToEnd(
  machine: Machine,
  options: BootOptions,
  watch: TextWatch,
  output: BootOutput,
): Promise<MachineStop> {
  const terminal = isAtTerminal(options);
  const scripted = options.run.length > 0;
  let budget = options.budget;
  if (scripted) {
    machine.console.setScript(consoleScript(machine, typedLines(options.run)));
    const stop = output.run({ budget });
    if (!(stop.reason === 'inputEnd' && options.interactive === true && terminal)) return stop;
    machine.console.setScript(undefined);
    output.showReports();
    if (budget !== undefined) budget = Math.max(1, budget - machine.position);
  }
  if (terminal)
    return runInteractively(machine.core, {
      budget,
      run: (limits) => output.run(limits),
      ...(screenOf(options) === 'live' && {
        type: (bytes: Uint8Array) => typeOnKeyboard(machine.core, bytes),
        show: () => output.drawScreen(),
      }),
      stopped: () => watch.forbiddenSeen,
    });
  machine.console.setScript(consoleScript(machine, readAllInput()));
  return output.run({ budget });
}

/** A person types, and sees what is printed. */
function isAtTerminal(options: BootOptions): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && options.json !== true;
}

/** Sets what is typed while gdb drives the machine, in the same order as without gdb. */
function inputUnderGdb(machine: Machine, options: BootOptions): 'terminal' | 'script' | 'thenTerminal' {
  const terminal = isAtTerminal(options);
  if (options.run.length > 0) {
    machine.console.setScript(consoleScript(machine, typedLines(options.run)));
    return terminal && options.interactive === true ? 'thenTerminal' : 'script';
  }
  if (terminal) return 'terminal';
  // Standard input is gdb's.
  if (options.gdb === 'stdio') {
    machine.console.setScript(consoleScript(machine, new Uint8Array()));
    return 'script';
  }
  machine.console.setScript(consoleScript(machine, readAllInput()));
  return 'script';
}

/** All of standard input; nothing when it is a terminal or closed. */
function readAllInput(): Uint8Array {
  if (process.stdin.isTTY === true) return new Uint8Array();
  try {
    const bytes = new Uint8Array(readFileSync(0));
    // A last line without its line feed would never be read.
    return bytes.length === 0 || bytes.at(-1) === LINE_FEED ? bytes : Uint8Array.from([...bytes, LINE_FEED]);
  } catch (error) {
    // A closed or non-blocking standard input has nothing to say.
    if (['EAGAIN', 'EBADF', 'EOF', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return new Uint8Array();
    throw error;
  }
}

function exitCode(stop: MachineStop, watch: TextWatch): number {
  if (watch.forbiddenSeen !== undefined) return ExitCode.Expectation;
  return exitCodeOf(stop, watch.missing.length > 0 ? ExitCode.Expectation : ExitCode.Ok);
}
