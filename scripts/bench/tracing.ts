import { runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import { ensureGuest } from './guest.ts';
import { type Line, line, type Target } from './line.ts';
import { quotients, summarize } from './statistics.ts';
import type { TraceChildResult } from './trace-child.ts';

/** Recording every call of the kernel at most doubles the time. */
const AT_MOST_TWICE: Target = { kind: 'ratio', atLeast: 0.5 };

/** What a trace of all functions of the kernel costs. */
export async function benchTracing({ repetitions, progress }: BenchContext): Promise<Line[]> {
  await ensureGuest();
  progress('tracing');
  const { plain, recorded, written, calls } = runChild<TraceChildResult>('trace-child.js', [
    String(repetitions),
  ]);
  const compare = (what: string, own: readonly number[], target: Target | undefined): Line =>
    line({
      group: 'trace',
      what: `10 ls -l, ${what}`,
      unit: 's',
      peer: 'not traced',
      puffer: summarize(own),
      peerFigure: summarize(plain),
      ratio: summarize(quotients(plain, own)),
      target,
      note: `CPU time in one process, in turn; ${calls} calls of the kernel's functions`,
    });
  return [
    compare('all calls recorded', recorded, AT_MOST_TWICE),
    compare('all calls written as NDJSON', written, undefined),
  ];
}
