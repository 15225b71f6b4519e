import type { FileCoverage, Ratio } from './file-coverage.ts';

const RANGES_WIDTH = 40;
const PERCENT = 100;

/** Lines that have code and were not executed, as ranges: `12`, `20-24`. Lines without code do not interrupt a range. */
export function uncoveredRanges(file: FileCoverage): string[] {
  const ranges: string[] = [];
  let first: number | undefined;
  let last = 0;
  const close = (): void => {
    if (first !== undefined) ranges.push(first === last ? `${first}` : `${first}-${last}`);
    first = undefined;
  };
  for (const [line, count] of [...file.lines].sort(([a], [b]) => a - b)) {
    if (count > 0) close();
    else {
      first ??= line;
      last = line;
    }
  }
  close();
  return ranges;
}

/** One decimal, never rounded up to 100: `99.9%`. Nothing to reach is `-`. */
export function percentage({ found, hit }: Ratio): string {
  if (found === 0) return '-';
  const tenths = Math.floor((hit / found) * PERCENT * 10);
  return `${(tenths / 10).toFixed(1)}%`;
}

const cell = (ratio: Ratio): string => `${percentage(ratio)} ${ratio.hit}/${ratio.found}`;

/** The sum of some ratios. */
export function total(ratios: readonly Ratio[]): Ratio {
  return ratios.reduce((sum, one) => ({ found: sum.found + one.found, hit: sum.hit + one.hit }), {
    found: 0,
    hit: 0,
  });
}

/** A table: for each file, and for all, how much of its lines, functions and branches ran, and which lines did not. */
export function coverageTable(files: readonly FileCoverage[]): string {
  const rows = files.map((file) => [
    file.path,
    cell(file.lineRatio),
    cell(file.functionRatio),
    cell(file.branchRatio),
    shorten(uncoveredRanges(file)),
  ]);
  const all = [
    'all files',
    cell(total(files.map(({ lineRatio }) => lineRatio))),
    cell(total(files.map(({ functionRatio }) => functionRatio))),
    cell(total(files.map(({ branchRatio }) => branchRatio))),
    '',
  ];
  const table = [['file', 'lines', 'functions', 'branches', 'lines not executed'], ...rows, all];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((text, column) =>
          column === 0 || column === row.length - 1
            ? text.padEnd(widths[column] ?? 0)
            : text.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** As many ranges as fit, and how many more there are. */
function shorten(ranges: readonly string[]): string {
  const taken: string[] = [];
  let width = 0;
  for (const range of ranges) {
    width += range.length + 2;
    if (width > RANGES_WIDTH) return `${taken.join(', ')} and ${ranges.length - taken.length} more`;
    taken.push(range);
  }
  return taken.join(', ');
}
