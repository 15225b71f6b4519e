/**
 * Times the loops and the guest's shell under one variant of the interpreter and prints MIPS as JSON. Operand: the variant.
 * The module of a process is chosen once, so each variant has a process.
 */
import { generateInterpreter } from '../../emu/cpu/interpreter/generate.ts';
import { formTable, provideInterpreter } from '../../emu/cpu/interpreter/module.ts';
import { Kernel, KernelImage, KernelTracer } from '../../emu/kernel/index.ts';
import { createMachine } from '../../emu/machine/create.ts';
import { GUEST, loadGuest, readGuest, runToPrompt } from './guest.ts';
import { assemble, loops } from './loops.ts';
import { PufferLoop } from './puffer-loop.ts';
import { elapsed } from './statistics.ts';

/** Generated without hooks; with hooks, which are off; with hooks that were on and have been taken off. */
export type HooksVariant = 'without' | 'off' | 'detached';

/** MIPS by CPU time, by the name of what ran. */
export type HooksChildResult = Readonly<Record<string, number>>;

const MILLION = 1e6;
const RUNS = 2;
const TIMED_BOOTS = 5;
/** Boots that V8 needs until it has optimised what a boot runs. */
const WARM_BOOTS = 5;
/** Work for the guest's shell: arithmetic, system calls, processes. */
const SHELL_WORK = 'i=0; while [ $i -lt 50 ]; do i=$((i+1)); ls >/dev/null; done\n';

const variant = process.argv[2] as HooksVariant;
provideInterpreter(generateInterpreter(formTable().forms, { breakpoints: variant !== 'without' }));

const least = (times: readonly number[]): number => Math.min(...times);
const result: Record<string, number> = {};

for (const loop of loops) {
  const puffer = new PufferLoop(assemble(loop.source));
  if (variant === 'detached') puffer.attachAndDetach();
  const times = Array.from({ length: RUNS }, () => puffer.time().cpu);
  result[loop.name] = loop.steps / least(times) / MILLION;
}

const files = readGuest();
const { machine, cpu: cpuOfMachine } = createMachine({ memory: GUEST.memory });
const boots: number[] = [];
for (let i = 0; i < WARM_BOOTS + TIMED_BOOTS; i++) {
  const { cpu } = elapsed(() => {
    loadGuest(machine, files);
    runToPrompt(machine);
  });
  if (i >= WARM_BOOTS) boots.push(cpu);
  if (i === 0) runOneCommand();
}
result['boot to the prompt'] = machine.position / least(boots) / MILLION;

machine.console.write(SHELL_WORK);
const from = machine.position;
const { cpu } = elapsed(() => runToPrompt(machine));
result['shell loop of 50 ls'] = (machine.position - from) / cpu / MILLION;

process.stdout.write(JSON.stringify(result));

/** Runs `ls`; in one variant with a listener to every event, who then leaves. */
function runOneCommand(): void {
  const image = KernelImage.open(files.kernel);
  const kernel = new Kernel({ image, machine, memory: cpuOfMachine.system.inspector });
  const events = variant === 'detached' ? new KernelTracer(kernel).events() : undefined;
  machine.console.write('ls\n');
  runToPrompt(machine);
  events?.end();
}
