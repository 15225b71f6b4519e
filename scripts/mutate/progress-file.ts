import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { absolute } from '../guest/paths.ts';
import type { Verdict } from './trial.ts';

const directory = (): string => absolute('node_modules/.cache/puffer-mutants');
const fileOf = (seed: number): string => join(directory(), `verdicts-${seed}.json`);

/** The verdicts of an earlier campaign with this seed. */
export function readVerdicts(seed: number): Verdict[] {
  const file = fileOf(seed);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Verdict[]) : [];
}

export function writeVerdicts(seed: number, verdicts: readonly Verdict[]): void {
  mkdirSync(directory(), { recursive: true });
  const file = fileOf(seed);
  writeFileSync(`${file}.new`, JSON.stringify(verdicts, undefined, 1));
  renameSync(`${file}.new`, file);
}
