import { parentPort, workerData } from 'node:worker_threads';
import { BootedGuest } from '../vitest/booted-guest.ts';
import { Campaign } from './campaign.ts';
import { FuzzError } from './errors.ts';
import { Executor } from './executor.ts';
import { Limits } from './limits.ts';
import type { WorkerNews, WorkerReport, WorkerTask } from './protocol.ts';

/** Programs between two looks at what others have found. */
const BATCH = 16;

/** A campaign on a guest of its own, in a thread of its own. */
async function work(task: WorkerTask, tell: (report: WorkerReport) => void): Promise<void> {
  const executor = new Executor(await BootedGuest.boot());
  const interrupted = (): boolean => Atomics.load(task.interruption, 0) !== 0;
  const campaign = new Campaign(executor, task.seed, task.programs, interrupted);
  let stopped = false;
  parentPort?.on('message', (news: WorkerNews) => {
    if (news.kind === 'stop') stopped = true;
    else if (news.kind === 'crash') campaign.forgive(news.key);
    else {
      executor.coverage.merge(news.fresh);
      campaign.adopt(news.program);
    }
  });
  tell({ kind: 'ready' });
  const limits = new Limits(task);
  const over = (): boolean => stopped || interrupted() || limits.reached(campaign.executions);
  while (!over()) {
    for (let left = BATCH; left > 0 && !over(); left--) {
      const { kept, crashes } = campaign.step();
      if (kept !== undefined) tell({ kind: 'kept', ...kept });
      for (const crash of crashes) tell({ kind: 'crash', ...crash });
    }
    tell({ kind: 'progress', executions: campaign.executions, coverage: executor.coverage.total });
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  tell({
    kind: 'done',
    executions: campaign.executions,
    coverage: executor.coverage.total,
    steps: executor.steps,
  });
}

const tell = (report: WorkerReport): void => parentPort?.postMessage(report);
try {
  await work(workerData as WorkerTask, tell);
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof FuzzError ? error.code : undefined;
  tell({ kind: 'failed', name, message, code });
}
parentPort?.close();
