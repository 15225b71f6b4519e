import type { FileCoverage, Ratio } from '../../debug/coverage/index.ts';
import { percentage, total } from '../../debug/coverage/index.ts';
import { globPattern } from '../../debug/trace/functions.ts';

const PERCENT = 100;

/** Percentages that must be reached. Statements are lines. */
export interface Limits {
  readonly lines?: number | undefined;
  readonly functions?: number | undefined;
  readonly branches?: number | undefined;
  readonly statements?: number | undefined;
  readonly 100?: boolean | undefined;
}

/** vitest's `coverage.thresholds`: for all files together, and by glob for the files that it names. */
export type Thresholds = Limits & Readonly<Record<string, unknown>>;

const KINDS = {
  lines: (file: FileCoverage) => file.lineRatio,
  statements: (file: FileCoverage) => file.lineRatio,
  functions: (file: FileCoverage) => file.functionRatio,
  branches: (file: FileCoverage) => file.branchRatio,
} as const;
type Kind = keyof typeof KINDS;

/** What falls short, a sentence each. A glob that names no file falls short too. */
export function unreached(files: readonly FileCoverage[], thresholds: Thresholds): string[] {
  const found = shortOf('all files', files, thresholds);
  for (const [glob, limits] of Object.entries(thresholds)) {
    if (typeof limits !== 'object' || limits === null) continue;
    const pattern = globPattern(glob.replaceAll('**', '*'));
    const chosen = files.filter(({ path }) => pattern.test(path));
    if (chosen.length === 0) found.push(`${glob}: no file with code has this name`);
    else found.push(...shortOf(glob, chosen, limits as Limits));
  }
  return found;
}

function shortOf(name: string, files: readonly FileCoverage[], limits: Limits): string[] {
  return (Object.keys(KINDS) as Kind[]).flatMap((kind) => {
    const limit = limits[100] === true ? PERCENT : limits[kind];
    const ratio = total(files.map(KINDS[kind]));
    if (limit === undefined || reached(ratio, limit)) return [];
    return [`${name}: ${percentage(ratio)} of ${kind} ran, fewer than ${limit}%`];
  });
}

const reached = ({ found, hit }: Ratio, limit: number): boolean => hit * PERCENT >= limit * found;
