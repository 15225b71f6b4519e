import type { WatchedRange, WatchHit } from '../cpu/index.ts';
import type { BreakpointVerdict } from './breakpoints.ts';

/** Called after the step that accessed the memory: the machine's state is whole. It must change nothing. */
export type WatchObserver = (hit: WatchHit) => BreakpointVerdict;

/**
 * Memory whose accesses pause a run after the step that makes them. Each range has one observer; ranges may overlap. Observers are asked
 * one after the other, in the order of the accesses.
 */
export class Watchpoints {
  readonly #observers = new Map<WatchedRange, WatchObserver>();
  readonly #changed: () => void;
  #stale = false;

  /** `changed`: the ranges are others now; the processor must be told (`take`) before its next slice. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /**
   * Watches a range. Returns a function that ends it. Throws RangeError for a length that is not a whole number of bytes, at least 1.
   */
  add(range: WatchedRange, observer: WatchObserver): () => void {
    if (!Number.isSafeInteger(range.length) || range.length < 1) {
      throw new RangeError(`${range.length} bytes cannot be watched: a range has at least one`);
    }
    // Each call is a registration of its own, even of the same range.
    const registered: WatchedRange = { ...range };
    this.#observers.set(registered, observer);
    this.#invalidate();
    return () => {
      if (this.#observers.delete(registered)) this.#invalidate();
    };
  }

  /** The ranges, when they have changed since they were last taken. */
  take(): Iterable<WatchedRange> | undefined {
    if (!this.#stale) return undefined;
    this.#stale = false;
    return this.#observers.keys();
  }

  /** Asks the observers of hits; returns those that are to stop the run. */
  reached(hits: readonly WatchHit[]): WatchHit[] {
    return hits.filter((hit) => this.#observers.get(hit.range)?.(hit) === 'stop');
  }

  #invalidate(): void {
    this.#stale = true;
    this.#changed();
  }
}
