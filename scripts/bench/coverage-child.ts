/**
 * Times the compute loops, and a shell's loop of `ls -l` with and without executions being counted, and prints CPU seconds as JSON. Operand:
 * the number of rounds; the two take turns. The count is taken at the end of each round, as of a test.
 */
import { CoverageCollector } from '../../emu/debug/coverage/index.ts';
import { Kernel, KernelImage } from '../../emu/kernel/index.ts';
import { createMachine } from '../../emu/machine/create.ts';
import { programFile } from '../guest/index.ts';
import { GUEST, loadGuest, readGuest, runToPrompt } from './guest.ts';
import { assemble, loops } from './loops.ts';
import { PufferLoop } from './puffer-loop.ts';
import { elapsed } from './statistics.ts';

/** CPU seconds of each round, by what ran. */
export type CoverageChildResult = Readonly<
  Record<string, { readonly plain: number[]; readonly counted: number[] }>
>;

const COMMAND = 'i=0; while [ $i -lt 20 ]; do i=$((i+1)); ls -l >/dev/null; done\n';
/** Rounds that V8 needs until it has optimised what they run. */
const WARM_ROUNDS = 2;

const rounds = Number(process.argv[2]);
const result: Record<string, { plain: number[]; counted: number[] }> = {};

function compare(what: string, run: () => number, counting: (run: () => number) => number): void {
  const plain: number[] = [];
  const counted: number[] = [];
  for (let round = 0; round < WARM_ROUNDS + rounds; round++) {
    const times = [run(), counting(run)] as const;
    if (round < WARM_ROUNDS) continue;
    plain.push(times[0]);
    counted.push(times[1]);
  }
  result[what] = { plain, counted };
}

for (const loop of loops) {
  const puffer = new PufferLoop(assemble(loop.source));
  compare(
    loop.name,
    () => puffer.time().cpu,
    (run) => {
      const end = puffer.countExecutions();
      const time = run();
      end();
      return time;
    },
  );
}

const files = readGuest();
const { machine, cpu } = createMachine({ memory: GUEST.memory });
loadGuest(machine, files);
runToPrompt(machine);
const kernel = new Kernel({ image: KernelImage.open(files.kernel), machine, memory: cpu.system.inspector });
const shell = (): number =>
  elapsed(() => {
    machine.console.write(COMMAND);
    runToPrompt(machine);
  }).cpu;
compare('shell loop of 20 ls -l', shell, (run) => {
  const collector = new CoverageCollector(kernel, programFile);
  const time = run();
  return time + elapsed(() => collector.stop()).cpu;
});
process.stdout.write(JSON.stringify(result));
