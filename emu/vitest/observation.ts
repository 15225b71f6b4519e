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

/** By guest: what no matcher has judged yet. */
const unjudged = new WeakMap<Observed, Map<Observation, GuestTestError>>();

/** A test begins: what the one before left behind is not its own. */
export function forgetObservations(guest: Observed): void {
  unjudged.delete(guest);
}

/** Throws GuestTestError 'bad-expectation' for what a test has said the guest is to do, and has given to no matcher. */
export function requireJudged(guest: Observed): void {
  for (const error of unjudged.get(guest)?.values() ?? []) throw error;
}

/**
 * Something that a guest is to do, with the guest it is done in. Each matcher runs it anew, from where the guest then is, with the
 * probes it needs: the same run, step by step, as without.
 */
export class Observation {
  readonly guest: Observed;
  readonly #action: () => unknown;
  #stretch: Stretch | undefined;

  constructor(guest: Observed, action: () => unknown) {
    this.guest = guest;
    this.#action = action;
    let ofGuest = unjudged.get(guest);
    if (ofGuest === undefined) {
      ofGuest = new Map();
      unjudged.set(guest, ofGuest);
    }
    // Made here, so that its stack names the line.
    const error =
      'no matcher was given this during(…), so its action has not run: expect(… .during(…)).toReach(…)';
    ofGuest.set(this, new GuestTestError('bad-expectation', error));
  }

  get machine(): Machine {
    return this.guest.machine;
  }

  /** What ran. Throws GuestTestError 'bad-expectation' before `run`. */
  get stretch(): Stretch {
    if (this.#stretch === undefined) throw new GuestTestError('bad-expectation', 'the action has not run');
    return this.#stretch;
  }

  /** A matcher judges it. */
  noteJudged(): void {
    unjudged.get(this.guest)?.delete(this);
  }

  /** Runs the action; an error of it that is forgiven is its end. Throws GuestTestError 'bad-expectation' when it returns a promise. */
  run(options: { readonly forgives?: (error: unknown) => boolean } = {}): void {
    this.noteJudged();
    const { guest, machine } = this;
    const beginning = guest.beginning();
    const began = machine.position;
    guest.noteAction();
    try {
      requireDone(this.#action());
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

/** A promise is kept after the matcher has judged. */
function requireDone(returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  // This error is the one to be told.
  returned.catch(() => undefined);
  throw new GuestTestError(
    'bad-expectation',
    'the action of during(…) returns a promise, which no matcher waits for: the guest runs without await',
  );
}
