import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CoverageProvider, ResolvedCoverageOptions, Vitest } from 'vitest/node';
import { absolute, guestPaths, programFile, sourcePath } from '../../../scripts/guest/index.ts';
import {
  CoverageData,
  type CoverageJson,
  CoverageReporter,
  coverageTable,
  type FileCoverage,
  lcovTracefile,
} from '../../debug/coverage/index.ts';
import { globPattern } from '../../debug/trace/functions.ts';
import { KernelImage } from '../../kernel/index.ts';
import { istanbulMap } from './istanbul-map.ts';
import { type Thresholds, unreached } from './thresholds.ts';

const pathOf = (path: string): string => sourcePath(path) ?? path;

/** What is written for each of vitest's coverage reporters: where, and what. Others than these have nothing to say of C. */
const WRITTEN: Readonly<Record<string, { file: string; text: (files: readonly FileCoverage[]) => string }>> =
  {
    lcov: { file: 'lcov.info', text: (files) => lcovTracefile(files, pathOf) },
    lcovonly: { file: 'lcov.info', text: (files) => lcovTracefile(files, pathOf) },
    json: { file: 'coverage-final.json', text: (files) => JSON.stringify(istanbulMap(files, pathOf)) },
  };
const TEXT = 'text';
/** A reporter of puffer's own: a tracefile in which each test file is a test, so that genhtml --show-details tells who ran a line. */
const PER_TEST = { name: 'lcov-per-test', file: 'lcov-per-test.info' } as const;

/** What vitest tells when a test file has run. */
type SuiteRun = Pick<Parameters<CoverageProvider['onAfterSuiteRun']>[0], 'coverage' | 'testFiles'>;

/** What the test files ran: each with its path in the project. */
type CountsByTest = Readonly<Record<string, CoverageJson>>;

/** vitest's coverage of the guest: sums what the workers' machines ran, and reports it by source file. */
export class GuestCoverageProvider implements CoverageProvider {
  readonly name = 'puffer';
  #context: Vitest | undefined;
  /** By test file. */
  readonly #data = new Map<string, CoverageData>();

  initialize(context: Vitest): void {
    this.#context = context;
  }

  resolveOptions(): ResolvedCoverageOptions {
    return this.#options;
  }

  clean(clean = true): void {
    this.#data.clear();
    if (clean) rmSync(this.#directory, { recursive: true, force: true });
  }

  /** vitest takes the counts when a test file has run. */
  onAfterSuiteRun({ coverage, testFiles }: SuiteRun): void {
    if (coverage !== undefined) this.#add(testFiles.join(', '), coverage as CoverageJson);
  }

  generateCoverage(): CountsByTest {
    return Object.fromEntries([...this.#data].map(([test, data]) => [test, data.toJSON()]));
  }

  mergeReports(coverages: unknown[]): void {
    this.#data.clear();
    for (const one of coverages)
      for (const [test, counts] of Object.entries(one as CountsByTest)) this.#add(test, counts);
    this.reportCoverage(this.generateCoverage());
  }

  reportCoverage(coverage: unknown): void {
    const kernel = KernelImage.open(new Uint8Array(readFileSync(absolute(guestPaths.kernel))));
    const reporter = new CoverageReporter(kernel, programFile);
    const report = (data: CoverageData): FileCoverage[] =>
      reporter.report(data).filter(({ path }) => this.#isIncluded(path));
    const tests = Object.entries(coverage as CountsByTest).map(
      ([test, counts]) => [test, CoverageData.fromJSON(counts)] as const,
    );
    const total = new CoverageData();
    for (const [, data] of tests) total.add(data);
    const files = report(total);
    const reporters = this.#options.reporter.map(([name]) => name);
    if (reporters.includes(TEXT)) this.#log(`\n${coverageTable(files)}`);
    for (const name of reporters) {
      const written = WRITTEN[name];
      if (written === undefined) continue;
      this.#write(written.file, written.text(files));
    }
    if (reporters.includes(PER_TEST.name)) {
      const records = tests.map(([test, data]) => lcovTracefile(report(data).filter(ran), pathOf, test));
      this.#write(PER_TEST.file, records.join(''));
    }
    const short = unreached(files, (this.#options.thresholds ?? {}) as Thresholds);
    for (const sentence of short) this.#context?.logger.error(`coverage: ${sentence}`);
    if (short.length > 0) process.exitCode = 1;
  }

  /** `coverage.include` and `exclude`: globs of paths as the debugging information has them. */
  #isIncluded(path: string): boolean {
    const matches = (globs: readonly string[]): boolean =>
      globs.some((glob) => globPattern(glob.replaceAll('**', '*')).test(path));
    const { include, exclude } = this.#options;
    return (include === undefined || matches(include)) && !matches(exclude);
  }

  #add(test: string, counts: CoverageJson): void {
    const data = this.#data.get(test) ?? new CoverageData();
    data.add(CoverageData.fromJSON(counts));
    this.#data.set(test, data);
  }

  #write(name: string, text: string): void {
    mkdirSync(this.#directory, { recursive: true });
    writeFileSync(join(this.#directory, name), text);
  }

  #log(text: string): void {
    this.#context?.logger.log(text);
  }

  get #options(): ResolvedCoverageOptions {
    if (this.#context === undefined) throw new Error('the coverage provider has not been initialized');
    return this.#context.config.coverage;
  }

  get #directory(): string {
    return resolve(this.#context?.config.root ?? '.', this.#options.reportsDirectory);
  }
}

/** Of a file that a test never came to there is nothing to tell. */
const ran = (file: FileCoverage): boolean => file.lineRatio.hit > 0;
