import type { BranchCoverage, FileCoverage } from './file-coverage.ts';

const COUNT_WIDTH = 10;
const LINE_WIDTH = 6;

/**
 * Lines of a source with what ran of them: how often each was executed (`-` has no code, `#####` was not), and behind it how often its
 * branches went which way.
 */
export function annotatedSource(
  file: FileCoverage,
  source: string | undefined,
  range: { readonly first: number; readonly last: number },
): string {
  const text = source?.split('\n') ?? [];
  const branches = new Map<number, BranchCoverage[]>();
  for (const one of file.branches) branches.set(one.line, [...(branches.get(one.line) ?? []), one]);
  let listing = '';
  const last = source === undefined ? range.last : Math.min(range.last, text.length);
  for (let line = range.first; line <= last; line++) {
    const count = file.lines.get(line);
    if (source === undefined && count === undefined) continue;
    const shown = count === undefined ? '-' : count === 0 ? '#####' : String(count);
    const ways = (branches.get(line) ?? []).map(({ taken, notTaken }) =>
      taken + notTaken === 0 ? 'never' : `${taken}:${notTaken}`,
    );
    const behind = ways.length === 0 ? '' : `    [${ways.join(' ')}]`;
    const left = `${shown.padStart(COUNT_WIDTH)} ${String(line).padStart(LINE_WIDTH)}  `;
    listing += `${`${left}${text[line - 1] ?? ''}${behind}`.trimEnd()}\n`;
  }
  return listing;
}

/** The lines of a function: from its declaration to where the next one of the file is declared, without what stands before that. */
export function functionRange(
  file: FileCoverage,
  name: string,
): { readonly first: number; readonly last: number } | undefined {
  const { functions } = file;
  const found = functions.find((one) => one.name === name);
  if (found === undefined) return undefined;
  const next = functions.find(({ line }) => line > found.line)?.line ?? Number.POSITIVE_INFINITY;
  const lines = [...file.lines.keys()].filter((line) => line >= found.line && line < next);
  return { first: found.line, last: Math.max(found.line, ...lines) };
}
