import { spawn } from 'node:child_process';

export interface ChildOptions {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Give up after so many ms. */
  readonly limit?: number | undefined;
}

export interface Ended {
  readonly output: string;
  /** Whether it was ended at the limit. */
  readonly late: boolean;
}

/** Runs a script of Node to its end; it and all that it starts ends with us. */
export function runNode(args: readonly string[], options: ChildOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that its workers end with it.
      detached: true,
    });
    let output = '';
    let late = false;
    const take = (bytes: Buffer): void => {
      output += bytes.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    };
    const limit = options.limit;
    const giveUp = (): void => {
      late = true;
      end();
    };
    const timer = limit === undefined ? undefined : setTimeout(giveUp, limit);
    // Before what is removed at the exit: the child must not write there any more.
    process.prependOnceListener('exit', end);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      process.off('exit', end);
      resolve({ output, late });
    });
  });
}
