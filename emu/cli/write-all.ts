import { writeSync } from 'node:fs';
import { ExitCode, UsageError } from './exit-code.ts';

/** Writes all bytes, also to a pipe that takes only some at a time. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader of a pipe has gone: nothing more can be said.
      if (code === 'EPIPE') process.exit(ExitCode.Ok);
      if (code !== 'EAGAIN')
        throw new UsageError(`the output cannot be written: ${(error as Error).message}`);
    }
  }
}
