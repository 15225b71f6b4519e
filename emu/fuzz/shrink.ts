import { allCalls, type FuzzArgument, type FuzzCall, type FuzzProgram } from './program.ts';

/** Programs that are tried at most. */
const TRIALS = 1500;

/**
 * Makes a program as small as it can be while `fails` holds for it: calls go, then faults, interrupts, users and arguments. The outcome depends on
 * the program alone.
 */
export function shrink(program: FuzzProgram, fails: (candidate: FuzzProgram) => boolean): FuzzProgram {
  return new Shrinker(program, fails).shrink();
}

class Shrinker {
  readonly #fails: (candidate: FuzzProgram) => boolean;
  #best: FuzzProgram;
  #left = TRIALS;

  constructor(program: FuzzProgram, fails: (candidate: FuzzProgram) => boolean) {
    this.#best = program;
    this.#fails = fails;
  }

  shrink(): FuzzProgram {
    for (let size = -1; size !== sizeOf(this.#best) && this.#left > 0; ) {
      size = sizeOf(this.#best);
      this.#dropSettings();
      this.#dropCalls();
      this.#liftChildren();
      this.#simplifyArguments();
    }
    return this.#best;
  }

  #try(candidate: FuzzProgram): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    if (!this.#fails(candidate)) return false;
    this.#best = candidate;
    return true;
  }

  #dropSettings(): void {
    const { fault, ...rest } = this.#best;
    if (fault !== undefined) this.#try(rest);
    if (this.#best.user !== 0) this.#try({ ...this.#best, user: 0 });
    if (this.#best.session) this.#try({ ...this.#best, session: false });
    this.#dropInterrupt();
    for (let nth = 1; this.#best.fault !== undefined && nth < this.#best.fault.nth; nth++) {
      if (this.#try({ ...this.#best, fault: { ...this.#best.fault, nth } })) break;
    }
  }

  /** No interrupt, or an earlier one: at once, or ever less earlier. */
  #dropInterrupt(): void {
    const { interrupt, ...rest } = this.#best;
    if (interrupt === undefined || this.#try(rest)) return;
    for (let less = interrupt.step; less >= 1; less = Math.floor(less / 2)) {
      const step = (this.#best.interrupt?.step ?? 0) - less;
      if (step >= 0) this.#try({ ...this.#best, interrupt: { ...interrupt, step } });
    }
  }

  /** Halves, quarters, … and single calls go, children's calls with those who make them. */
  #dropCalls(): void {
    const count = allCalls(this.#best.calls).length;
    for (let stretch = 2 ** Math.floor(Math.log2(Math.max(1, count))); stretch >= 1; stretch /= 2) {
      for (let at = 0; at < allCalls(this.#best.calls).length; ) {
        const ids = new Set(
          allCalls(this.#best.calls)
            .slice(at, at + stretch)
            .map(({ id }) => id),
        );
        const calls = without(this.#best.calls, ids);
        if (calls.length === 0 || !this.#try({ ...this.#best, calls })) at += stretch;
      }
    }
  }

  /** A child's calls are made by its parent instead. */
  #liftChildren(): void {
    for (const { id } of allCalls(this.#best.calls)) {
      const calls = lifted(this.#best.calls, id);
      if (calls !== undefined) this.#try({ ...this.#best, calls });
    }
  }

  #simplifyArguments(): void {
    for (const { id } of allCalls(this.#best.calls)) {
      const count = allCalls(this.#best.calls).find((one) => one.id === id)?.arguments.length ?? 0;
      for (let position = 0; position < count; position++) {
        const before = allCalls(this.#best.calls).find((one) => one.id === id)?.arguments[position];
        for (const simple of simpler(before)) {
          if (this.#try({ ...this.#best, calls: replaced(this.#best.calls, id, position, simple) })) break;
        }
      }
    }
  }
}

/** What can still become less. */
function sizeOf(program: FuzzProgram): number {
  return JSON.stringify(program).length;
}

function without(calls: readonly FuzzCall[], ids: ReadonlySet<number>): FuzzCall[] {
  return calls
    .filter(({ id }) => !ids.has(id))
    .map((one) => (one.child === undefined ? one : { ...one, child: without(one.child, ids) }));
}

/** The list with the call of an id replaced by its child's calls; undefined when it has none. */
function lifted(calls: readonly FuzzCall[], id: number): FuzzCall[] | undefined {
  const index = calls.findIndex((one) => one.id === id);
  const one = calls[index];
  if (one !== undefined) {
    if (one.child === undefined || one.child.length === 0) return undefined;
    return [...calls.slice(0, index), ...one.child, ...calls.slice(index + 1)];
  }
  for (const [at, each] of calls.entries()) {
    const child = each.child && lifted(each.child, id);
    if (child !== undefined) return [...calls.slice(0, at), { ...each, child }, ...calls.slice(at + 1)];
  }
  return undefined;
}

function simpler(argument: FuzzArgument | undefined): FuzzArgument[] {
  if (argument === undefined || argument === 0) return [];
  if (typeof argument === 'number') return argument === 1 ? [0] : [0, 1];
  if (typeof argument === 'object' && 'bytes' in argument) {
    const zeros = { bytes: '00'.repeat(argument.bytes.length / 2) };
    if (argument.bytes === zeros.bytes) return [0];
    return argument.pointers === undefined ? [0, zeros] : [0, zeros, { bytes: argument.bytes }];
  }
  return [0];
}

function replaced(
  calls: readonly FuzzCall[],
  id: number,
  position: number,
  argument: FuzzArgument,
): FuzzCall[] {
  return calls.map((one) => {
    const child = one.child && { child: replaced(one.child, id, position, argument) };
    if (one.id !== id) return { ...one, ...child };
    const changed = [...one.arguments];
    changed[position] = argument;
    return { ...one, arguments: changed, ...child };
  });
}
