import type { ArgumentContext, Resource } from './arguments.ts';
import { CALLS, type CallDescription, USUAL_WEIGHT } from './calls/index.ts';
import { FAULTS } from './fault.ts';
import {
  allCalls,
  type FuzzArgument,
  type FuzzCall,
  type FuzzFault,
  type FuzzInterrupt,
  type FuzzProgram,
  INTERRUPT_SOURCES,
} from './program.ts';
import type { Random } from './random.ts';

/** The most calls that a program is made with. */
export const LONGEST = 30;
const LONGEST_CHILD = 5;
const DEEPEST = 3;
const UNPRIVILEGED = 1000;
/** Interrupts come before step 2^7 to 2^15 of a call: a short one has some hundred, a fork twenty thousand. */
const SHORTEST_REACH = 7;
const LONGEST_REACH = 15;
const WEIGHTS = CALLS.map(({ weight }) => weight ?? USUAL_WEIGHT);
const BY_NAME = new Map(CALLS.map((one) => [one.name, one]));
/** Calls that end the process are no good in the middle of it. */
const ENDINGS: ReadonlySet<string> = new Set(['exit', '__threxit', 'execve']);

/** What earlier calls of a program return: for arguments of later ones. */
export class Results {
  readonly #known = new Map<Resource, FuzzArgument[]>();

  of(resource: Resource): readonly FuzzArgument[] {
    return this.#known.get(resource) ?? [];
  }

  /** Remembers what a call returns. */
  add({ id, name }: FuzzCall): void {
    const description = BY_NAME.get(name);
    if (description?.pipe === true) {
      this.#add('fd', { end: id, index: 0 });
      this.#add('fd', { end: id, index: 1 });
    }
    if (description?.result === undefined) return;
    this.#add(description.result, { result: id });
    if (description.result === 'kqueue') this.#add('fd', { result: id });
  }

  #add(resource: Resource, argument: FuzzArgument): void {
    const known = this.#known.get(resource);
    if (known === undefined) this.#known.set(resource, [argument]);
    else known.push(argument);
  }
}

/** The description of a call by its name; undefined for one that is not in the table. */
export function descriptionOf(name: string): CallDescription | undefined {
  return BY_NAME.get(name);
}

/** Makes programs up. */
export class Generator {
  readonly random: Random;
  #nextId = 1;

  constructor(random: Random) {
    this.random = random;
  }

  /** Ids from here on are new. */
  reserve(ids: Iterable<number>): void {
    for (const id of ids) this.#nextId = Math.max(this.#nextId, id + 1);
  }

  newId(): number {
    return this.#nextId++;
  }

  program(): FuzzProgram {
    this.#nextId = 1;
    const results = new Results();
    const calls = this.#calls(1 + this.random.below(LONGEST), results, 0);
    const fault = this.random.oneIn(6) ? this.fault() : undefined;
    const interrupt = this.random.oneIn(2) ? this.interrupt(calls) : undefined;
    return {
      session: this.random.oneIn(2),
      user: this.random.oneIn(3) ? UNPRIVILEGED : 0,
      calls,
      ...(fault !== undefined && { fault }),
      ...(interrupt !== undefined && { interrupt }),
    };
  }

  /** A call with arguments that fit what there is. */
  call(results: Results, depth: number): FuzzCall {
    let description: CallDescription;
    do description = CALLS[this.random.weighted(WEIGHTS)] as CallDescription;
    while (ENDINGS.has(description.name) && !this.random.oneIn(3));
    if (description.child === true && depth >= DEEPEST) description = BY_NAME.get('getpid') ?? description;
    return this.callOf(description, results, depth);
  }

  /** A call of a kind. */
  callOf(description: CallDescription, results: Results, depth: number): FuzzCall {
    const id = this.newId();
    const context: ArgumentContext = { random: this.random, results: (resource) => results.of(resource) };
    const call: FuzzCall = {
      id,
      name: description.name,
      arguments: description.arguments.map((type) => type(context)),
      ...(description.child === true && {
        child: this.#child(results, depth + 1),
      }),
    };
    results.add(call);
    return call;
  }

  fault(): FuzzFault {
    const { function: name, value, most } = this.random.pick(FAULTS);
    return { function: name, value, nth: 1 + this.random.below(most) };
  }

  /** An interrupt in one of the calls, likelier near its beginning than far from it; undefined when there is no call. */
  interrupt(calls: readonly FuzzCall[]): FuzzInterrupt | undefined {
    const all = allCalls(calls);
    if (all.length === 0) return undefined;
    const reaches = LONGEST_REACH - SHORTEST_REACH + 1;
    const magnitude = SHORTEST_REACH + Math.min(this.random.below(reaches), this.random.below(reaches));
    return {
      source: this.random.pick(INTERRUPT_SOURCES),
      call: this.random.pick(all).id,
      step: this.random.below(2 ** magnitude),
    };
  }

  /** What a child does; now and then it executes something in the end. */
  #child(results: Results, depth: number): FuzzCall[] {
    const calls = this.#calls(this.random.below(LONGEST_CHILD + 1), results, depth);
    const execve = BY_NAME.get('execve');
    if (execve !== undefined && this.random.oneIn(4)) calls.push(this.callOf(execve, results, depth));
    return calls;
  }

  #calls(count: number, results: Results, depth: number): FuzzCall[] {
    return Array.from({ length: count }, () => this.call(results, depth));
  }
}
