import type { Summary } from './statistics.ts';

export const BENCH_SCHEMA = 'puffer-bench';
export const BENCH_VERSION = 1;

/** The groups of lines, in the order in which they run. */
export const GROUPS = [
  'boot',
  'loops',
  'steps',
  'memory',
  'hooks',
  'debugger',
  'trace',
  'coverage',
  'kit',
  'fuzz',
] as const;
export type Group = (typeof GROUPS)[number];

/** What a ratio must reach, or a figure of puffer's own must stay below. */
export type Target =
  | { readonly kind: 'ratio'; readonly atLeast: number }
  | { readonly kind: 'figure'; readonly atMost: number }
  /** The ratio lies within `within` of 1, or its quartiles include 1. */
  | { readonly kind: 'equal'; readonly within: number };

export type Verdict = 'met' | 'missed' | 'no target' | 'not measured';

/** One measured comparison. */
export interface Line {
  readonly group: Group;
  readonly what: string;
  readonly unit: string;
  /** puffer's figure. */
  readonly puffer: Summary | undefined;
  /** What it is compared with. */
  readonly peer: string;
  readonly peerFigure: Summary | undefined;
  /** How many times better than the peer puffer is: above 1 is better, whatever the unit. */
  readonly ratio: Summary | undefined;
  readonly target: Target | undefined;
  /** What the reader must know about how it was measured, or why it was not. */
  readonly note: string | undefined;
}

/** The parts of a line that most lines leave out. */
export function line(parts: Pick<Line, 'group' | 'what' | 'unit' | 'peer'> & Partial<Line>): Line {
  return {
    puffer: undefined,
    peerFigure: undefined,
    ratio: undefined,
    target: undefined,
    note: undefined,
    ...parts,
  };
}

/** Whether a line reaches its target. */
export function verdict({ target, ratio, puffer }: Line): Verdict {
  if (target === undefined) return 'no target';
  if (target.kind === 'figure') {
    if (puffer === undefined) return 'not measured';
    return puffer.median <= target.atMost ? 'met' : 'missed';
  }
  if (ratio === undefined) return 'not measured';
  if (target.kind === 'ratio') return ratio.median >= target.atLeast ? 'met' : 'missed';
  const equal = Math.abs(ratio.median - 1) <= target.within || (ratio.low <= 1 && ratio.high >= 1);
  return equal ? 'met' : 'missed';
}
