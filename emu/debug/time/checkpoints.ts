import { countUnsharedPages, type Machine, PAGE_SIZE, type Snapshot } from '../../machine/index.ts';

export interface CheckpointOptions {
  /** Steps between two checkpoints of the recent past. */
  readonly interval: number;
  /** Further back the distance between two checkpoints may grow to this part of how long ago they are. */
  readonly spread: number;
  /** The most bytes of pages that they may hold together, beyond the first one's. */
  readonly memory: number;
}

/**
 * A snapshot costs about as much as 60,000 steps of a busy shell: so far apart they are a twentieth of the run, and any moment of the recent
 * past can be reached again in some ten milliseconds.
 */
const DEFAULTS: CheckpointOptions = { interval: 1_500_000, spread: 1 / 8, memory: 256 * 2 ** 20 };
const SPREAD_LIMIT = 1;

interface Checkpoint {
  readonly snapshot: Snapshot;
  /** Bytes of its pages that the checkpoint before does not share. */
  bytes: number;
}

/**
 * Checkpoints of a run, from which any moment after the first can be reached again by running forward: dense in the recent past, sparser the
 * longer ago, bounded in memory.
 */
export class Checkpoints {
  readonly #machine: Machine;
  readonly #options: CheckpointOptions;
  #spread: number;
  /** Ascending by position. */
  #all: Checkpoint[] = [];

  constructor(machine: Machine, options: Partial<CheckpointOptions> = {}) {
    this.#machine = machine;
    this.#options = { ...DEFAULTS, ...options };
    this.#spread = this.#options.spread;
  }

  /** Takes a checkpoint of the present when none is near behind it. Returns how many steps may be taken before the next one is due. */
  advance(): number {
    const { position } = this.#machine;
    const { interval } = this.#options;
    const behind = this.atOrBefore(position)?.position;
    if (behind !== undefined && position < behind + interval) return behind + interval - position;
    this.#add(this.#machine.snapshot());
    return interval;
  }

  /** The first one, from which everything can be reached. */
  get first(): Snapshot | undefined {
    return this.#all[0]?.snapshot;
  }

  /** The earliest position that can be reached. */
  get earliest(): number {
    return this.#all[0]?.snapshot.position ?? this.#machine.position;
  }

  get count(): number {
    return this.#all.length;
  }

  /** Bytes of pages that are kept beyond the first checkpoint's. */
  get bytes(): number {
    return this.#all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The latest checkpoint that is not after a position. */
  atOrBefore(position: number): Snapshot | undefined {
    return this.#all[this.#after(position) - 1]?.snapshot;
  }

  /** The latest checkpoint before a position. */
  before(position: number): Snapshot | undefined {
    return this.atOrBefore(position - 1);
  }

  /** Another course was taken from a position on: what comes after it is not this machine's past any more. */
  forgetAfter(position: number): void {
    this.#all.length = this.#after(position);
  }

  /** Index of the first checkpoint after a position. */
  #after(position: number): number {
    let [low, high] = [0, this.#all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#all[middle]?.snapshot.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #add(snapshot: Snapshot): void {
    const index = this.#after(snapshot.position);
    this.#all.splice(index, 0, { snapshot, bytes: 0 });
    this.#measure(index);
    this.#measure(index + 1);
    this.#thinOut();
    while (this.bytes > this.#options.memory && this.#spread < SPREAD_LIMIT) {
      this.#spread *= 2;
      this.#thinOut();
    }
  }

  /** The pages of a checkpoint that the one before it does not have. The first one's are the program itself and cannot be saved. */
  #measure(index: number): void {
    const [before, checkpoint] = [this.#all[index - 1], this.#all[index]];
    if (checkpoint === undefined) return;
    checkpoint.bytes =
      before === undefined
        ? 0
        : countUnsharedPages(before.snapshot.pages, checkpoint.snapshot.pages) * PAGE_SIZE;
  }

  /** Drops those between two others that are near enough to each other for how long ago they are. The first stays, and the latest. */
  #thinOut(): void {
    const { interval } = this.#options;
    const now = this.#all.at(-1)?.snapshot.position ?? 0;
    for (let index = this.#all.length - 2; index > 0; index--) {
      const before = this.#all[index - 1]?.snapshot.position ?? 0;
      const after = this.#all[index + 1]?.snapshot.position ?? 0;
      const allowed = Math.max(interval, (now - after) * this.#spread);
      if (after - before > allowed) continue;
      this.#all.splice(index, 1);
      this.#measure(index);
    }
  }
}
