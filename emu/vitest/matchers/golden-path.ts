import { dirname, join } from 'node:path';
import { Snapshots } from 'vitest';
import { GuestTestError } from '../errors.ts';
import { explain } from '../failure/context.ts';
import { type PathOptions, systemCallPaths } from '../golden/path.ts';
import { observationOf } from './result.ts';

/** What vitest hands to a matcher as `this`. */
type MatcherState = ThisParameterType<typeof Snapshots.toMatchFileSnapshot>;
type FileResult = Awaited<ReturnType<typeof Snapshots.toMatchFileSnapshot>>;

/** Where the paths of a test file lie. */
const FOLDER = '__golden__';

/** What a golden path takes besides the system call's name. */
export interface GoldenPathOptions extends PathOptions {
  /** The file's name in `__golden__`, without its ending, where one call has several paths; the call's name if not given. */
  readonly file?: string | undefined;
}

/** The paths of a system call through the kernel are those of the file beside the test. */
export async function matchesGoldenPath(
  this: MatcherState,
  received: unknown,
  systemCall: string,
  { file = systemCall, ...options }: GoldenPathOptions = {},
): Promise<FileResult> {
  const observation = observationOf(received, 'toMatchGoldenPath');
  const { testPath, currentTestName = 'test' } = this;
  if (testPath === undefined || this.isNot)
    throw new GuestTestError('bad-expectation', 'toMatchGoldenPath is for a test file, and without .not');
  const run = (): void => observation.run();
  const all = systemCallPaths(observation.machine, systemCall, run, options);
  // What brought the scratch process on is not the action's.
  const paths = all.filter(({ position }) => position >= observation.stretch.began);
  if (paths.length === 0)
    throw new GuestTestError('bad-expectation', `the action makes no system call ${systemCall}`);
  const text = paths.map((one) => one.text).join('\n\n');
  const path = join(dirname(testPath), FOLDER, `${file}.path`);
  const result = await Snapshots.toMatchFileSnapshot.call(this, `${text}\n`, path);
  if (result.pass) return result;
  let message: string | undefined;
  return {
    ...result,
    message: () => {
      message ??= `${result.message()}\n\nWhen it is meant to be so: npx vitest run ${testPath} -u\n\n${explain(observation.stretch, currentTestName)}`;
      return message;
    },
  };
}
