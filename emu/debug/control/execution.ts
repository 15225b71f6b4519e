import type { MachineStop, RunOptions } from '../../machine/index.ts';
import type { Debuggee } from '../session/debuggee.ts';
import { type ArmingContext, type Arrival, armStopPoints } from '../stops/arming.ts';
import type { StopPoints } from '../stops/stop-points.ts';
import type { Timeline, Traveller } from '../time/timeline.ts';
import { type Stop, stopOf } from './stop.ts';

/** Runs the machine a little, within limits; the reason 'budget' means that it can go on. */
export type Slice = (limits: RunOptions) => MachineStop;

/** What the debugger asks of whoever shows it: a terminal, a script, a test. */
export interface DebugHost extends Traveller {
  /**
   * Lets the machine run on: calls `slice` again and again, gives its own events their turn between two calls, feeds the console and paces
   * idle time. Returns the first stop with another reason than 'budget', or 'budget' when the run may not go on.
   */
  pace(slice: Slice): Promise<MachineStop>;
  /** A new command begins: earlier interrupts are forgotten. */
  begin(): void;
}

/** Decides whether an arrival is to stop the run. */
export type Consider = (arrival: Arrival) => boolean;

/** Something else to run to. `reached` may be called by whatever notices that the goal is there; the run then stops before the instruction. */
export interface Goal {
  arm(reached: () => 'stop'): () => void;
}

export interface ExecutionOptions {
  readonly debuggee: Debuggee;
  readonly timeline: Timeline;
  readonly stops: StopPoints;
  readonly host: DebugHost;
  readonly arming: ArmingContext;
  readonly consider: Consider;
}

/** How far to run, besides to the stop points. */
export interface RunPlan {
  readonly goal?: Goal | undefined;
  /** Steps. */
  readonly budget?: number | undefined;
  /** So many stops at stop points are passed over. */
  readonly passes?: number | undefined;
}

/** How a piece of a run ended. */
export type Outcome =
  | { readonly kind: 'goal' }
  | { readonly kind: 'budget' }
  | { readonly kind: 'stop'; readonly stop: Stop };

/** Lets the machine run forward, with the session's stop points armed. */
export class Execution {
  readonly #options: ExecutionOptions;

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  get host(): DebugHost {
    return this.#options.host;
  }

  get timeline(): Timeline {
    return this.#options.timeline;
  }

  get debuggee(): Debuggee {
    return this.#options.debuggee;
  }

  /** Runs until a stop point, a goal, an ending, or for so many steps. */
  async run(options: RunPlan = {}): Promise<Outcome> {
    const { host, timeline, debuggee } = this.#options;
    const { machine } = debuggee;
    const start = machine.position;
    const end = options.budget === undefined ? undefined : start + options.budget;
    let passes = options.passes ?? 0;
    const pass = (): boolean => passes-- > 0;
    return this.armed(pass, async (arrivals) => {
      let atGoal = false;
      const disarm = options.goal?.arm(() => {
        atGoal = true;
        return 'stop';
      });
      try {
        const stop = await host.pace((limits) => {
          if (host.interrupted) return this.#now('requested');
          const recorded = timeline.stepsRecorded;
          if (recorded === 0) return this.#now('position');
          const due = Math.min(
            recorded ?? Number.MAX_SAFE_INTEGER,
            timeline.advance(),
            end === undefined ? Number.MAX_SAFE_INTEGER : end - machine.position,
          );
          if (due <= 0) return this.#now('position');
          const taken = machine.run({ ...limits, budget: Math.min(limits.budget ?? due, due) });
          timeline.ran();
          return taken;
        });
        if (arrivals.length > 0) return { kind: 'stop', stop: this.#arrived(arrivals) };
        if (atGoal) return { kind: 'goal' };
        if (timeline.stepsRecorded === 0) return { kind: 'stop', stop: stopOf('historyEnd') };
        if (stop.reason === 'position') return { kind: 'budget' };
        return { kind: 'stop', stop: this.#explain(stop) };
      } finally {
        disarm?.();
      }
    });
  }

  /**
   * Steps one by one, as long as `isOver` says false after a step. For short ways: between two steps anything can be looked at. The stop
   * points are armed.
   */
  async walk(isOver: () => boolean): Promise<Outcome> {
    const { host, timeline, debuggee } = this.#options;
    const { machine } = debuggee;
    return this.armed(STOP_ALWAYS, async (arrivals) => {
      for (let count = 1; ; count++) {
        if (timeline.stepsRecorded === 0) return { kind: 'stop', stop: stopOf('historyEnd') };
        timeline.advance();
        const before = machine.position;
        let stop = machine.run({ budget: 1, pauseWhenIdle: true });
        if (stop.reason === 'idle') {
          // The host paces the time until the guest goes on.
          stop = await host.pace((limits) =>
            host.interrupted ? this.#now('requested') : this.#oneStep(limits, before),
          );
          if (stop.reason === 'position') stop = this.#now('budget');
        }
        timeline.ran();
        if (arrivals.length > 0) return { kind: 'stop', stop: this.#arrived(arrivals) };
        if (stop.reason !== 'budget') return { kind: 'stop', stop: this.#explain(stop) };
        if (isOver()) return { kind: 'goal' };
        if (count % BREATH === 0) {
          await host.breathe();
          if (host.interrupted) return { kind: 'stop', stop: stopOf('interrupted') };
        }
      }
    });
  }

  /** Runs `body` with the stop points in the machine; it is told which the run has come to. `pass` may let one pass. */
  async armed<T>(pass: () => boolean, body: (arrivals: readonly Arrival[]) => Promise<T>): Promise<T> {
    const { stops, arming, consider, debuggee } = this.#options;
    const start = debuggee.machine.position;
    const arrivals: Arrival[] = [];
    const disarm = armStopPoints(stops.all, arming, (arrival) => {
      // Where the run begins, the machine stands already.
      if (debuggee.machine.position === start || !consider(arrival) || pass()) return 'continue';
      arrivals.push(arrival);
      return 'stop';
    });
    try {
      return await body(arrivals);
    } finally {
      disarm();
    }
  }

  #oneStep(limits: RunOptions, before: number): MachineStop {
    const { machine } = this.#options.debuggee;
    const stop = machine.run({ ...limits, budget: 1 });
    return machine.position > before && stop.reason === 'budget' ? this.#now('position') : stop;
  }

  #arrived(arrivals: readonly Arrival[]): Stop {
    return stopOf('stopPoint', { arrivals: [...arrivals] });
  }

  #explain(stop: MachineStop): Stop {
    if (this.#options.host.interrupted) return stopOf('interrupted', { machine: stop });
    switch (stop.reason) {
      case 'idle':
      case 'inputEnd':
        return stopOf('waiting', { machine: stop });
      case 'budget':
        return stopOf('limit', { machine: stop });
      case 'requested':
        return stopOf('interrupted', { machine: stop });
      default:
        return stopOf('ended', { machine: stop });
    }
  }

  #now(reason: 'requested' | 'position' | 'budget'): MachineStop {
    const { machine } = this.#options.debuggee;
    return { reason, position: machine.position, time: machine.guestTime };
  }
}

const STOP_ALWAYS = (): boolean => false;
/** Single steps between two looks at the host. */
const BREATH = 20_000;
