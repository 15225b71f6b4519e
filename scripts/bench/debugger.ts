import { runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import type { DebuggerChildResult } from './debugger-child.ts';
import { ensureGuest } from './guest.ts';
import { type Line, line } from './line.ts';
import { assemble, loops } from './loops.ts';
import { benchPrinting } from './printing.ts';
import { PufferLoop } from './puffer-loop.ts';
import { quotients, summarize } from './statistics.ts';

const MIB = 2 ** 20;
/** What history may cost in time, and hold in memory. */
const MOST_TIME = 1.1;
const MOST_MIB = 256;
/** The longest a step back may take after a billion steps, in ms. */
const MOST_REVERSE_MS = 50;
const MOST_BREAKPOINT_COST = 1.2;
const MILLION = 1e6;

/** Going back in time, and breakpoints beside a hot loop. */
export async function benchDebugger(context: BenchContext): Promise<Line[]> {
  const { repetitions, progress } = context;
  await ensureGuest();
  const plain: DebuggerChildResult[] = [];
  const history: Required<DebuggerChildResult>[] = [];
  for (let turn = 0; turn < repetitions; turn++) {
    progress(`debugger: ${turn + 1} of ${repetitions}`);
    plain.push(runChild<DebuggerChildResult>('debugger-child.js', ['plain']));
    history.push(runChild<Required<DebuggerChildResult>>('debugger-child.js', ['history']));
  }
  const runs = plain.map(({ run }) => run);
  const group = 'debugger';
  const peer = 'the same run without checkpoints';
  return [
    line({
      group,
      what: 'a billion steps with history',
      unit: 's',
      peer,
      puffer: summarize(history.map(({ run }) => run)),
      peerFigure: summarize(runs),
      ratio: summarize(
        quotients(
          runs,
          history.map(({ run }) => run),
        ),
      ),
      target: { kind: 'ratio', atLeast: 1 / MOST_TIME },
      note: 'CPU time, the shell making processes; each variant in processes of its own, in turn',
    }),
    line({
      group,
      what: 'what history holds then',
      unit: 'MiB',
      peer: `${MOST_MIB} MiB`,
      puffer: summarize(history.map(({ bytes }) => bytes / MIB)),
      target: { kind: 'figure', atMost: MOST_MIB },
    }),
    line({
      group,
      what: 'one step back after a billion',
      unit: 'ms',
      peer: `${MOST_REVERSE_MS} ms`,
      puffer: summarize(history.flatMap(({ reverseSteps }) => reverseSteps)),
      target: { kind: 'figure', atMost: MOST_REVERSE_MS },
      note: 'wall clock, one after the other from the end on',
    }),
    line({
      group,
      what: 'reverse-continue through all of it',
      unit: 's',
      peer: 'one run of a billion steps',
      puffer: summarize(history.map(({ search }) => search)),
      peerFigure: summarize(runs),
      ratio: summarize(
        quotients(
          runs,
          history.map(({ search }) => search),
        ),
      ),
      target: { kind: 'ratio', atLeast: 1 / MOST_TIME },
      note: 'CPU time; what is searched for happened once, at the very beginning',
    }),
    ...breakpointsBesideLoops(repetitions),
    ...(await benchPrinting(context)),
  ];
}

/** A breakpoint that is never reached, on the page of a loop. */
function breakpointsBesideLoops(repetitions: number): Line[] {
  return loops.map((loop) => {
    const puffer = new PufferLoop(assemble(loop.source));
    const [without, beside]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < repetitions; turn++) {
      without.push(loop.steps / puffer.time().cpu / MILLION);
      const remove = puffer.breakBeside();
      beside.push(loop.steps / puffer.time().cpu / MILLION);
      remove();
    }
    return line({
      group: 'debugger',
      what: `${loop.name}, a breakpoint on its page`,
      unit: 'MIPS',
      peer: 'without it',
      puffer: summarize(beside),
      peerFigure: summarize(without),
      ratio: summarize(quotients(beside, without)),
      target: { kind: 'ratio', atLeast: 1 / MOST_BREAKPOINT_COST },
      note: 'CPU time',
    });
  });
}
