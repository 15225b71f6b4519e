import type { Slice } from '../debug/control/execution.ts';
import type { SessionHost } from '../debug/session/session.ts';
import type { Journey } from '../debug/time/timeline.ts';
import type { Machine, MachineStop } from '../machine/index.ts';
import type { Progress } from './debug-progress.ts';
import { IdleTime } from './idle-time.ts';
import { writeRecording } from './recording-file.ts';

/** Steps between two looks at the keyboard. */
const CHUNK = 2_000_000;

export interface DebugHostOptions {
  readonly machine: Machine;
  /** A person watches: idle guest time passes with the host's clock. */
  readonly terminal: boolean;
  /** Whether the machine lives through recorded time again: nothing is paced then. */
  readonly isReplaying: () => boolean;
  readonly print: (text: string) => void;
  /** Called between two pieces of a run: what the guest has printed can be shown. */
  readonly onPiece: () => void;
  readonly progress: Progress;
}

/** The debugger's host on the command line. */
export class DebugCommandHost implements SessionHost {
  readonly #options: DebugHostOptions;
  readonly #idle: IdleTime;
  #interrupted = false;

  constructor(options: DebugHostOptions) {
    this.#options = options;
    this.#idle = new IdleTime(options.machine, options.terminal);
  }

  begin(): void {
    this.#interrupted = false;
    this.#idle.begin();
  }

  /** Ends the command in progress. */
  interrupt(): void {
    this.#interrupted = true;
    this.#idle.interrupt();
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  breathe(): Promise<void> {
    return new Promise((resume) => setImmediate(resume));
  }

  progress(journey: Journey): void {
    this.#options.progress.show(journey);
  }

  print(text: string): void {
    this.#options.print(text);
  }

  async writeFile(path: string, bytes: Uint8Array): Promise<void> {
    writeRecording(path, bytes);
  }

  async pace(slice: Slice): Promise<MachineStop> {
    const { onPiece } = this.#options;
    for (;;) {
      const stop = slice({ budget: CHUNK, pauseWhenIdle: true });
      onPiece();
      if (stop.reason === 'idle') {
        if (stop.deadline === undefined || !(await this.#passIdleTime(stop.deadline))) return stop;
      } else if (stop.reason !== 'budget') return stop;
      await this.breathe();
    }
  }

  /** Lets idle time pass up to a deadline; what is lived through again does not wait. False when the guest has been idle for too long. */
  async #passIdleTime(deadline: number): Promise<boolean> {
    const { machine, isReplaying } = this.#options;
    if (!isReplaying()) return this.#idle.pass(deadline);
    machine.skipIdle(deadline - machine.guestTime);
    return true;
  }
}
