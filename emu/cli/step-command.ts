import type { Command } from 'commander';
import { Disassembler } from '../debug/disassembler.ts';
import { Stepper } from '../debug/stepper.ts';
import { backtrace, dumpRegisters, formatBacktrace, Kernel, KernelImage } from '../kernel/index.ts';
import { createMachine } from '../machine/create.ts';
import type { MachineStop } from '../machine/index.ts';
import { consoleScript, typedLines } from './console-script.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { bootFiles } from './guest-files.ts';
import {
  addMachineOptions,
  DEFAULT_COMMAND_LINE,
  DEFAULT_MACHINE,
  type MachineArguments,
} from './machine-arguments.ts';
import { collect, parseSteps } from './options.ts';
import { stepLine, stepObject } from './step-format.ts';
import { StepOutput } from './step-output.ts';
import { resolvePlace } from './step-place.ts';
import { StepPrompt } from './step-prompt.ts';
import { describeStop, isEnding } from './step-stop.ts';

interface StepOptions extends MachineArguments {
  readonly break?: string;
  readonly count?: number;
  readonly run: readonly string[];
  readonly budget: number;
  readonly json?: boolean;
}

const DEFAULT_BUDGET = 1_000_000_000;

export function addStepCommand(program: Command): void {
  addMachineOptions(program.command('step'))
    .description('step through instructions, from power-on or from a symbol')
    .option('--break <place>', 'run to this symbol or address first: fork1, 0xffffffff81001000')
    .option('--count <n>', 'print this many steps and leave, instead of prompting', parseSteps)
    .option('--run <commands>', 'type this line at the prompt while running (repeatable)', collect)
    .option(
      '--budget <steps>',
      'give up running to a place after this many steps',
      parseSteps,
      DEFAULT_BUDGET,
    )
    .option('--json', 'with --count: print steps as NDJSON')
    .action(async (options: Partial<StepOptions>) => {
      process.exitCode = await step({
        ...DEFAULT_MACHINE,
        run: [],
        budget: DEFAULT_BUDGET,
        ...options,
      });
    });
}

async function step(options: StepOptions): Promise<number> {
  if (options.json === true && options.count === undefined) throw new UsageError('--json needs --count');
  const files = await bootFiles(options);
  const image = KernelImage.ofKernelFile(files.kernel.bytes);
  const { machine, cpu } = createMachine({ memory: options.memory });
  machine.loadKernel(files.kernel.bytes, {
    name: files.kernel.name,
    commandLine: options.append ?? DEFAULT_COMMAND_LINE,
    initrd: files.initrd,
  });
  const kernel = new Kernel({ image, machine, memory: cpu.system.inspector });
  // With nothing to type too: a guest that waits at its prompt is then known to wait for input.
  machine.console.setScript(consoleScript({ kernel }, typedLines(options.run)));
  const disassembler = await Disassembler.load();
  try {
    const stepper = new Stepper({ machine, cpu, image, disassembler });
    const resolve = (place: string): bigint => resolvePlace(place, image, stepper.registers);
    const output = options.count === undefined ? new StepOutput(machine.console) : undefined;
    if (options.break !== undefined) {
      const stop = runTo(stepper, resolve(options.break), options.budget);
      output?.endLine();
      if (stop.reason !== 'breakpoint') return notReached(options.break, stop, options.run.length > 0);
    }
    if (options.count !== undefined || output === undefined)
      return printSteps(stepper, options.count ?? 0, options.json === true);
    const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
    // A person decides when an idle guest has been watched for long enough.
    if (terminal && options.run.length === 0) machine.console.setScript(undefined);
    const prompt = new StepPrompt({
      stepper,
      output,
      terminal,
      resolve,
      backtrace: () => formatBacktrace(backtrace(kernel)),
      registers: () => dumpRegisters(kernel),
    });
    return await prompt.run();
  } finally {
    disassembler.close();
  }
}

function runTo(stepper: Stepper, address: bigint, budget: number): MachineStop {
  const remove = stepper.machine.breakpoints.add(address, () => 'stop');
  try {
    return stepper.machine.run({ budget });
  } finally {
    remove();
  }
}

function notReached(place: string, stop: MachineStop, typed: boolean): number {
  const hint = stop.reason === 'inputEnd' && !typed ? '; --run types a line at its prompt' : '';
  process.stderr.write(
    `puffer: ${place} was not reached: ${describeStop(stop)}, at position ${stop.position}${hint}\n`,
  );
  if (stop.reason === 'panic') return ExitCode.Panic;
  if (stop.reason === 'shutdown') return ExitCode.Shutdown;
  return stop.reason === 'budget' ? ExitCode.Budget : ExitCode.Expectation;
}

function printSteps(stepper: Stepper, count: number, json: boolean): number {
  for (let i = 0; i < count; i++) {
    const { position } = stepper.machine;
    const { record, stop } = stepper.step();
    if (stepper.machine.position > position)
      process.stdout.write(json ? `${JSON.stringify(stepObject(record))}\n` : `${stepLine(record)}\n`);
    if (stop.reason === 'panic') return ExitCode.Panic;
    if (stop.reason === 'shutdown') return ExitCode.Shutdown;
    if (isEnding(stop) || stop.reason === 'idle' || stop.reason === 'inputEnd') {
      process.stderr.write(`puffer: ${describeStop(stop)}, at position ${stop.position}\n`);
      return ExitCode.Ok;
    }
  }
  return ExitCode.Ok;
}
