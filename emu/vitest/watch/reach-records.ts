import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { absolute, guestPaths } from '../../../scripts/guest/index.ts';

/** What a test file ran of the guest when it was run last. */
export interface ReachRecord {
  /** Path of the test file, relative to the repository. */
  readonly test: string;
  /** Functions of the kernel. */
  readonly functions: readonly string[];
  /** User programs, by the names they run under. */
  readonly programs: readonly string[];
}

const DIRECTORY = join(guestPaths.objects, 'reach');
const EXTENSION = '.json';

/** Keeps a record beside the guest's build, in place of the one before. */
export function writeReach(record: ReachRecord): void {
  mkdirSync(absolute(DIRECTORY), { recursive: true });
  const path = absolute(join(DIRECTORY, `${record.test.replaceAll(/[^\w.-]/g, '_')}${EXTENSION}`));
  // Another run may be reading.
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(record));
  renameSync(temporary, path);
}

/** All records there are, of test files that still exist. */
export function readReach(): ReachRecord[] {
  const directory = absolute(DIRECTORY);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as ReachRecord)
    .filter(({ test }) => existsSync(absolute(test)));
}
