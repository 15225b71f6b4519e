import type { Slice } from '../debug/control/execution.ts';
import type { SessionHost } from '../debug/session/session.ts';
import type { Journey } from '../debug/time/timeline.ts';
import type { Machine, MachineStop } from '../machine/index.ts';
import type { Progress } from './debug-progress.ts';
import { writeRecording } from './recording-file.ts';

/** Steps between two looks at the keyboard. */
const CHUNK = 2_000_000;
const NS_PER_MS = 1_000_000;
const NS_PER_S = 1e9;
/** The longest a sleeping guest is left alone before the keyboard is looked at again, in ms. */
const LONGEST_SLEEP = 100;
/** So much idle guest time (ns) without console output means that the guest waits for input: its clock alone wakes it. */
const LONGEST_IDLE = 60 * NS_PER_S;

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
  #interrupted = false;
  #idleTime = 0;
  #wake: (() => void) | undefined;

  constructor(options: DebugHostOptions) {
    this.#options = options;
    options.machine.console.onOutput(() => {
      this.#idleTime = 0;
    });
  }

  begin(): void {
    this.#interrupted = false;
    this.#idleTime = 0;
  }

  /** Ends the command in progress. */
  interrupt(): void {
    this.#interrupted = true;
    this.#wake?.();
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

  /** Lets idle time pass up to a deadline, or a part of it; false when the guest has been idle for too long. */
  async #passIdleTime(deadline: number): Promise<boolean> {
    const { machine, terminal, isReplaying } = this.#options;
    const gap = deadline - machine.guestTime;
    if (isReplaying()) {
      machine.skipIdle(gap);
      return true;
    }
    if (!terminal) {
      this.#idleTime += machine.skipIdle(gap);
      return this.#idleTime < LONGEST_IDLE;
    }
    const before = performance.now();
    await this.#sleep(Math.min(LONGEST_SLEEP, Math.ceil(gap / NS_PER_MS)));
    machine.skipIdle(Math.max(NS_PER_MS, Math.round((performance.now() - before) * NS_PER_MS)));
    return true;
  }

  /** Resolves after a time (ms), or with an interrupt. */
  #sleep(milliseconds: number): Promise<void> {
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
