import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { absolute } from '../guest/paths.ts';
import type { Baseline } from './baseline.ts';
import type { Verdict } from './trial.ts';

const directory = (): string => absolute('node_modules/.cache/puffer-mutants');
const baselineFile = (): string => join(directory(), 'baseline.json');
const fileOf = (seed: number): string => join(directory(), `verdicts-${seed}.json`);

/** The verdicts of an earlier campaign with this seed. */
export function readVerdicts(seed: number): Verdict[] {
  const file = fileOf(seed);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Verdict[]) : [];
}

export function writeVerdicts(seed: number, verdicts: readonly Verdict[]): void {
  write(fileOf(seed), verdicts);
}

/** The baseline that was measured in a checkout with these contents. */
export function readBaseline(contents: string): Baseline | undefined {
  const file = baselineFile();
  if (!existsSync(file)) return undefined;
  const stored = JSON.parse(readFileSync(file, 'utf8')) as { contents: string; baseline: Baseline };
  return stored.contents === contents ? stored.baseline : undefined;
}

export function writeBaseline(contents: string, baseline: Baseline): void {
  write(baselineFile(), { contents, baseline });
}

function write(file: string, value: unknown): void {
  mkdirSync(directory(), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(value, undefined, 1));
  renameSync(`${file}.new`, file);
}
