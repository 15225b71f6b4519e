/** A sleep by the host's clock that something else may end. */
export class WakeableSleep {
  #wake: (() => void) | undefined;

  /** Ends the present sleep. */
  wake(): void {
    this.#wake?.();
  }

  /** Resolves after a time (ms), or when it is woken. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resume) => {
      const timer = setTimeout(() => this.#wake?.(), milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resume();
      };
    });
  }
}
