import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { absolute } from '../../scripts/guest/index.ts';
import { placeText } from '../debug/commands/index.ts';
import { Disassembler } from '../debug/disassembler.ts';
import { Programs } from '../debug/programs/programs.ts';
import type { Debuggee } from '../debug/session/debuggee.ts';
import { DebugSession, type SessionOptions } from '../debug/session/session.ts';
import { checkEnd, identityOf, openRecording } from '../debug/time/open-recording.ts';
import type { Recording } from '../debug/time/recording.ts';
import { Kernel, KernelImage } from '../kernel/index.ts';
import { createMachine } from '../machine/create.ts';
import { consoleScript, typedLines } from './console-script.ts';
import { DebugCommandHost } from './debug-host.ts';
import { JsonOutput } from './debug-json.ts';
import { Progress } from './debug-progress.ts';
import { DebugPrompt } from './debug-prompt.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { ConsoleOnce } from './gdb-console.ts';
import { bootFiles } from './guest-files.ts';
import { guestProgram } from './guest-program.ts';
import {
  addMachineOptions,
  DEFAULT_COMMAND_LINE,
  DEFAULT_MACHINE,
  type MachineArguments,
} from './machine-arguments.ts';
import { collect } from './options.ts';
import { readRecording } from './recording-file.ts';
import { StepOutput } from './step-output.ts';

const HISTORY_LINES = 1000;

interface DebugOptions extends MachineArguments {
  readonly ex: string[];
  readonly run: string[];
  readonly open?: string;
  readonly json?: boolean;
  /** commander's name for --no-irq: true unless that is given. */
  readonly irq?: boolean;
}

export function addDebugCommand(program: Command): void {
  addMachineOptions(program.command('debug'))
    .description(
      'boot the guest under the debugger: source level, kernel structures, forward and back in time',
    )
    .option('--ex <command>', 'run this command of the debugger first (repeatable)', collect)
    .option('--run <commands>', 'type this line at the guest’s prompt while running (repeatable)', collect)
    .option('--open <file>', 'debug a recording that `save` has written, instead of booting')
    .option('--no-irq', 'hold interrupts off while instructions and lines are stepped')
    .option('--json', 'answer each command with a line of NDJSON; what the guest prints comes as events')
    .action(async (options: Partial<DebugOptions>, command: Command) => {
      if (options.open !== undefined && command.getOptionValueSource('memory') === 'cli')
        throw new UsageError('--open takes the RAM from the recording: it does not go with --memory');
      process.exitCode = await debug({ ...DEFAULT_MACHINE, ex: [], run: [], ...options });
    });
}

async function debug(options: DebugOptions): Promise<number> {
  if (
    options.open !== undefined &&
    (options.run.length > 0 ||
      options.add.length > 0 ||
      options.initrd !== undefined ||
      options.append !== undefined)
  )
    throw new UsageError(
      '--open takes what ran from the recording: it does not go with --run, --add, --initrd and --append',
    );
  const files = await bootFiles(options);
  const image = KernelImage.ofKernelFile(files.kernel.bytes);
  const recorded = identityOf(files.kernel.name, image, files.kernel.bytes);
  const recording = options.open === undefined ? undefined : readRecording(options.open);
  const { machine, cpu } = createMachine({ memory: recording?.start.memorySize ?? options.memory });
  const commandLine = recording?.commandLine ?? options.append ?? DEFAULT_COMMAND_LINE;
  if (recording !== undefined) openRecording(machine, recording, recorded);
  else machine.loadKernel(files.kernel.bytes, { name: files.kernel.name, commandLine, initrd: files.initrd });
  const kernel = new Kernel({ image, machine, memory: cpu.system.inspector });
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  if (recording === undefined && (!terminal || options.run.length > 0)) {
    machine.console.setScript(consoleScript({ kernel }, typedLines(options.run)));
  }
  const disassembler = await Disassembler.load();
  try {
    const debuggee: Debuggee = {
      machine,
      cpu,
      kernel,
      disassembler,
      programs: new Programs(kernel, (comm) => files.added.get(comm) ?? guestProgram(comm)),
    };
    return await converse(debuggee, options, { terminal, recording, kernel: { recorded, commandLine } });
  } finally {
    disassembler.close();
  }
}

interface Circumstances {
  readonly terminal: boolean;
  readonly recording: Recording | undefined;
  readonly kernel: NonNullable<SessionOptions['kernel']>;
}

async function converse(
  debuggee: Debuggee,
  options: DebugOptions,
  { terminal, recording, kernel }: Circumstances,
): Promise<number> {
  const { machine } = debuggee;
  const once = new ConsoleOnce(machine.console, machine.position);
  const output = options.json === true ? new JsonOutput(once) : new StepOutput(once);
  const progress = new Progress();
  const host = new DebugCommandHost({
    machine,
    terminal,
    isReplaying: () => session.timeline.isReplaying,
    print: (text) => output.queue(text.endsWith('\n') ? text.slice(0, -1) : text),
    onPiece: () => output.flush(),
    progress,
  });
  const session: DebugSession = new DebugSession({
    debuggee,
    host,
    sources: readSource,
    recordedEnd: recording?.end,
    kernel,
  });
  session.stepping.holdsInterrupts = options.irq === false;
  session.timeline.course.onChange((position) => once.forgetAfter(position));
  const history = readHistory(terminal);
  const prompt = new DebugPrompt({
    session,
    host,
    output,
    progress,
    terminal,
    json: options.json === true,
    history,
  });
  const { level } = session.selection;
  if (options.json !== true && level !== undefined) output.print(placeText(session, level).trimEnd());
  for (const command of options.ex)
    if (!(await prompt.execute(command))) return status(prompt, machine.ending?.reason, terminal);
  await prompt.run();
  if (recording !== undefined) checkEnd(machine, recording);
  writeHistory(terminal, history);
  return status(prompt, machine.ending?.reason, terminal);
}

/** A person has seen what went wrong; a script's reader looks at the exit status. */
function status(prompt: DebugPrompt, ending: string | undefined, terminal: boolean): number {
  if (terminal) return ExitCode.Ok;
  if (prompt.failed) return ExitCode.Usage;
  if (ending === 'panic') return ExitCode.Panic;
  return ending === 'shutdown' ? ExitCode.Shutdown : ExitCode.Ok;
}

/** Source files by the paths of the debugging information: the guest's are relative to the repository. */
function readSource(path: string): string[] | undefined {
  const file = absolute(path);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : undefined;
}

/** Where a person's command lines are kept from one session to the next. */
function historyFile(): string {
  const state = process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state');
  return join(state, 'puffer', 'debug-history');
}

function readHistory(terminal: boolean): string[] {
  const file = historyFile();
  if (!terminal || !existsSync(file)) return [];
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .reverse();
  } catch {
    return [];
  }
}

/** A home that cannot be written to is no reason to fail. */
function writeHistory(terminal: boolean, history: readonly string[]): void {
  if (!terminal) return;
  try {
    mkdirSync(dirname(historyFile()), { recursive: true });
    writeFileSync(
      historyFile(),
      history
        .slice(0, HISTORY_LINES)
        .toReversed()
        .map((line) => `${line}\n`)
        .join(''),
    );
  } catch {
    // Nothing is lost but the memory of old commands.
  }
}
