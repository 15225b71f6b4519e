import { countUnsharedPages, type Machine, PAGE_SIZE, type Snapshot } from '../../../machine/index.ts';

export interface HistoryOptions {
  /** Steps between two checkpoints; doubled each time that they become too many. */
  readonly interval: number;
  /** The most checkpoints. */
  readonly capacity: number;
  /** The most bytes of pages that they may hold, beyond the first one's. */
  readonly memory: number;
}

const DEFAULTS: HistoryOptions = { interval: 500_000, capacity: 64, memory: 256 * 2 ** 20 };

interface Checkpoint {
  readonly snapshot: Snapshot;
  /** Bytes of its pages that the checkpoint before does not share. */
  bytes: number;
}

/** Checkpoints of a run, from which any moment after the first can be reached again by running forward. Bounded in memory. */
export class History {
  readonly #machine: Machine;
  readonly #options: HistoryOptions;
  #interval: number;
  #checkpoints: Checkpoint[] = [];

  constructor(machine: Machine, options: Partial<HistoryOptions> = {}) {
    this.#machine = machine;
    this.#options = { ...DEFAULTS, ...options };
    this.#interval = this.#options.interval;
  }

  /** Takes a checkpoint when one is due. Returns how many steps may be taken before the next one. */
  advance(): number {
    const { position } = this.#machine;
    const last = this.#checkpoints.at(-1)?.snapshot.position;
    if (last === undefined || position >= last + this.#interval) {
      this.#add(this.#machine.snapshot());
      return this.#interval;
    }
    return last + this.#interval - position;
  }

  /** The earliest position that can be reached. */
  get earliest(): number {
    return this.#checkpoints[0]?.snapshot.position ?? this.#machine.position;
  }

  get size(): number {
    return this.#checkpoints.length;
  }

  /** The latest checkpoint before a position. */
  before(position: number): Snapshot | undefined {
    return this.#checkpoints.findLast(({ snapshot }) => snapshot.position < position)?.snapshot;
  }

  /** Another course was taken from a position on: what comes after it is not this machine's past any more. */
  forgetAfter(position: number): void {
    this.#checkpoints = this.#checkpoints.filter(({ snapshot }) => snapshot.position <= position);
  }

  #add(snapshot: Snapshot): void {
    const before = this.#checkpoints.at(-1)?.snapshot;
    this.#checkpoints.push({ snapshot, bytes: before === undefined ? 0 : newBytes(before, snapshot) });
    while (this.#checkpoints.length > 2 && this.#isTooLarge()) this.#thinOut();
  }

  #isTooLarge(): boolean {
    const bytes = this.#checkpoints.reduce((sum, one) => sum + one.bytes, 0);
    return this.#checkpoints.length > this.#options.capacity || bytes > this.#options.memory;
  }

  /** Every other checkpoint goes; the first stays. */
  #thinOut(): void {
    this.#interval *= 2;
    const kept = this.#checkpoints.filter((_, index) => index % 2 === 0);
    kept.forEach((checkpoint, index) => {
      const before = kept[index - 1];
      checkpoint.bytes = before === undefined ? 0 : newBytes(before.snapshot, checkpoint.snapshot);
    });
    this.#checkpoints = kept;
  }
}

function newBytes(before: Snapshot, after: Snapshot): number {
  return countUnsharedPages(before.pages, after.pages) * PAGE_SIZE;
}
