/**
 * Measures breakpoints on a function that wc calls for each character, and prints hits a second as JSON. Operand: the number of rounds.
 */
import { BenchError } from './child.ts';
import { BenchSession } from './debug-session.ts';
import { NEVER, PLACE, PRINTED, PROGRAM } from './printing.ts';

/** Hits a second, by CPU time, of each round. */
export interface PrintingChildResult {
  readonly printing: readonly number[];
  /** A condition that never holds. */
  readonly conditional: readonly number[];
  /** Stops that a script prints at and continues. */
  readonly stopping: readonly number[];
}

/** What the shell is told. A million characters: making the processes and decoding their code again are not what is measured. */
const COMMAND = `cat ${'/bin/ksh /bin/ls /bin/cat /bin/ksh '.repeat(5)}| wc`;
/** Rounds that V8 needs until it has optimised what they run. */
const WARM_ROUNDS = 2;
const STOPS = 2_000;

const rounds = Number(process.argv[2]);
const debug = await BenchSession.start();

async function time(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  const count = await work();
  const { user, system } = process.cpuUsage(before);
  return (count * 1e6) / (user + system);
}

async function wholeRun(): Promise<number> {
  const { host, session } = debug;
  host.lines = 0;
  session.type(`${COMMAND}\n`);
  await debug.run('continue');
  return host.lines;
}

const printing: number[] = [];
const conditional: number[] = [];
const stopping: number[] = [];
let hits = 0;
for (let round = 0; round < WARM_ROUNDS + rounds; round++) {
  await debug.run(`dprintf prog:${PROGRAM}:${PLACE},${PRINTED}`);
  const ofPrinting = await time(async () => {
    hits = await wholeRun();
    return hits;
  });
  const lines = debug.host.take().split('\n').slice(0, -1);
  const other = lines.find((text) => !/^isspace\(\d+\)$/.test(text));
  if (hits === 0 || lines.length !== hits || other !== undefined)
    throw new BenchError(`${hits} hits of ${PLACE} have printed ${lines.length} lines, among them ${other}`);
  await debug.run('delete');
  await debug.run(`break prog:${PROGRAM}:${PLACE} if ${NEVER}`);
  const ofCondition = await time(async () => {
    if ((await wholeRun()) > 0) throw new BenchError('a condition could not be evaluated');
    return hits;
  });
  await debug.run('delete');
  await debug.run(`break prog:${PROGRAM}:${PLACE}`);
  debug.session.type(`${COMMAND}\n`);
  const ofStops = await time(async () => {
    for (let stop = 0; stop < STOPS; stop++) {
      await debug.run('continue');
      await debug.run('print c');
    }
    return STOPS;
  });
  await debug.run('delete');
  await debug.run('continue');
  if (round < WARM_ROUNDS) continue;
  printing.push(ofPrinting);
  conditional.push(ofCondition);
  stopping.push(ofStops);
}
process.stdout.write(JSON.stringify({ printing, conditional, stopping } satisfies PrintingChildResult));
