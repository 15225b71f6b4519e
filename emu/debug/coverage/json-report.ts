import type { FileCoverage, Ratio } from './file-coverage.ts';

/** Names the format of `jsonReport`, and its version. */
export const COVERAGE_SCHEMA = 'puffer-coverage';
export const COVERAGE_VERSION = 1;

/** A report as JSON has it. */
export interface CoverageReportJson {
  readonly schema: typeof COVERAGE_SCHEMA;
  readonly version: typeof COVERAGE_VERSION;
  readonly files: readonly {
    readonly path: string;
    readonly programs: readonly string[];
    readonly totals: { readonly lines: Ratio; readonly functions: Ratio; readonly branches: Ratio };
    /** Line and count. */
    readonly lines: readonly (readonly [number, number])[];
    readonly functions: readonly { readonly name: string; readonly line: number; readonly count: number }[];
    readonly branches: readonly {
      readonly line: number;
      readonly index: number;
      readonly taken: number;
      readonly notTaken: number;
    }[];
  }[];
}

export function jsonReport(files: readonly FileCoverage[]): CoverageReportJson {
  return {
    schema: COVERAGE_SCHEMA,
    version: COVERAGE_VERSION,
    files: files.map((file) => ({
      path: file.path,
      programs: [...file.programs].sort(),
      totals: { lines: file.lineRatio, functions: file.functionRatio, branches: file.branchRatio },
      lines: [...file.lines].sort(([a], [b]) => a - b),
      functions: file.functions,
      branches: file.branches,
    })),
  };
}
