import { Worker } from 'node:worker_threads';
import type { Crash } from './campaign.ts';
import { FuzzError } from './errors.ts';
import type { FuzzProgram } from './program.ts';
import type { WorkerNews, WorkerReport, WorkerTask } from './protocol.ts';

/** Workers' seeds lie so far apart. */
const SEED_STEP = 0x1_0001;

/** What a fuzzing run is to do. */
export interface FuzzOptions {
  readonly seed: number;
  readonly jobs: number;
  /** Programs to run at most, all workers together. */
  readonly cases: number;
  /** ms to run at most, from when a worker's guest is ready. */
  readonly time: number;
  /** Programs to begin with. */
  readonly programs: readonly FuzzProgram[];
  /** End with the first defect. */
  readonly first: boolean;
  /** Ends the run: what the workers are at is ended, and what they have found is told. */
  readonly signal?: AbortSignal | undefined;
}

/** Who wants to know how it goes. */
export interface FuzzListener {
  onProgress(state: FuzzSummary): void;
  onKept(program: FuzzProgram): void;
  onCrash(crash: Crash): void;
}

/** How far it has come. */
export interface FuzzSummary {
  readonly executions: number;
  /** Instructions of the kernel that were executed, and ways that its branches went: the most that one worker has seen. */
  readonly coverage: number;
  readonly kept: number;
  readonly crashes: number;
}

/** Fuzzes with several workers, each with a guest of its own; what one finds, the others learn. Throws FuzzError and what a worker throws. */
export async function fuzz(options: FuzzOptions, listener: FuzzListener): Promise<FuzzSummary> {
  return new Pool(options, listener).run();
}

class Pool {
  readonly #options: FuzzOptions;
  readonly #listener: FuzzListener;
  readonly #workers: Worker[] = [];
  readonly #executions: number[] = [];
  readonly #known = new Set<string>();
  readonly #interruption = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #coverage = 0;
  #kept = 0;
  #crashes = 0;

  constructor(options: FuzzOptions, listener: FuzzListener) {
    this.#options = options;
    this.#listener = listener;
  }

  async run(): Promise<FuzzSummary> {
    const { jobs } = this.#options;
    const { signal } = this.#options;
    const interrupt = (): void => {
      Atomics.store(this.#interruption, 0, 1);
    };
    if (signal?.aborted === true) interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    const ends = Array.from({ length: jobs }, (_, index) => this.#start(index));
    try {
      await Promise.all(ends);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      await Promise.all(this.#workers.map((worker) => worker.terminate()));
    }
    const summary = this.#summary();
    if (summary.executions === 0 && signal?.aborted !== true)
      throw new FuzzError('bad-guest', 'no program has run: nothing was tested');
    return summary;
  }

  #summary(): FuzzSummary {
    return {
      executions: this.#executions.reduce((sum, one) => sum + one, 0),
      coverage: this.#coverage,
      kept: this.#kept,
      crashes: this.#crashes,
    };
  }

  #start(index: number): Promise<void> {
    const { seed, cases, jobs, programs, time } = this.#options;
    const share = Number.isFinite(cases) ? Math.floor(cases / jobs) + (index < cases % jobs ? 1 : 0) : cases;
    const task: WorkerTask = {
      worker: index,
      seed: (seed + index * SEED_STEP) >>> 0,
      programs: programs.filter((_, at) => at % jobs === index),
      cases: share,
      time,
      interruption: this.#interruption,
    };
    this.#executions[index] = 0;
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: task });
    this.#workers.push(worker);
    return new Promise<void>((resolve, reject) => {
      worker.on('message', (report: WorkerReport) => {
        if (report.kind === 'failed') reject(new FuzzError(report.code ?? 'bad-guest', report.message));
        else if (report.kind === 'done') {
          this.#progress(index, report);
          resolve();
        } else this.#hear(index, worker, report);
      });
      worker.on('error', reject);
    });
  }

  #hear(index: number, from: Worker, report: WorkerReport): void {
    switch (report.kind) {
      case 'progress':
        this.#progress(index, report);
        break;
      case 'kept':
        this.#kept++;
        this.#listener.onKept(report.program);
        this.#tell(report, from);
        break;
      case 'crash': {
        const { key } = report.finding;
        this.#tell({ kind: 'crash', key }, from);
        if (this.#known.has(key)) break;
        this.#known.add(key);
        this.#crashes++;
        this.#listener.onCrash(report);
        if (this.#options.first) this.#tell({ kind: 'stop' });
        break;
      }
      default:
        break;
    }
  }

  #progress(index: number, { executions, coverage }: { executions: number; coverage: number }): void {
    this.#executions[index] = executions;
    this.#coverage = Math.max(this.#coverage, coverage);
    this.#listener.onProgress(this.#summary());
  }

  #tell(news: WorkerNews, but?: Worker): void {
    for (const worker of this.#workers) if (worker !== but) worker.postMessage(news);
  }
}
