import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { absolute, fromRoot, guestPaths } from '../../../scripts/guest/paths.ts';
import { filesBelow } from '../../../scripts/guest/sources.ts';
import { readReach } from './reach-records.ts';
import { sourceChange } from './source-change.ts';
import { testsToRun } from './tests-to-run.ts';

/** What a vitest configuration takes to watch the guest's sources: see `watchGuest`. */
export interface GuestWatch {
  readonly setupFiles: string[];
  readonly watchTriggerPatterns: { pattern: RegExp; testsToRun: (file: string) => string[] }[];
}

/** Sources and what tells how they are built, but not what is made of them. */
const GUEST_SOURCE = /\/guest\/(?!obj\/).*\.(?:c|h|S|script)$/;

/**
 * For `test` of a vitest configuration: in watch mode each test file's reach into the guest is recorded beside the guest's build, and when
 * a source of the guest changes, the tests run again that reach what changed. `testFiles` names all tests, relative to the repository.
 */
export function watchGuest(testFiles: () => readonly string[]): GuestWatch {
  let texts: Map<string, string> | undefined;
  /** The sources as they were when the tests ran last. */
  const known = (): Map<string, string> => {
    const sources = filesBelow(guestPaths.sources).filter(
      (path) => extname(path) === '.c' && !path.startsWith(`${guestPaths.objects}/`),
    );
    texts ??= new Map(sources.map((path) => [path, readFileSync(absolute(path), 'utf8')]));
    return texts;
  };
  // A change that comes later is one from what is there now.
  if (watches(process.argv)) known();
  const changed = (file: string): string[] => {
    const path = fromRoot(file);
    const before = known().get(path);
    const after = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    if (after === undefined) known().delete(path);
    else known().set(path, after);
    const change = before === undefined || after === undefined ? undefined : sourceChange(before, after);
    return testsToRun({ path, change, records: readReach(), tests: testFiles() });
  };
  return {
    setupFiles: [fileURLToPath(new URL('./record-reach.ts', import.meta.url))],
    watchTriggerPatterns: [{ pattern: GUEST_SOURCE, testsToRun: changed }],
  };
}

/** As vitest decides it: `vitest run` does not watch unless it is told to. */
const watches = (words: readonly string[]): boolean =>
  !words.includes('run') || words.includes('--watch') || words.includes('-w');
