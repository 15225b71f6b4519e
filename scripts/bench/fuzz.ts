import { runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import type { FuzzChildResult } from './fuzz-child.ts';
import { type Line, line } from './line.ts';
import { findPeers, firstMissing } from './peers.ts';
import { summarize } from './statistics.ts';

const WHAT = 'programs of system calls, restore and judgement included';

/** How many programs the fuzzer runs in a second of one processor. */
export async function benchFuzz({ repetitions, progress }: BenchContext): Promise<Line[]> {
  const missing = firstMissing(findPeers.assembler());
  if (missing !== undefined)
    return [line({ group: 'fuzz', what: WHAT, unit: '/s', peer: '', note: missing })];
  progress('fuzz');
  const { rates, steps } = runChild<FuzzChildResult>('fuzz-child.js', [String(repetitions)]);
  return [
    line({
      group: 'fuzz',
      what: WHAT,
      unit: '/s',
      peer: '',
      puffer: summarize(rates),
      note: `CPU time of one thread; ${Math.round(steps)} steps each`,
    }),
  ];
}
