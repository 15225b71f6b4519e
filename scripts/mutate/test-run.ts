import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { absolute } from '../guest/paths.ts';
import { runNode } from './child.ts';
import { MutateError } from './errors.ts';
import type { Shadow } from './shadow.ts';

const CONFIG = 'mutate.vitest.config.mjs';
const RESULTS = 'mutate-results.json';

export interface TestRunOptions {
  /** Repository-relative, in the order in which they are to run. */
  readonly files: readonly string[];
  /** End at the first failure, and share what a file has set up with the next. */
  readonly quick: boolean;
  readonly setupFiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Give up after so many ms: a broken kernel may lead a test in a circle. */
  readonly limit?: number;
}

/** A test file of a run. */
export interface FileResult {
  readonly file: string;
  /** ms of the host. */
  readonly duration: number;
}

export interface TestRunResult {
  /** The first failure: the file, the test's name if it came so far, and what was said. */
  readonly failure: string | undefined;
  readonly files: readonly FileResult[];
}

/** What vitest's JSON reporter writes, as far as it is used. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** A configuration for files in an order of our own, one after the other. */
function configuration(shadow: Shadow, { files, quick, setupFiles = [] }: TestRunOptions): string {
  const test = {
    include: files,
    setupFiles: setupFiles.map((path) => shadow.path(path)),
    fileParallelism: false,
    maxWorkers: 1,
    isolate: !quick,
    bail: quick ? 1 : 0,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['json'],
    outputFile: shadow.path(RESULTS),
  };
  return `const order = ${JSON.stringify(files.map((file) => shadow.path(file)))};
class InOrder {
  sort(files) {
    return [...files].sort((left, right) => order.indexOf(left.moduleId) - order.indexOf(right.moduleId));
  }
  shard(files) {
    return files;
  }
}
const test = ${JSON.stringify(test)};
export default { cacheDir: ${JSON.stringify(shadow.path('.vite'))}, test: { ...test, sequence: { sequencer: InOrder } } };
`;
}

/** Runs test files of a shadow with the kernel that lies there. Throws MutateError 'no-result'. */
export async function runTests(shadow: Shadow, options: TestRunOptions): Promise<TestRunResult> {
  writeFileSync(shadow.path(CONFIG), configuration(shadow, options));
  rmSync(shadow.path(RESULTS), { force: true });
  const args = [absolute('node_modules/vitest/vitest.mjs'), 'run', '--root', shadow.root];
  const { output, late } = await runNode([...args, '--config', shadow.path(CONFIG)], {
    directory: shadow.root,
    environment: options.environment,
    limit: options.limit,
  });
  if (late) return { failure: `no end after ${options.limit} ms`, files: [] };
  if (!existsSync(shadow.path(RESULTS))) {
    throw new MutateError('no-result', `vitest has written no results: ${output.slice(-2000)}`);
  }
  const report = JSON.parse(readFileSync(shadow.path(RESULTS), 'utf8')) as Report;
  const files = report.testResults.map(({ name, startTime, endTime }) => ({
    file: relative(shadow.root, name),
    duration: Math.max(endTime - startTime, 0),
  }));
  return { failure: firstFailure(shadow, report), files };
}

function firstFailure(shadow: Shadow, report: Report): string | undefined {
  for (const { name, status, message, assertionResults } of report.testResults) {
    const failed = assertionResults.find((each) => each.status === 'failed');
    const said = failed?.failureMessages?.[0] ?? message;
    const line = said.split('\n')[0] ?? '';
    if (failed !== undefined) return `${relative(shadow.root, name)}: ${failed.fullName}: ${line}`;
    if (status === 'failed') return `${relative(shadow.root, name)}: ${line}`;
  }
  return undefined;
}
