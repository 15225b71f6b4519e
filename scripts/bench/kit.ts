import { runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import { ensureGuest } from './guest.ts';
import type { KitChildResult } from './kit-child.ts';
import { type Line, line } from './line.ts';
import { summarize } from './statistics.ts';

const MILLISECONDS = 1000;

/** What a test of the regression kit is made of. */
export async function benchKit({ repetitions, progress }: BenchContext): Promise<Line[]> {
  await ensureGuest();
  progress('regression kit');
  const { restores, cycles, calls } = runChild<KitChildResult>('kit-child.js', [String(repetitions)]);
  const figure = (what: string, seconds: readonly number[], atMost: number | undefined): Line =>
    line({
      group: 'kit',
      what,
      unit: 'ms',
      peer: '',
      puffer: summarize(seconds.map((one) => one * MILLISECONDS)),
      target: atMost === undefined ? undefined : { kind: 'figure', atMost },
      note: 'CPU time of one, on one core',
    });
  return [
    figure('back to the prompt after an ls', restores, 1),
    // 1,000 a second.
    figure('back, fork and wait4', cycles, 1),
    figure('back, getpid', calls, undefined),
  ];
}
