import { accessSync, constants, mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { GuestBuildError } from './errors.ts';
import { absolute, guestPaths, repositoryRoot } from './paths.ts';

/** What the host says of a path that this user may not write. */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
};

/** The same from a compiler or linker, which tells it in words (strerror(3) in the C locale). */
const REFUSAL_TEXT = /Permission denied|Operation not permitted|Read-only file system/;

/** That the guest cannot be built because `path` (relative to the repository) cannot be written. */
export function unwritable(path: string, reason: string): GuestBuildError {
  return new GuestBuildError(
    'unwritable',
    `'${path}' cannot be written (${reason}): the guest is built in ${absolute(guestPaths.objects)}; ` +
      'make that directory and all below it writable for you (chown, chmod), or use a clone of your own',
  );
}

/** An error of the file system as a GuestBuildError ('unwritable') if it is a refusal to write; any other unchanged. */
export function explainRefusal(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof GuestBuildError) return error;
  const { code = '', path } = error as NodeJS.ErrnoException;
  const reason = REFUSALS[code];
  if (reason === undefined || path === undefined) return error;
  const inside = relative(repositoryRoot, path);
  return inside.startsWith('..') ? error : unwritable(inside, reason);
}

/** What a tool printed as a GuestBuildError ('unwritable') if it was refused one of the files it writes. */
export function explainToolRefusal(error: unknown, output: string): unknown {
  if (!(error instanceof GuestBuildError) || error.code !== 'compile-failed') return error;
  const line = error.message.split('\n').find((each) => each.includes(output) && REFUSAL_TEXT.test(each));
  const reason = line?.match(REFUSAL_TEXT)?.[0].toLowerCase();
  return reason === undefined ? error : unwritable(output, reason);
}

/** Makes a directory below the repository unless it is there. @throws GuestBuildError ('unwritable') */
export function makeWritableDirectory(path: string): void {
  try {
    mkdirSync(absolute(path), { recursive: true });
    accessSync(absolute(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw explainRefusal(error);
  }
}
