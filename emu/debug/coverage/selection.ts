import { globPattern } from '../trace/functions.ts';
import { CoverageError } from './errors.ts';
import type { CoverageData } from './execution-data.ts';
import type { FileCoverage } from './file-coverage.ts';

const PROGRAM = 'prog:';
const KERNEL = 'kernel';

/** What somebody wants to see: of which programs, and which files. */
export interface CoverageSelection {
  /** Names of programs; all when empty. */
  readonly programs: readonly string[];
  /** Paths of source files, their last components, or globs; all when empty. */
  readonly files: readonly string[];
}

/** Reads words such as `kernel`, `prog:ls`, `kern_fork.c`, `guest/sys/*`. */
export function parseSelection(words: readonly string[]): CoverageSelection {
  const isProgram = (word: string): boolean => word === KERNEL || word.startsWith(PROGRAM);
  return {
    programs: words.filter(isProgram).map((word) => (word === KERNEL ? KERNEL : word.slice(PROGRAM.length))),
    files: words.filter((word) => !isProgram(word)),
  };
}

/** The programs that were asked for. Throws CoverageError 'unknown-name' for one that did not run. */
export function chooseData(data: CoverageData, { programs }: CoverageSelection): CoverageData {
  if (programs.length === 0) return data;
  const names = [...data.programs].map(({ name }) => name);
  const missing = programs.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new CoverageError(
      'unknown-name',
      `no program '${missing}' ran; what ran: ${names.sort().join(', ')}`,
    );
  }
  return data.only(programs);
}

/** The files that were asked for. Throws CoverageError 'unknown-name' for what names none. */
export function chooseFiles(
  all: readonly FileCoverage[],
  { files }: CoverageSelection,
): readonly FileCoverage[] {
  if (files.length === 0) return all;
  const chosen = new Set<FileCoverage>();
  for (const word of files) {
    const pattern = globPattern(word);
    const found = all.filter(
      ({ path }) =>
        path === word || path.endsWith(`/${word}`) || pattern.test(path) || path.startsWith(`${word}/`),
    );
    if (found.length === 0) {
      throw new CoverageError('unknown-name', `nothing that ran has code of a file '${word}'`);
    }
    for (const file of found) chosen.add(file);
  }
  return all.filter((file) => chosen.has(file));
}
