import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process of the bench failed. */
export class BenchError extends Error {
  readonly code = 'ERR_BENCH';
  override readonly name = 'BenchError';
}

/** A minute is many times what any child needs: one that takes longer hangs. */
const LIMIT_MILLISECONDS = 120_000;

/** Runs a script beside this one in a fresh process and returns the JSON that it prints. Throws BenchError. */
export function runChild<T>(script: string, operands: readonly string[] = []): T {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const run = spawnSync(process.execPath, [path, ...operands], {
    encoding: 'utf8',
    timeout: LIMIT_MILLISECONDS,
  });
  if (run.status !== 0) {
    throw new BenchError(`${script} ${operands.join(' ')}: ${run.error?.message ?? run.stderr}`);
  }
  return JSON.parse(run.stdout) as T;
}
