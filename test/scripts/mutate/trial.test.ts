import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildGuest } from '../../../scripts/guest/index.ts';
import type { Baseline } from '../../../scripts/mutate/baseline.ts';
import { PlayerProcess } from '../../../scripts/mutate/player-process.ts';
import { readEquivalents } from '../../../scripts/mutate/report.ts';
import { Shadow } from '../../../scripts/mutate/shadow.ts';
import { defaultFiles, mutantsOfFiles, namedFiles } from '../../../scripts/mutate/sources.ts';
import { type Judge, tryMutant } from '../../../scripts/mutate/trial.ts';
import { commandProbe, describeWithOracle, oracle } from '../../oracles/require.ts';

const gcc = oracle('gcc', commandProbe('gcc', ['--version'], 'gcc'));
const BASELINE: Baseline = {
  sessions: [{ file: 'regress/sys/kern/dup2', duration: 0, functions: ['fork_check_maxthread'] }],
  files: [{ file: 'test/guest/fork/counters.test.ts', duration: 0, functions: ['fork1'] }],
};

describeWithOracle(gcc, 'a broken kernel', () => {
  let judge: Judge;
  beforeAll(async () => {
    await buildGuest();
    await buildGuest({ part: 'regress' });
    const shadow = new Shadow();
    judge = { shadow, player: new PlayerProcess(shadow) };
  });
  afterAll(() => {
    judge.player.end();
    judge.shadow.remove();
  });

  it.for([
    ['fork1:drop-count:nprocesses++; => ;', 'killed'],
    ['fork_check_maxthread:negate-condition:(nthreads >=', 'killed'],
    // Nobody is refused here.
    ['fork_check_maxthread:return-zero:return EAGAIN; => return 0;', 'survived'],
    // No test was said to enter this one.
    ['alloctid:change-constant:1 => 0', 'unreached'],
    ['fork1:swap-arguments:curpr, flags => flags, curpr', 'invalid'],
  ] as const)('should be found: %s is %s', async ([name, outcome]) => {
    const mutant = mutantsOfFiles(namedFiles(['kern_fork.c'])).find(({ id }) => id.includes(name));
    expect(mutant).toBeDefined();
    if (mutant !== undefined) {
      expect(await tryMutant(judge, mutant, BASELINE)).toMatchObject({ outcome });
    }
  });
});

it('should be known what each explained survivor was', () => {
  const ids = new Set(mutantsOfFiles(defaultFiles()).map(({ id }) => id));
  expect(Object.keys(readEquivalents()).filter((id) => !ids.has(id))).toEqual([]);
});
