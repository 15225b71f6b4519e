/** Which lines, functions and branches of the kernel and of user programs ran. */
export { CoverageCollector } from './collector.ts';
export { CoverageError, type CoverageErrorCode } from './errors.ts';
export { executedFunctions } from './executed-functions.ts';
export { CoverageData, type CoverageJson } from './execution-data.ts';
export type { BranchCoverage, FileCoverage, FunctionCoverage, Ratio } from './file-coverage.ts';
export { COVERAGE_SCHEMA, COVERAGE_VERSION, type CoverageReportJson, jsonReport } from './json-report.ts';
export { lcovTracefile } from './lcov-writer.ts';
export { annotatedSource, functionRange } from './listing.ts';
export { CoverageReporter } from './report.ts';
export { type CoverageSelection, chooseData, chooseFiles, parseSelection } from './selection.ts';
export { coverageTable, percentage, total, uncoveredRanges } from './text-table.ts';
