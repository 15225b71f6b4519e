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

/** vitest's coverage of the guest: sums what the workers' machines ran, and reports it by source file. */
export class GuestCoverageProvider implements CoverageProvider {
  readonly name = 'puffer';
  #context: Vitest | undefined;
  #data = new CoverageData();

  initialize(context: Vitest): void {
    this.#context = context;
  }

  resolveOptions(): ResolvedCoverageOptions {
    return this.#options;
  }

  clean(clean = true): void {
    this.#data = new CoverageData();
    if (clean) rmSync(this.#directory, { recursive: true, force: true });
  }

  onAfterSuiteRun({ coverage }: { coverage?: unknown }): void {
    if (coverage !== undefined) this.#data.add(CoverageData.fromJSON(coverage as CoverageJson));
  }

  generateCoverage(): CoverageJson {
    return this.#data.toJSON();
  }

  mergeReports(coverages: unknown[]): void {
    this.#data = new CoverageData();
    for (const one of coverages) this.#data.add(CoverageData.fromJSON(one as CoverageJson));
    this.reportCoverage(this.#data.toJSON());
  }

  reportCoverage(coverage: unknown): void {
    const kernel = KernelImage.open(new Uint8Array(readFileSync(absolute(guestPaths.kernel))));
    const data = CoverageData.fromJSON(coverage as CoverageJson);
    const all = new CoverageReporter(kernel, programFile).report(data);
    const files = all.filter(({ path }) => this.#isIncluded(path));
    const reporters = this.#options.reporter.map(([name]) => name);
    if (reporters.includes(TEXT)) this.#log(`\n${coverageTable(files)}`);
    for (const name of reporters) {
      const written = WRITTEN[name];
      if (written === undefined) continue;
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(join(this.#directory, written.file), written.text(files));
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
