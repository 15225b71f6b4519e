import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../test/oracles/host-paths.ts';

/** What a campaign needs to go on where it stopped. */
export interface Saved {
  readonly cases: number;
  /** Tried, executed and completed, by a form's stable name. */
  readonly forms: Readonly<Record<string, readonly number[]>>;
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
