import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../test/oracles/host-paths.ts';

/** How a whole campaign ended: what `report` writes down. */
export interface Result {
  readonly seed: number;
  /** Compared executions wanted of each form; random strings of the decoder's campaign. */
  readonly times: number;
  readonly cases: number;
  readonly executions: number;
  readonly forms: number;
  readonly covered: number;
  /** Executions of the form that has fewest. */
  readonly fewest: number;
  readonly mismatches: number;
  /** Executions by feature: forms, executions, fewest. */
  readonly features: Readonly<Record<string, readonly [number, number, number]>>;
  /** What counts for nothing, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** A second oracle: asked, agreed, and its deviations by reason. */
  readonly second?: {
    readonly asked: number;
    readonly agreed: number;
    readonly reasons: Readonly<Record<string, number>>;
  };
}

const resultFile = (campaign: string) => join(cacheDirectory(), `differential-${campaign}-result.json`);

export function readResult(campaign: string): Result | undefined {
  const file = resultFile(campaign);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : undefined;
}

export function writeResult(campaign: string, result: Result): void {
  mkdirSync(cacheDirectory(), { recursive: true });
  writeFileSync(resultFile(campaign), JSON.stringify(result));
}

/** What a campaign needs to go on where it stopped. */
export interface Saved {
  readonly cases: number;
  /** Tried, executed and completed, by a form's stable name. */
  readonly forms: Readonly<Record<string, readonly number[]>>;
  /** Differences that count for nothing, and what a second oracle said. */
  readonly reasons?: Readonly<Record<string, number>>;
  readonly second?: Result['second'];
}

const fileOf = (campaign: string, seed: number) =>
  join(cacheDirectory(), `differential-${campaign}-${seed}.json`);

/** The progress of a campaign with a seed; undefined when there is none. */
export function readProgress(campaign: string, seed: number): Saved | undefined {
  const file = fileOf(campaign, seed);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Saved) : undefined;
}

export function writeProgress(campaign: string, seed: number, saved: Saved): void {
  mkdirSync(cacheDirectory(), { recursive: true });
  const file = fileOf(campaign, seed);
  writeFileSync(`${file}.new`, JSON.stringify(saved));
  renameSync(`${file}.new`, file);
}
