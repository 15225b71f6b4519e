import { basename } from 'node:path';
import { guestPaths } from '../../../scripts/guest/paths.ts';
import { guestPrograms, regressPrograms } from '../../../scripts/guest/sources.ts';
import type { ReachRecord } from './reach-records.ts';
import type { SourceChange } from './source-change.ts';

/** What must be known to tell which tests a change of the guest concerns. */
export interface Concern {
  /** Path of the changed source, relative to the repository. */
  readonly path: string;
  /** Undefined for what is no C source, and for a file that is new or gone. */
  readonly change: SourceChange | undefined;
  readonly records: readonly ReachRecord[];
  /** Test files, relative to the repository; those without a record may concern anything. */
  readonly tests: readonly string[];
}

/** The test files that a change concerns. */
export function testsToRun({ path, change, records, tests }: Concern): string[] {
  const recorded = new Map(records.map((record) => [record.test, record]));
  const concerned = concernedBy(path, change);
  return tests.filter((test) => {
    const record = recorded.get(test);
    return record === undefined || concerned(record);
  });
}

const usesGuest = ({ functions }: ReachRecord): boolean => functions.length > 0;

function concernedBy(path: string, change: SourceChange | undefined): (record: ReachRecord) => boolean {
  const program = [...guestPrograms(), ...regressPrograms()].find(({ sources }) => sources.includes(path));
  if (program !== undefined) {
    const comm = basename(program.path);
    return ({ programs }) => programs.includes(comm);
  }
  const inKernel = path.startsWith(`${guestPaths.kernelSources}/`) && path.endsWith('.c');
  // What is outside of functions (a table, a type) may be used by any other; so may a header, and what all programs are linked with.
  if (!inKernel || change === undefined || change.outside) return usesGuest;
  return ({ functions }) => change.functions.some((name) => functions.includes(name));
}
