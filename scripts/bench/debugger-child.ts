/**
 * Measures going back in time over a billion steps of the guest's shell and prints the figures as JSON. Operand: `plain` runs without
 * checkpoints, `history` with them and then goes back.
 */
import { Timeline, type Traveller } from '../../emu/debug/time/timeline.ts';
import { createMachine } from '../../emu/machine/create.ts';
import type { Machine } from '../../emu/machine/index.ts';
import { GUEST, loadGuest, readGuest, runToPrompt } from './guest.ts';
import { elapsed } from './statistics.ts';

export interface DebuggerChildResult {
  /** Seconds of CPU time for the whole run. */
  readonly run: number;
  /** The rest is measured with history alone. */
  readonly checkpoints?: number;
  /** Bytes that they hold. */
  readonly bytes?: number;
  /** Milliseconds (wall clock) of single steps back, one after the other from the end on. */
  readonly reverseSteps?: readonly number[];
  /** Seconds of CPU time to search all of history for something that happened only near its beginning. */
  readonly search?: number;
}

const BILLION = 1e9;
const STEPS_BACK = 25;
/** Work for the guest's shell without an end: processes, pipes, files. */
const SHELL_WORK = 'while true; do ls -l /bin >/dev/null; echo hello | cat >/dev/null; done\n';

const traveller: Traveller = { breathe: async () => {}, interrupted: false };

function run(machine: Machine, advance: () => number): void {
  while (machine.position < BILLION) {
    const due = Math.min(advance(), BILLION - machine.position);
    machine.run({ budget: due });
  }
}

const { machine } = createMachine({ memory: GUEST.memory });
loadGuest(machine, readGuest());
const timeline = new Timeline(machine);
const first = machine.position;
/** The kernel's first instruction, which executes once. */
const entry = machine.processor.linearInstructionPointer();
timeline.advance();
runToPrompt(machine);
machine.console.write(SHELL_WORK);

if (process.argv[2] === 'plain') {
  const { cpu } = elapsed(() => run(machine, () => BILLION));
  process.stdout.write(JSON.stringify({ run: cpu } satisfies DebuggerChildResult));
} else {
  const { cpu } = elapsed(() => run(machine, () => timeline.advance()));
  timeline.ran();
  const { count, bytes } = timeline.checkpoints;
  const reverseSteps: number[] = [];
  for (let step = 0; step < STEPS_BACK; step++) {
    const before = performance.now();
    await timeline.goTo(machine.position - 1, traveller);
    reverseSteps.push(performance.now() - before);
  }
  const cpuBefore = process.cpuUsage();
  const found = await timeline.findLast<undefined>(
    machine.position,
    (hit) => {
      const remove = machine.breakpoints.add(entry, () => {
        hit(machine.position, undefined);
        return 'continue';
      });
      return remove;
    },
    traveller,
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  if (typeof found === 'string' || found.position !== first)
    throw new Error('the search did not find the first step');
  const result: DebuggerChildResult = {
    run: cpu,
    checkpoints: count,
    bytes,
    reverseSteps,
    search: (user + system) / 1e6,
  };
  process.stdout.write(JSON.stringify(result));
}
