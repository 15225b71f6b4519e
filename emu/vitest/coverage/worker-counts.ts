import { readFileSync, statSync } from 'node:fs';
import { absolute, guestPaths, programFile } from '../../../scripts/guest/index.ts';
import { CoverageCollector, CoverageData } from '../../debug/coverage/index.ts';
import { KernelImage } from '../../kernel/index.ts';
import { Machine } from '../../puffer-machine.ts';

/** So many machines are kept for their counts; older ones may go, and only what they do after that is lost. */
const KEPT = 4;

/** Who wants to know what runs in a worker. */
export interface CountsTaker {
  /** What ran since it began or took last. */
  take(): CoverageData;
  end(): void;
}

/** Collects from all machines of a worker that boot the guest's own kernel. */
class WorkerCounts {
  readonly #takers = new Set<{ data: CoverageData }>();
  #recent: CoverageCollector[] = [];
  #older: WeakRef<CoverageCollector>[] = [];
  #built: { readonly time: number; readonly buildId: string | undefined } | undefined;

  constructor() {
    Machine.onCreated((machine) => {
      if (this.#takers.size > 0) this.#watch(machine);
    });
  }

  begin(): CountsTaker {
    const taker = { data: new CoverageData() };
    this.#collect();
    this.#takers.add(taker);
    return {
      take: () => {
        this.#collect();
        const { data } = taker;
        taker.data = new CoverageData();
        return data;
      },
      end: () => {
        this.#takers.delete(taker);
      },
    };
  }

  /** Other kernels than the guest's, and broken ones, have lines of their own. */
  #watch(machine: Machine): void {
    if (machine.image.isEmpty || machine.image.elf.buildId !== this.#kernelBuildId()) return;
    this.#recent.push(new CoverageCollector(machine.kernel, programFile));
    const oldest = this.#recent.length > KEPT ? this.#recent.shift() : undefined;
    if (oldest === undefined) return;
    this.#add(oldest.take());
    this.#older = this.#older.filter((one) => one.deref() !== undefined);
    this.#older.push(new WeakRef(oldest));
  }

  /** The kernel may be built anew while a worker lives. */
  #kernelBuildId(): string | undefined {
    const path = absolute(guestPaths.kernel);
    const { mtimeMs } = statSync(path);
    if (this.#built?.time !== mtimeMs) {
      const { buildId } = KernelImage.open(new Uint8Array(readFileSync(path))).elf;
      this.#built = { time: mtimeMs, buildId };
    }
    return this.#built.buildId;
  }

  #collect(): void {
    for (const collector of this.#recent) this.#add(collector.take());
    for (const one of this.#older) {
      const data = one.deref()?.take();
      if (data !== undefined) this.#add(data);
    }
  }

  #add(data: CoverageData): void {
    for (const taker of this.#takers) taker.data.add(data);
  }
}

/** vitest loads modules anew for each test file; what counts lives as long as the worker. */
const SHARED = Symbol.for('puffer/vitest/coverage');
const worker = globalThis as { [SHARED]?: WorkerCounts };

/** Counts what the machines execute that this worker makes from now on. */
export function countInWorker(): CountsTaker {
  worker[SHARED] ??= new WorkerCounts();
  return worker[SHARED].begin();
}
