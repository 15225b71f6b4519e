import type { EventName, EventOf } from '../kernel/index.ts';
import type { Machine } from '../puffer-machine.ts';
import { GuestTestError } from './errors.ts';
import type { Stretch } from './failure/context.ts';
import type { Observed } from './observed.ts';
import { placeOf } from './places.ts';

/** A call that a matcher saw. */
export interface ObservedCall {
  readonly function: string;
  /** Steps since power-on. */
  readonly position: number;
}

/** A system call that a matcher saw come to its end. */
export interface ObservedSystemCall {
  readonly name: string;
  /** 0, an errno, or an internal code below 0. */
  readonly error: number;
  readonly position: number;
}

/**
 * Something that a guest is to do, with the guest it is done in. A matcher runs it once, with the probes it needs: the same run,
 * step by step, as without.
 */
export class Observation {
  readonly guest: Observed;
  readonly #action: () => unknown;
  #stretch: Stretch | undefined;

  constructor(guest: Observed, action: () => unknown) {
    this.guest = guest;
    this.#action = action;
  }

  get machine(): Machine {
    return this.guest.machine;
  }

  /** What ran. Throws GuestTestError 'bad-expectation' before `run`. */
  get stretch(): Stretch {
    if (this.#stretch === undefined) throw new GuestTestError('bad-expectation', 'the action has not run');
    return this.#stretch;
  }

  /** Runs the action; an error of it that is forgiven is its end. */
  run(options: { readonly forgives?: (error: unknown) => boolean } = {}): void {
    const { guest, machine } = this;
    const beginning = guest.beginning();
    const began = machine.position;
    guest.noteAction();
    try {
      this.#action();
    } catch (error) {
      if (options.forgives?.(error) !== true) throw error;
    }
    // When the action brought the scratch process on, the guest may have been put to another moment.
    const isNew = guest.origin !== undefined && guest.origin !== beginning.snapshot;
    this.#stretch = {
      guest,
      beginning: isNew ? guest.beginning() : beginning,
      began: Math.max(isNew ? guest.beginning().snapshot.position : began, this.#scratchBegan(began)),
      ended: machine.position,
    };
  }

  /** Where the action's own life begins: what brought the scratch process on meanwhile is not of interest. */
  #scratchBegan(began: number): number {
    return Math.max(began, this.guest.scratchSince ?? began);
  }

  /** Runs the action and returns the calls of some functions, in order. Throws KernelError 'no-symbol'. */
  calls(functions: readonly string[]): ObservedCall[] {
    const calls: ObservedCall[] = [];
    const detach = functions.map((name) =>
      this.machine.tracer.probes.at(placeOf(this.machine.image, name), () => {
        calls.push({ function: name, position: this.machine.position });
      }),
    );
    try {
      this.run();
    } finally {
      for (const one of detach) one();
    }
    return calls;
  }

  /** Runs the action and returns the events of a name that came meanwhile, in order. */
  events<N extends EventName>(name: N): EventOf<N>[] {
    const events: EventOf<N>[] = [];
    const detach = this.machine.on(name, (event) => events.push(event));
    try {
      this.run();
    } finally {
      detach();
    }
    return events;
  }

  /** Runs the action and returns the system calls that ended meanwhile, in order. */
  systemCalls(): ObservedSystemCall[] {
    return this.events('raw_syscalls:sys_exit').map((event) => ({
      name: event.systemCall ?? String(event.number),
      error: event.error,
      position: event.position,
    }));
  }
}
