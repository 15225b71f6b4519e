/**
 * Boots the guest in this process, first cold, then warm, and prints the times as JSON. It is a process of its own because only a fresh
 * process is cold: V8 keeps compiled modules and optimised code. Operand: how many warm boots.
 */
import { usePrebuiltInterpreter } from '../../emu/cli/prebuilt.ts';
import { createMachine } from '../../emu/machine/create.ts';
import { GUEST, type GuestFiles, loadGuest, readGuest, runToPrompt } from './guest.ts';
import { type Elapsed, elapsed } from './statistics.ts';

export interface BootTimes {
  /** From making the machine to the prompt. */
  readonly prompt: Elapsed;
  /** From the prompt to the next one, after `ls`. */
  readonly ls: Elapsed;
  /** Position of the first prompt. */
  readonly steps: number;
}

export interface BootChildResult {
  readonly cold: BootTimes;
  readonly warm: readonly BootTimes[];
}

function boot(files: GuestFiles, prepare: () => void = () => {}): BootTimes {
  let ready: ReturnType<typeof createMachine>['machine'] | undefined;
  const prompt = elapsed(() => {
    prepare();
    const { machine } = createMachine({ memory: GUEST.memory });
    loadGuest(machine, files);
    runToPrompt(machine);
    ready = machine;
  });
  const machine = ready as NonNullable<typeof ready>;
  const steps = machine.position;
  const ls = elapsed(() => {
    machine.console.write('ls\n');
    runToPrompt(machine);
  });
  return { prompt, ls, steps };
}

const files = readGuest();
const cold = boot(files, usePrebuiltInterpreter);
// The second boot warms up and does not count.
boot(files);
const warm = Array.from({ length: Number(process.argv[2] ?? '1') }, () => boot(files));
process.stdout.write(JSON.stringify({ cold, warm } satisfies BootChildResult));
