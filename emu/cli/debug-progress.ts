import type { Journey } from '../debug/time/timeline.ts';

/** Journeys shorter than this (ms) show nothing. */
const PATIENCE = 500;
const CLEAR_LINE = '\r\x1b[K';

/** How far a long search through the past has come, on stderr and on a terminal only. */
export class Progress {
  #began: number | undefined;
  #shown = false;

  show({ done, total }: Journey): void {
    if (process.stderr.isTTY !== true) return;
    const now = performance.now();
    this.#began ??= now;
    if (now - this.#began < PATIENCE) return;
    const share = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0;
    process.stderr.write(`${CLEAR_LINE}searching history: ${share} % (Ctrl-C stops)`);
    this.#shown = true;
  }

  /** The command is over. */
  end(): void {
    if (this.#shown) process.stderr.write(CLEAR_LINE);
    this.#shown = false;
    this.#began = undefined;
  }
}
