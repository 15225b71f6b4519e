import type { FileCoverage } from './file-coverage.ts';

/** What names a test in a tracefile: others than these characters lcov refuses (geninfo(1), "TN"). */
const TEST_NAME = /\W+/g;

/** A tracefile of lcov (geninfo(1), "TRACEFILE FORMAT"). `pathOf` gives the name under which genhtml will find a source. */
export function lcovTracefile(
  files: readonly FileCoverage[],
  pathOf: (path: string) => string,
  testName = '',
): string {
  return files.map((file) => `TN:${testName.replace(TEST_NAME, '_')}\n${record(file, pathOf)}`).join('');
}

function record(file: FileCoverage, pathOf: (path: string) => string): string {
  const lines = [`SF:${pathOf(file.path)}`];
  const { functions, branches, functionRatio, branchRatio, lineRatio } = file;
  for (const { line, name } of functions) lines.push(`FN:${line},${name}`);
  for (const { count, name } of functions) lines.push(`FNDA:${count},${name}`);
  lines.push(`FNF:${functionRatio.found}`, `FNH:${functionRatio.hit}`);
  for (const { line, index, taken, notTaken } of branches) {
    const reached = taken + notTaken > 0;
    for (const [way, count] of [taken, notTaken].entries()) {
      lines.push(`BRDA:${line},${index},${way},${reached ? count : '-'}`);
    }
  }
  lines.push(`BRF:${branchRatio.found}`, `BRH:${branchRatio.hit}`);
  for (const [line, count] of [...file.lines].sort(([a], [b]) => a - b)) lines.push(`DA:${line},${count}`);
  lines.push(`LF:${lineRatio.found}`, `LH:${lineRatio.hit}`, 'end_of_record');
  return lines.map((line) => `${line}\n`).join('');
}
