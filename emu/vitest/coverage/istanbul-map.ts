import type { FileCoverage } from '../../debug/coverage/index.ts';

interface Place {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** A file as istanbul's coverage maps have it: each line is a statement. */
export interface IstanbulFile {
  readonly path: string;
  readonly statementMap: Readonly<Record<string, Place>>;
  readonly s: Readonly<Record<string, number>>;
  readonly fnMap: Readonly<
    Record<
      string,
      { readonly name: string; readonly decl: Place; readonly loc: Place; readonly line: number }
    >
  >;
  readonly f: Readonly<Record<string, number>>;
  readonly branchMap: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly loc: Place;
        readonly locations: readonly Place[];
        readonly line: number;
      }
    >
  >;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

/** Far right: istanbul wants a column where a line ends. */
const LAST_COLUMN = 200;

const lineOf = (line: number): Place => ({ start: { line, column: 0 }, end: { line, column: LAST_COLUMN } });

/** What ran, for tools that read istanbul's JSON. `pathOf` gives absolute paths. */
export function istanbulMap(
  files: readonly FileCoverage[],
  pathOf: (path: string) => string,
): Record<string, IstanbulFile> {
  return Object.fromEntries(files.map((file) => [pathOf(file.path), istanbulFile(file, pathOf(file.path))]));
}

function istanbulFile(file: FileCoverage, path: string): IstanbulFile {
  const lines = [...file.lines].sort(([a], [b]) => a - b);
  const { functions, branches } = file;
  const numbered = <T, U>(list: readonly T[], value: (one: T) => U): Record<string, U> =>
    Object.fromEntries(list.map((one, index) => [String(index), value(one)]));
  return {
    path,
    statementMap: numbered(lines, ([line]) => lineOf(line)),
    s: numbered(lines, ([, count]) => count),
    fnMap: numbered(functions, ({ name, line }) => ({ name, decl: lineOf(line), loc: lineOf(line), line })),
    f: numbered(functions, ({ count }) => count),
    branchMap: numbered(branches, ({ line }) => ({
      type: 'if',
      loc: lineOf(line),
      locations: [lineOf(line), lineOf(line)],
      line,
    })),
    b: numbered(branches, ({ taken, notTaken }) => [taken, notTaken]),
  };
}
