/** What an observer wants after it has looked: the run ends with reason 'breakpoint', or goes on as if nothing had been there. */
export type BreakpointVerdict = 'stop' | 'continue';

/** Called before the instruction at its address executes, between two steps: the machine's state is whole. It must change nothing. */
export type BreakpointObserver = (address: bigint) => BreakpointVerdict;

/**
 * The places where a run pauses before an instruction. Several observers may share an address. They are asked one after the
 * other, those that were there when the instruction was reached; observers that they add count from the next arrival on.
 */
export class Breakpoints {
  readonly #observers = new Map<bigint, Set<BreakpointObserver>>();
  readonly #changed: () => void;
  #stale = false;

  /** `changed`: the addresses are others now; the processor must be told (`take`) before its next slice. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Adds an observer at a linear address. Returns a function that removes it. */
  add(address: bigint, observer: BreakpointObserver): () => void {
    // Each call is a registration of its own, even of the same function.
    const registration: BreakpointObserver = (at) => observer(at);
    const known = this.#observers.get(address);
    if (known === undefined) {
      this.#observers.set(address, new Set([registration]));
      this.#invalidate();
    } else {
      known.add(registration);
    }
    return () => this.#remove(address, registration);
  }

  /** The addresses, when they have changed since they were last taken. */
  take(): Iterable<bigint> | undefined {
    if (!this.#stale) return undefined;
    this.#stale = false;
    return this.#observers.keys();
  }

  /** Asks the observers of an address. 'stop' when one wants it, or when there is none: then someone else set the breakpoint. */
  reached(address: bigint): BreakpointVerdict {
    const observers = this.#observers.get(address);
    if (observers === undefined) return 'stop';
    if (observers.size === 1) for (const observer of observers) return observer(address);
    let verdict: BreakpointVerdict = 'continue';
    for (const observer of [...observers]) if (observer(address) === 'stop') verdict = 'stop';
    return verdict;
  }

  #remove(address: bigint, registration: BreakpointObserver): void {
    const observers = this.#observers.get(address);
    if (observers?.delete(registration) !== true || observers.size > 0) return;
    this.#observers.delete(address);
    this.#invalidate();
  }

  #invalidate(): void {
    this.#stale = true;
    this.#changed();
  }
}
