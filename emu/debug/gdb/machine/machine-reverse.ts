import type { Machine } from '../../../machine/index.ts';
import type { Search, Timeline, Traveller } from '../../time/timeline.ts';
import { Signal, type TargetReverse, type TargetStop } from '../target.ts';
import type { MachineBreakpoints } from './machine-breakpoints.ts';
import type { MachineRun } from './machine-run.ts';
import type { MachineWatchpoints } from './machine-watchpoints.ts';

export interface MachineReverseOptions {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly run: MachineRun;
  readonly breakpoints: MachineBreakpoints;
  readonly watch: MachineWatchpoints;
  /** Gives the host's events their turn. */
  readonly breathe: () => Promise<void>;
}

/** Going back is going forward again from a checkpoint before. */
export class MachineReverse implements TargetReverse {
  readonly #options: MachineReverseOptions;
  readonly #traveller: Traveller;

  constructor(options: MachineReverseOptions) {
    this.#options = options;
    const { breathe, run } = options;
    this.#traveller = {
      breathe,
      get interrupted() {
        return run.interrupted;
      },
    };
  }

  async step(): Promise<TargetStop> {
    const { machine, run, timeline } = this.#options;
    run.begin();
    const target = machine.position - 1;
    if (target < timeline.earliest) return { kind: 'historyBegin' };
    return (await this.#goTo(target)) ?? { kind: 'signal', signal: Signal.Trap };
  }

  async resume(): Promise<TargetStop> {
    const { machine, run, timeline } = this.#options;
    run.begin();
    const found = await timeline.findLast(machine.position, this.#search, this.#traveller);
    run.rewound();
    if (found === 'interrupted') return { kind: 'signal', signal: Signal.Interrupt };
    if (found === 'historyBegin') return (await this.#goTo(timeline.earliest)) ?? { kind: 'historyBegin' };
    return (await this.#goTo(found.position)) ?? found.what;
  }

  /** Everything that would have stopped the machine. */
  readonly #search: Search<TargetStop> = (hit) => {
    const { machine, watch, breakpoints } = this.#options;
    const removeBreakpoints = breakpoints.observe(() => {
      const type = breakpoints.typeAt(machine.processor.linearInstructionPointer());
      if (type !== undefined) hit(machine.position, { kind: 'breakpoint', type });
    });
    // A watchpoint is met after the access: going back, the machine stops before it.
    const removeWatchpoints = watch.observe((stop) => hit(machine.position - 1, stop));
    watch.refresh();
    return () => {
      removeBreakpoints();
      removeWatchpoints();
    };
  };

  /** Goes to a position of the past, whatever would stop the machine on the way. Returns a stop only when it was interrupted. */
  async #goTo(position: number): Promise<TargetStop | undefined> {
    const { run, timeline, watch, breakpoints } = this.#options;
    const pass = (): void => {};
    const removals = [breakpoints.observe(pass), watch.observe(pass)];
    try {
      const arrived = await timeline.goTo(position, this.#traveller);
      return arrived ? undefined : { kind: 'signal', signal: Signal.Interrupt };
    } finally {
      for (const remove of removals) remove();
      run.rewound();
    }
  }
}
