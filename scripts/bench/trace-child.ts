/**
 * Times a shell's loop of `ls -l` plainly, with every call of the kernel recorded, and with the recording made into lines of NDJSON. Prints
 * CPU seconds as JSON. Operand: the number of rounds; the three take turns.
 */
import { kernelFunctions } from '../../emu/debug/trace/functions.ts';
import { FunctionTrace, NdjsonTraceWriter } from '../../emu/debug/trace/index.ts';
import { Recording } from '../../emu/debug/trace/recording.ts';
import { Signatures } from '../../emu/debug/trace/signatures.ts';
import { Kernel, KernelImage, KernelTracer } from '../../emu/kernel/index.ts';
import { createMachine } from '../../emu/machine/create.ts';
import { GUEST, loadGuest, readGuest, runToPrompt } from './guest.ts';
import { elapsed } from './statistics.ts';

/** CPU seconds of each round. */
export interface TraceChildResult {
  readonly plain: readonly number[];
  readonly recorded: readonly number[];
  readonly written: readonly number[];
  /** Calls in one round. */
  readonly calls: number;
}

const COMMAND = 'i=0; while [ $i -lt 10 ]; do i=$((i+1)); ls -l >/dev/null; done\n';
/** Rounds that V8 needs until it has optimised what they run. */
const WARM_ROUNDS = 2;

const rounds = Number(process.argv[2]);
const files = readGuest();
const { machine, cpu } = createMachine({ memory: GUEST.memory });
loadGuest(machine, files);
runToPrompt(machine);
const kernel = new Kernel({ image: KernelImage.open(files.kernel), machine, memory: cpu.system.inspector });
const tracer = new KernelTracer(kernel);
const functions = kernelFunctions(kernel.image);
/** What the debugging information says is read once, in the first round. */
const signatures = new Signatures(kernel);

const plain: number[] = [];
const recorded: number[] = [];
const written: number[] = [];
let calls = 0;
for (let round = 0; round < WARM_ROUNDS + rounds; round++) {
  const times = [elapsed(run), elapsed(record), elapsed(write)].map((one) => one.cpu);
  if (round < WARM_ROUNDS) continue;
  for (const [index, list] of [plain, recorded, written].entries()) list.push(times[index] as number);
}
process.stdout.write(JSON.stringify({ plain, recorded, written, calls } satisfies TraceChildResult));

function run(): void {
  machine.console.write(COMMAND);
  runToPrompt(machine);
}

/** All that happened is kept in memory when it returns. */
function record(): void {
  const recording = new Recording({ kernel, tracer, functions, signatures });
  run();
  recording.take();
  recording.end();
}

function write(): void {
  calls = 0;
  const visitor = new NdjsonTraceWriter((line) => {
    if (line.includes('"kind":"enter"')) calls++;
  });
  const trace = new FunctionTrace({ kernel, tracer, visitor, functions: ['*'] });
  run();
  trace.end();
}
