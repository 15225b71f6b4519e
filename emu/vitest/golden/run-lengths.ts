/** So many items, one after the other, so many times. */
export interface Run {
  readonly items: string[];
  readonly times: number;
}

/** A loop's body is at most this many items long. */
const LONGEST_BODY = 12;

/** Finds what repeats itself in a list: from each place on the repetition that takes in most, of the shortest body. */
export function runLengths(items: readonly string[]): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < items.length; ) {
    const { length, times } = bestAt(items, at);
    const last = runs.at(-1);
    if (times === 1 && last?.times === 1) last.items.push(items[at] as string);
    else runs.push({ items: items.slice(at, at + length), times });
    at += length * times;
  }
  return runs;
}

function bestAt(items: readonly string[], at: number): { length: number; times: number } {
  let best = { length: 1, times: 1 };
  for (let length = 1; length <= LONGEST_BODY && at + 2 * length <= items.length; length++) {
    const times = timesAt(items, at, length);
    if (times > 1 && length * times > best.length * best.times) best = { length, times };
  }
  return best;
}

/** How often the items from a place on come one after the other. */
function timesAt(items: readonly string[], at: number, length: number): number {
  let end = at + length;
  while (end < items.length && items[end] === items[end - length]) end++;
  return Math.floor((end - at) / length);
}
