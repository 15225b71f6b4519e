import { runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import type { CoverageChildResult } from './coverage-child.ts';
import { ensureGuest } from './guest.ts';
import { type Line, line, type Target } from './line.ts';
import { findPeers, firstMissing } from './peers.ts';
import { quotients, summarize } from './statistics.ts';

/** A counted run takes at most one and a half times as long. */
const AT_MOST_HALF_MORE: Target = { kind: 'ratio', atLeast: 1 / 1.5 };

/** What counting executions costs. */
export async function benchCoverage({ repetitions, progress }: BenchContext): Promise<Line[]> {
  const missing = firstMissing(findPeers.assembler());
  if (missing !== undefined) {
    const target = AT_MOST_HALF_MORE;
    return [line({ group: 'coverage', what: 'coverage', unit: 's', peer: '', target, note: missing })];
  }
  await ensureGuest();
  progress('coverage');
  const results = runChild<CoverageChildResult>('coverage-child.js', [String(repetitions)]);
  return Object.entries(results).map(([what, { plain, counted }]) =>
    line({
      group: 'coverage',
      what: `${what}, executions counted`,
      unit: 's',
      peer: 'not counted',
      puffer: summarize(counted),
      peerFigure: summarize(plain),
      ratio: summarize(quotients(plain, counted)),
      target: AT_MOST_HALF_MORE,
      note: 'CPU time in one process, in turn',
    }),
  );
}
