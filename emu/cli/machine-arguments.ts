import { type Command, Option } from 'commander';
import { DEFAULT_MEMORY } from '../puffer-machine.ts';
import { collect, parseMemory } from './options.ts';

/** What the guest gets when the user gives no command line: its seed and its time. */
export const DEFAULT_COMMAND_LINE = 'seed=1 time=1700000000';

/** What every command that boots a machine takes. */
export interface MachineArguments {
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  /** Bytes. */
  readonly memory: number;
  readonly add: readonly string[];
}

/** What is not given. */
export const DEFAULT_MACHINE: MachineArguments = { memory: DEFAULT_MEMORY, add: [] };

/** Declares the options of `MachineArguments`. */
export function addMachineOptions(command: Command): Command {
  return command
    .option('--kernel <file>', "boot this kernel (PVH, Multiboot, bzImage) instead of the guest's")
    .option('--initrd <file>', 'with this initial RAM disk')
    .option('--append <text>', `the kernel's command line (default: "${DEFAULT_COMMAND_LINE}")`)
    .addOption(
      new Option('--memory <size>', 'RAM in MiB, or with a unit: 64, 1G')
        .argParser(parseMemory)
        .default(DEFAULT_MEMORY, '64'),
    )
    .option(
      '--add <file>',
      'put a program into /bin: a C file is compiled, an ELF file taken as it is (repeatable)',
      collect,
    );
}
