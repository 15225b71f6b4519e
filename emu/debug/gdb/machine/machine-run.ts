import type { Cpu } from '../../../cpu/cpu.ts';
import { layout } from '../../../cpu/index.ts';
import type { Machine, MachineStop, RunOptions } from '../../../machine/index.ts';
import type { Timeline } from '../../time/timeline.ts';
import { type Resume, Signal, type TargetRun, type TargetStop } from '../target.ts';
import type { KernelThreads } from './kernel-threads.ts';
import type { MachineBreakpoints } from './machine-breakpoints.ts';
import type { MachineWatchpoints } from './machine-watchpoints.ts';

/** Runs the machine a little, within limits; the reason 'budget' means that it can go on. */
export type Slice = (limits: RunOptions) => MachineStop;

/**
 * How the host lets the machine run on: it calls `slice` again and again, gives its own events their turn between two calls, feeds the
 * console and paces idle time. It returns the first stop with another reason, or 'budget' when the run may not go on.
 */
export type Pace = (slice: Slice) => Promise<MachineStop>;

export interface MachineRunOptions {
  readonly machine: Machine;
  readonly cpu: Cpu;
  readonly pace: Pace;
  readonly breakpoints: MachineBreakpoints;
  readonly watch: MachineWatchpoints;
  readonly threads: KernelThreads;
  readonly timeline: Timeline;
}

/** Steps one by one in a slice: short enough for an interrupt to be noticed. */
const STEPS_IN_SLICE = 20_000;

/** Lets the machine run as gdb asks for it. */
export class MachineRun implements TargetRun {
  readonly #options: MachineRunOptions;
  #interrupted = false;
  /** The ending that has been shown as a stop, to be looked at; the next resume ends for good. */
  #shown: MachineStop['reason'] | undefined;

  constructor(options: MachineRunOptions) {
    this.#options = options;
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  /** An interrupt has come in since the last resume. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** Forgets what was before: after a jump in time. */
  rewound(): void {
    this.#shown = undefined;
    this.#options.watch.refresh();
  }

  begin(): void {
    this.#interrupted = false;
  }

  jump(address: bigint): void {
    const { machine, timeline } = this.#options;
    timeline.course.change(() => machine.writeRegister(layout.RIP, 8, address));
  }

  async resume(how: Resume): Promise<TargetStop> {
    this.begin();
    this.#options.watch.refresh();
    const { threads } = this.#options;
    if (how.kind === 'step' && how.thread !== undefined && how.thread !== threads.current()) {
      const arrived = await this.#runToThread(how.thread);
      if (arrived !== undefined) return arrived;
    }
    switch (how.kind) {
      case 'step':
        return this.#step();
      case 'range':
        return await this.#stepping((pc) => pc < how.start || pc >= how.end);
      case 'continue':
        return await this.#continue();
    }
  }

  #step(): TargetStop {
    this.#options.timeline.advance();
    const stop = this.#oneStep({});
    return stop.reason === 'budget' ? this.#standing() : this.#explain(stop);
  }

  /** A step, also where the instruction has a breakpoint. */
  #oneStep(limits: RunOptions): MachineStop {
    const { machine, timeline } = this.#options;
    const { position } = machine;
    const once = { ...limits, budget: 1 };
    let stop = machine.run(once);
    if (stop.reason === 'breakpoint' && machine.position === position) stop = machine.run(once);
    timeline.ran();
    return stop;
  }

  async #continue(): Promise<TargetStop> {
    const { machine, timeline } = this.#options;
    const stop = await this.#options.pace((limits) => {
      if (this.#interrupted) return this.#now('requested');
      const due = timeline.advance();
      const taken = machine.run({ ...limits, budget: Math.min(limits.budget ?? due, due) });
      timeline.ran();
      return taken;
    });
    return this.#explain(stop);
  }

  /** Steps one by one until the next instruction is where it should be, or something stops it on the way. */
  async #stepping(isThere: (pc: bigint) => boolean): Promise<TargetStop> {
    const { cpu, breakpoints, timeline } = this.#options;
    let found: TargetStop | undefined;
    const look = (): TargetStop | undefined => {
      const pc = cpu.linearInstructionPointer();
      const type = breakpoints.typeAt(pc);
      if (type !== undefined) return { kind: 'breakpoint', type };
      return isThere(pc) ? { kind: 'signal', signal: Signal.Trap } : undefined;
    };
    const stop = await this.#options.pace((limits) => {
      const most = Math.min(limits.budget ?? STEPS_IN_SLICE, STEPS_IN_SLICE);
      for (let count = 0; count < most; count++) {
        if (this.#interrupted) return this.#now('requested');
        timeline.advance();
        const taken = this.#oneStep(limits);
        if (taken.reason !== 'budget') return taken;
        found = look();
        if (found !== undefined) return this.#now('requested');
      }
      return this.#now('budget');
    });
    return found ?? this.#explain(stop);
  }

  /** Runs until a thread is the running one and about to go on where it was left. Undefined when it is. */
  async #runToThread(thread: number): Promise<TargetStop | undefined> {
    const { machine, threads } = this.#options;
    const saved = threads.saved(thread);
    if (saved === 'running' || saved.rip === undefined) return undefined;
    let arrived = false;
    const remove = machine.breakpoints.add(saved.rip, () => {
      arrived = threads.current() === thread;
      return arrived ? 'stop' : 'continue';
    });
    try {
      const stop = await this.#continue();
      return arrived ? undefined : stop;
    } finally {
      remove();
    }
  }

  #now(reason: 'requested' | 'budget'): MachineStop {
    const { machine } = this.#options;
    return { reason, position: machine.position, time: machine.guestTime };
  }

  #standing(): TargetStop {
    return { kind: 'signal', signal: Signal.Trap };
  }

  #explain(stop: MachineStop): TargetStop {
    const { cpu, breakpoints } = this.#options;
    switch (stop.reason) {
      case 'breakpoint': {
        const type = breakpoints.typeAt(cpu.linearInstructionPointer());
        return type === undefined ? this.#standing() : { kind: 'breakpoint', type };
      }
      case 'watchpoint':
        return this.#options.watch.takeStop() ?? this.#standing();
      case 'requested':
        return this.#interrupted ? { kind: 'signal', signal: Signal.Interrupt } : { kind: 'ended', stop };
      // The dead can be looked at first, and gone back from.
      case 'panic':
        return this.#showFirst(stop, Signal.Abort);
      case 'shutdown':
        return this.#showFirst(stop, Signal.SegmentationFault);
      default:
        return { kind: 'ended', stop };
    }
  }

  #showFirst(stop: MachineStop, signal: number): TargetStop {
    if (this.#shown === stop.reason) return { kind: 'ended', stop };
    this.#shown = stop.reason;
    return { kind: 'signal', signal };
  }
}
