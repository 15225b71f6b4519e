import { attempt } from '../debug/programs/programs.ts';
import type { EventName, EventOf } from '../kernel/index.ts';
import type { MachineStop } from '../machine/index.ts';
import type { Machine } from '../puffer-machine.ts';
import { awaitedInput } from './awaited-input.ts';
import { GuestTestError } from './errors.ts';
import { placeName } from './failure/code-place.ts';
import { injectorOf } from './faults/injector.ts';
import { placeOf } from './places.ts';

/** Steps that the guest may take on its way before it counts as lost. */
export const STEP_BUDGET = 500_000_000;
const RETURN_ADDRESS_SIZE = 8n;

/** How a run to a place may be narrowed. */
export interface RunToOptions {
  /** Whether an arrival counts. */
  readonly when?: (() => boolean) | undefined;
  /** Steps after which it counts as lost. */
  readonly budget?: number | undefined;
  /** Once the console has printed this, the place will not be reached any more. */
  readonly unlessText?: string | undefined;
}

/** How a run ended that did not come to where it was to: with who waits for input, if that is why. */
export function endOf(machine: Machine, stop: MachineStop): string {
  const waiting = stop.reason === 'idle' ? awaitedInput(machine.kernel) : undefined;
  const why = waiting === undefined ? stop.reason : `the guest waits for input: ${waiting.join(', ')},`;
  // What is awaited itself does not stop the guest here: it was another that did, which had what it waited for.
  if (stop.reason === 'breakpoint')
    return `the system call that was begun returned, at position ${stop.position}`;
  const where = stop.reason === 'budget' ? `, in ${whereItRuns(machine)}` : '';
  return `${why} at position ${stop.position}${where}`;
}

/** What the processor executes, and for whom. */
function whereItRuns(machine: Machine): string {
  const place = placeName(machine.image, machine.register('rip'));
  const thread = attempt(() => machine.kernel.currentIdentity());
  return thread === undefined ? place : `${place}, ${thread.comm} (${thread.pid})`;
}

/**
 * Runs until the next instruction is the one at a symbol or linear address. A place that is reached already is left first.
 * Throws GuestTestError 'not-reached', 'bad-expectation' for a symbol that is not there.
 */
export function runTo(machine: Machine, place: string | bigint, options: RunToOptions = {}): void {
  const address = placeOf(machine.image, place);
  let reached = false;
  let arrivals = 0;
  const detach = machine.core.breakpoints.add(address, () => {
    arrivals++;
    reached = options.when?.() ?? true;
    return reached ? 'stop' : 'continue';
  });
  let stop: MachineStop;
  try {
    stop = injectorOf(machine).run(
      { budget: options.budget ?? STEP_BUDGET, untilText: options.unlessText },
      () => reached,
    );
  } finally {
    detach();
  }
  if (!reached) {
    const name = typeof place === 'string' ? place : `0x${place.toString(16)}`;
    const what =
      arrivals === 0
        ? `the guest did not come to ${name}`
        : `the guest came to ${name} (times: ${arrivals}), but \`when\` never held there`;
    throw new GuestTestError('not-reached', `${what}: ${endOf(machine, stop)}`);
  }
}

/** Runs until an event for which `when` holds, and returns it. Throws GuestTestError 'not-reached', KernelError 'no-symbol'. */
export function runToEvent<N extends EventName>(
  machine: Machine,
  name: N,
  options: {
    readonly when?: ((event: EventOf<N>) => boolean) | undefined;
    readonly unlessText?: string | undefined;
  } = {},
): EventOf<N> {
  let found: EventOf<N> | undefined;
  const detach = machine.on(name, (event) => {
    if (found !== undefined || options.when?.(event) === false) return;
    found = event;
    machine.core.requestStop();
  });
  let stop: MachineStop;
  try {
    stop = injectorOf(machine).run(
      { budget: STEP_BUDGET, untilText: options.unlessText },
      () => found !== undefined,
    );
  } finally {
    detach();
  }
  if (found !== undefined) return found;
  throw new GuestTestError('not-reached', `no ${name} came: ${endOf(machine, stop)}`);
}

/**
 * At the first instruction of a function: runs until this call has returned, before the caller's next instruction.
 * Returns rax. Throws GuestTestError 'not-reached'.
 */
export function runToReturn(machine: Machine, budget?: number): bigint {
  const stackPointer = machine.register('rsp');
  const thread = runningThread(machine);
  const returned = (): boolean =>
    machine.register('rsp') === stackPointer + RETURN_ADDRESS_SIZE && runningThread(machine) === thread;
  runTo(machine, machine.kernel.memory.word(stackPointer), { when: returned, budget });
  return machine.register('rax');
}

/** undefined where the kernel's threads cannot be told apart. */
function runningThread({ kernel }: Machine): bigint | undefined {
  return attempt(() => kernel.currentThread()?.address);
}
