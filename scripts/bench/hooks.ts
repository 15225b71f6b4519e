import { runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import { ensureGuest } from './guest.ts';
import type { HooksChildResult, HooksVariant } from './hooks-child.ts';
import { type Line, line, type Target } from './line.ts';
import { findPeers, firstMissing } from './peers.ts';
import { quotients, summarize } from './statistics.ts';

/** Nothing measurable: three percent, or less than the figures themselves spread. */
const EQUAL: Target = { kind: 'equal', within: 0.03 };

/** Hooks that are off, and hooks that were on, against an interpreter that was generated without them. */
export async function benchHooks({ repetitions, progress }: BenchContext): Promise<Line[]> {
  const missing = firstMissing(findPeers.assembler());
  if (missing !== undefined) {
    return [line({ group: 'hooks', what: 'hooks', unit: 'MIPS', peer: '', target: EQUAL, note: missing })];
  }
  await ensureGuest();
  const results: Record<HooksVariant, HooksChildResult[]> = { without: [], off: [], detached: [] };
  const variants = Object.keys(results) as HooksVariant[];
  for (let turn = 0; turn < repetitions; turn++) {
    progress(`hooks: ${turn + 1} of ${repetitions}`);
    // Each turn begins with another variant, so that none is always the one after a pause.
    for (let i = 0; i < variants.length; i++) {
      const variant = variants[(turn + i) % variants.length] as HooksVariant;
      results[variant].push(runChild<HooksChildResult>('hooks-child.js', [variant]));
    }
  }
  const compare = (what: string, variant: HooksVariant, name: string): Line => {
    const own = results[variant].map((one) => one[name] as number);
    const without = results.without.map((one) => one[name] as number);
    return line({
      group: 'hooks',
      what: `${name}: ${what}`,
      unit: 'MIPS',
      peer: 'never compiled in',
      puffer: summarize(own),
      peerFigure: summarize(without),
      ratio: summarize(quotients(own, without)),
      target: EQUAL,
      note: NOTE,
    });
  };
  return Object.keys(results.without[0] ?? {}).flatMap((name) => [
    compare('hooks off', 'off', name),
    compare('hooks on, then off', 'detached', name),
  ]);
}

const NOTE =
  'CPU time, each variant in processes of its own, in turn; the peer is the interpreter generated without code for breakpoints';
