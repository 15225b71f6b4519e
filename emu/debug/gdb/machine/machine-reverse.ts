import type { Machine, Snapshot } from '../../../machine/index.ts';
import { Signal, type TargetReverse, type TargetStop } from '../target.ts';
import type { History } from './history.ts';
import type { MachineBreakpoints } from './machine-breakpoints.ts';
import type { MachineRun } from './machine-run.ts';
import type { MachineWatchpoints, WatchpointStop } from './machine-watchpoints.ts';

export interface MachineReverseOptions {
  readonly machine: Machine;
  readonly history: History;
  readonly run: MachineRun;
  readonly breakpoints: MachineBreakpoints;
  readonly watch: MachineWatchpoints;
  /** Gives the host's events their turn. */
  readonly breathe: () => Promise<void>;
}

/** The latest place, going back, where something would have stopped the machine. */
interface Arrival {
  readonly position: number;
  readonly stop: TargetStop;
}

/** Steps between two looks at the host. */
const CHUNK = 1_000_000;

/** Going back is going forward again from a checkpoint before. */
export class MachineReverse implements TargetReverse {
  readonly #options: MachineReverseOptions;

  constructor(options: MachineReverseOptions) {
    this.#options = options;
  }

  async step(): Promise<TargetStop> {
    const { machine, run } = this.#options;
    run.begin();
    const target = machine.position - 1;
    const from = this.#options.history.before(machine.position);
    if (from === undefined) return { kind: 'historyBegin' };
    this.#goTo(from, target);
    return { kind: 'signal', signal: Signal.Trap };
  }

  async resume(): Promise<TargetStop> {
    const { machine, history, run } = this.#options;
    run.begin();
    let until = machine.position;
    for (;;) {
      const from = history.before(until);
      if (from === undefined) return { kind: 'historyBegin' };
      const arrival = await this.#lastArrival(from, until);
      if (arrival !== undefined) {
        this.#goTo(from, arrival.position);
        return arrival.stop;
      }
      if (run.interrupted) {
        this.#goTo(from, until);
        return { kind: 'signal', signal: Signal.Interrupt };
      }
      this.#goTo(from, from.position);
      until = from.position;
    }
  }

  /** Runs from a checkpoint up to a position, and says where it would have stopped last. An interrupt ends it early, with nothing found. */
  async #lastArrival(from: Snapshot, until: number): Promise<Arrival | undefined> {
    const { machine, run, watch, breakpoints, breathe } = this.#options;
    this.#goTo(from, from.position);
    let last: Arrival | undefined;
    const arrived = (): void => {
      const type = breakpoints.typeAt(machine.processor.linearInstructionPointer());
      if (type !== undefined && machine.position < until) {
        last = { position: machine.position, stop: { kind: 'breakpoint', type } };
      }
    };
    const accessed = (stop: WatchpointStop): void => {
      last = { position: machine.position - 1, stop };
    };
    while (machine.position < until) {
      if (run.interrupted) return undefined;
      const before = machine.position;
      const end = Math.min(until, before + CHUNK);
      breakpoints.passing(arrived, () => watch.passing(accessed, () => machine.run({ untilPosition: end })));
      if (machine.position === before) break;
      await breathe();
    }
    return last;
  }

  #goTo(from: Snapshot, position: number): void {
    const { machine, breakpoints, run, watch } = this.#options;
    const passed = (): void => {};
    machine.restore(from);
    breakpoints.passing(passed, () => watch.passing(passed, () => machine.run({ untilPosition: position })));
    run.rewound();
  }
}
