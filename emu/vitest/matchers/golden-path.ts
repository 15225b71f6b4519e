import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Snapshots } from 'vitest';
import { type Check, checkArgument, checkOptions, listOf, text } from '../checks.ts';
import { GuestTestError } from '../errors.ts';
import { explain } from '../failure/context.ts';
import { difference } from '../golden/difference.ts';
import { type PathOptions, systemCallPaths } from '../golden/path.ts';
import { observationOf } from './result.ts';

/** What vitest hands to a matcher as `this`. */
type MatcherState = ThisParameterType<typeof Snapshots.toMatchFileSnapshot>;
type FileResult = Awaited<ReturnType<typeof Snapshots.toMatchFileSnapshot>>;

/** Where the paths of a test file lie. */
const FOLDER = '__golden__';

const FILE_NAME: Check = (value) =>
  typeof value === 'string' && /^[\w-][\w.-]*$/.test(value)
    ? undefined
    : "a file's name in __golden__: letters, digits, '-', '_' and '.'";

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
  checkArgument('toMatchGoldenPath', systemCall, text);
  checkOptions('toMatchGoldenPath', { file, ...options }, { file: FILE_NAME, leaveOut: listOf(text) });
  const { testPath, currentTestName = 'test' } = this;
  if (testPath === undefined || this.isNot)
    throw new GuestTestError('bad-expectation', 'toMatchGoldenPath is for a test file, and without .not');
  const run = (): void => observation.run();
  const all = systemCallPaths(observation.machine, systemCall, run, options);
  // What brought the scratch process on is not the action's.
  const paths = all.filter(({ position }) => position >= observation.stretch.began);
  if (paths.length === 0)
    throw new GuestTestError('bad-expectation', `the action makes no system call ${systemCall}`);
  const way = paths.map((one) => one.text).join('\n\n');
  const path = join(dirname(testPath), FOLDER, `${file}.path`);
  const known = existsSync(path);
  const result = await Snapshots.toMatchFileSnapshot.call(this, `${way}\n`, path);
  if (result.pass) return result;
  let message: string | undefined;
  // What is expected and received stands in the message, first: vitest would show it last.
  return {
    pass: false,
    message: () => {
      const write = `npx vitest run ${testPath} -u`;
      const why = known
        ? `the way of ${systemCall} through the kernel is another than ${path} has: lines with - are the file's, with + this run's.\n\n${difference(readFileSync(path, 'utf8'), way)}\n\nWhen it is meant to be so: ${write}`
        : `there is no golden path ${path}, and none is written where CI is set. To write it: ${write}`;
      message ??= `${why}\n\n${explain(observation.stretch, currentTestName)}`;
      return message;
    },
  };
}
