import type { MachineConsole } from '../machine/index.ts';

type OutputListener = Parameters<MachineConsole['onOutput']>[0];

/** The console's output, each piece once: what the guest prints again after going back in time has been shown. */
export class ConsoleOnce {
  readonly #console: MachineConsole;
  readonly #from: number;
  /** Lowers each listener's mark. */
  readonly #marks: ((position: number) => void)[] = [];

  /** Nothing has been shown yet at `position`. */
  constructor(console: MachineConsole, position: number) {
    this.#console = console;
    this.#from = position;
  }

  /** Calls `listener` with new output. */
  onOutput(listener: OutputListener): () => void {
    // Each listener keeps its own mark: all of them are told of the same byte.
    let shown = this.#from;
    this.#marks.push((position) => {
      shown = Math.min(shown, position);
    });
    return this.#console.onOutput((bytes, position) => {
      if (position < shown) return;
      shown = position + 1;
      listener(bytes, position);
    });
  }

  /** The guest takes another course: what it prints after `position` is new. */
  forgetAfter(position: number): void {
    for (const mark of this.#marks) mark(position);
  }
}
