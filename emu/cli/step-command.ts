import { type Command, Option } from 'commander';
import { Disassembler } from '../debug/disassembler.ts';
import { Stepper } from '../debug/stepper.ts';
import { backtrace, dumpRegisters, formatBacktrace, Kernel, KernelImage } from '../kernel/index.ts';
import { createMachine } from '../machine/create.ts';
import type { MachineStop } from '../machine/index.ts';
import { DEFAULT_COMMAND_LINE, PROMPTS } from './boot-command.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { bootFiles } from './guest-files.ts';
import { collect, parseMemory, parseSteps } from './options.ts';
import { stepLine, stepObject } from './step-format.ts';
import { StepPrompt } from './step-prompt.ts';

interface StepOptions {
  readonly break?: string;
  readonly count?: number;
  readonly run: readonly string[];
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly memory: number;
  readonly add: readonly string[];
  readonly budget: number;
  readonly json?: boolean;
}

const DEFAULT_MEMORY = 64 * 2 ** 20;
const DEFAULT_BUDGET = 1_000_000_000;

export function addStepCommand(program: Command): void {
  program
    .command('step')
    .description('step through instructions, from power-on or from a symbol')
    .option('--break <place>', 'run to this symbol or address first: fork1, 0xffffffff81001000')
    .option('--count <n>', 'print this many steps and leave, instead of prompting', parseSteps)
    .option('--run <commands>', 'type this line at the prompt while running (repeatable)', collect)
    .option('--kernel <file>', "boot this PVH kernel instead of the guest's")
    .option('--initrd <file>', 'with this initial RAM disk')
    .option('--append <text>', `the kernel's command line (default: "${DEFAULT_COMMAND_LINE}")`)
    .addOption(
      new Option('--memory <size>', 'RAM in MiB, or with a unit: 64, 1G')
        .argParser(parseMemory)
        .default(DEFAULT_MEMORY, '64'),
    )
    .option('--add <file>', 'put a program into /bin (repeatable)', collect)
    .option(
      '--budget <steps>',
      'give up running to a place after this many steps',
      parseSteps,
      DEFAULT_BUDGET,
    )
    .option('--json', 'print steps as NDJSON')
    .action(async (options: Partial<StepOptions>) => {
      process.exitCode = await step({
        run: [],
        add: [],
        memory: DEFAULT_MEMORY,
        budget: DEFAULT_BUDGET,
        ...options,
      });
    });
}

async function step(options: StepOptions): Promise<number> {
  const files = await bootFiles(options);
  const image = KernelImage.open(files.kernel.bytes);
  const { machine, cpu } = createMachine({ memory: options.memory });
  machine.loadKernel(files.kernel.bytes, {
    name: files.kernel.name,
    commandLine: options.append ?? DEFAULT_COMMAND_LINE,
    initrd: files.initrd,
  });
  if (options.run.length > 0) {
    const bytes = new TextEncoder().encode(options.run.map((line) => `${line}\n`).join(''));
    machine.console.setScript({ bytes, prompts: PROMPTS });
  }
  const disassembler = await Disassembler.load();
  try {
    const stepper = new Stepper({ machine, cpu, image, disassembler });
    const kernel = new Kernel({ image, machine, memory: cpu.system.inspector });
    if (options.break !== undefined) {
      const stop = runTo(stepper, resolvePlace(image, options.break), options.budget);
      if (stop.reason !== 'breakpoint') return notReached(options.break, stop);
    }
    if (options.count !== undefined) return printSteps(stepper, options.count, options.json === true);
    const prompt = new StepPrompt({
      stepper,
      resolve: (place) => resolvePlace(image, place),
      backtrace: () => formatBacktrace(backtrace(kernel)),
      registers: () => dumpRegisters(kernel),
    });
    return await prompt.run();
  } finally {
    disassembler.close();
  }
}

/** The address of a symbol, or an address in hex. Throws UsageError. */
function resolvePlace(image: KernelImage, place: string): bigint {
  if (/^0x[0-9a-f]{1,16}$/i.test(place)) return BigInt(place);
  const address = image.addressOf(place);
  if (address === undefined) {
    throw new UsageError(
      `'${place}' is neither a symbol of the kernel nor an address such as 0xffffffff81000000`,
    );
  }
  return address;
}

function runTo(stepper: Stepper, address: bigint, budget: number): MachineStop {
  const remove = stepper.machine.breakpoints.add(address, () => 'stop');
  try {
    return stepper.machine.run({ budget });
  } finally {
    remove();
  }
}

function notReached(place: string, stop: MachineStop): number {
  process.stderr.write(
    `puffer: ${place} was not reached: the machine stopped with '${stop.reason}' at position ${stop.position}; ` +
      'does something have to be typed (--run)?\n',
  );
  return stop.reason === 'budget' ? ExitCode.Budget : ExitCode.Expectation;
}

function printSteps(stepper: Stepper, count: number, json: boolean): number {
  for (let i = 0; i < count; i++) {
    const { record, stop } = stepper.step();
    process.stdout.write(json ? `${JSON.stringify(stepObject(record))}\n` : `${stepLine(record)}\n`);
    if (stop.reason === 'panic') return ExitCode.Panic;
    if (stop.reason === 'shutdown') return ExitCode.Shutdown;
    if (stop.reason !== 'budget' && stop.reason !== 'breakpoint') {
      process.stderr.write(
        `puffer: the machine stopped with '${stop.reason}' at position ${stop.position}\n`,
      );
      return ExitCode.Ok;
    }
  }
  return ExitCode.Ok;
}
