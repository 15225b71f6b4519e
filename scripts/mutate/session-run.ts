import type { KnownTest } from './baseline.ts';
import { runNode } from './child.ts';
import { MutateError } from './errors.ts';
import type { Shadow } from './shadow.ts';

const SESSION = 'dist/scripts/mutate/session.js';

interface Answer {
  readonly failure?: string;
  readonly known?: readonly KnownTest[];
}

async function run(shadow: Shadow, args: readonly string[], limit?: number): Promise<Answer> {
  const { output, late } = await runNode([shadow.path(SESSION), ...args], { directory: shadow.root, limit });
  if (late) return { failure: `no end after ${limit} ms` };
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) {
    throw new MutateError('no-result', `the sessions gave no result: ${output.slice(-2000)}`);
  }
  return JSON.parse(last) as Answer;
}

/** Plays all sessions with the kernel as it is. Throws MutateError 'tests-fail', 'no-result'. */
export async function measureSessions(shadow: Shadow): Promise<readonly KnownTest[]> {
  const { failure, known = [] } = await run(shadow, ['--measure']);
  if (failure !== undefined) {
    throw new MutateError('tests-fail', `a session fails with the kernel as it is: ${failure}`);
  }
  return known;
}

/** Plays sessions in their order; gives the first failure. Throws MutateError 'no-result'. */
export async function playSessions(
  shadow: Shadow,
  sessions: readonly KnownTest[],
  limit: number,
): Promise<string | undefined> {
  const names = sessions.map(({ file }) => file);
  return (await run(shadow, names, limit)).failure;
}
