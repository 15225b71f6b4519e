import type { MachineStop, RunOptions } from '../../machine/index.ts';
import type { Machine } from '../../puffer-machine.ts';
import { awaitedInput } from '../awaited-input.ts';

/** Something that is done to the machine at a position, between two steps. */
interface Appointment {
  readonly position: number;
  readonly act: () => void;
}

/**
 * Lets tests change the machine in the middle of a run. What observers ask for is done before the instruction that they were asked
 * about, what is due at a position before the step there; the run then goes on. Each change goes through the input log.
 */
export class Injector {
  readonly #machine: Machine;
  #asked: (() => void)[] = [];
  #appointments: Appointment[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** For an observer of a breakpoint, which must then answer 'stop': done before the instruction. */
  now(act: () => void): void {
    this.#asked.push(act);
  }

  /** Done when a position is reached. */
  at(position: number, act: () => void): void {
    this.#appointments.push({ position, act });
    this.#appointments.sort((one, other) => one.position - other.position);
  }

  /** Forgets what has not been done. */
  clear(): void {
    this.#asked = [];
    this.#appointments = [];
  }

  /**
   * Runs the machine as `machine.core.run` does, with what is to be done on the way. `isDone`: an observer wanted the stop for itself.
   * Ends with 'idle' when the guest waits for input and nothing else can happen (`awaitedInput`).
   */
  run(options: RunOptions, isDone: () => boolean): MachineStop {
    const { core } = this.#machine;
    const { budget, ...limits } = options;
    const end = Math.min(
      options.untilPosition ?? Number.MAX_SAFE_INTEGER,
      budget === undefined ? Number.MAX_SAFE_INTEGER : core.position + budget,
    );
    for (;;) {
      this.#keepAppointments();
      const next = this.#appointments[0]?.position ?? Number.MAX_SAFE_INTEGER;
      const stop = core.run({ ...limits, untilPosition: Math.min(end, next), pauseWhenIdle: true });
      const asked = this.#asked.splice(0);
      for (const act of asked) act();
      const goesOn =
        (stop.reason === 'idle' && this.#passIdleTime(stop.deadline)) ||
        (asked.length > 0 && stop.reason === 'breakpoint') ||
        (stop.reason === 'position' && stop.position < end);
      if (!goesOn || isDone()) return stop.reason === 'position' ? { ...stop, reason: 'budget' } : stop;
    }
  }

  /** Lets time pass to the deadline; false when that leads nowhere. */
  #passIdleTime(deadline: number | undefined): boolean {
    if (deadline === undefined) return false;
    const { core, kernel } = this.#machine;
    const nothingComes = core.console.drained && this.#appointments.length === 0;
    if (nothingComes && awaitedInput(kernel) !== undefined) return false;
    core.skipIdle(Math.max(0, deadline - core.guestTime));
    return true;
  }

  #keepAppointments(): void {
    const { position } = this.#machine;
    while ((this.#appointments[0]?.position ?? Number.MAX_SAFE_INTEGER) <= position) {
      this.#appointments.shift()?.act();
    }
  }
}

const injectors = new WeakMap<Machine, Injector>();

/** The injector of a machine. */
export function injectorOf(machine: Machine): Injector {
  let injector = injectors.get(machine);
  if (injector === undefined) {
    injector = new Injector(machine);
    injectors.set(machine, injector);
  }
  return injector;
}
