/** The middle of some figures and how far they spread: first and third quartile. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Throws RangeError when there are no figures. */
export function summarize(figures: readonly number[]): Summary {
  if (figures.length === 0) throw new RangeError('no figures to summarize');
  const sorted = [...figures].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    count: sorted.length,
  };
}

/** Linear interpolation between the two nearest figures. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

/** Wall-clock seconds, and seconds that this process had a processor: what neighbours on a busy host do not change. */
export interface Elapsed {
  readonly wall: number;
  readonly cpu: number;
}

/** Times a piece of work. */
export function elapsed(work: () => void): Elapsed {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  work();
  const wall = (performance.now() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall, cpu: (user + system) / 1e6 };
}

/** The pairwise quotients of two series that were measured in turn: what slows a pair down cancels out. */
export function quotients(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((value, index) => value / (denominators[index] as number));
}
