import type { FunctionValues, KernelEvent } from '../events.ts';
import type { ThreadIdentity } from '../kernel.ts';
import type { CodePlace } from '../kernel-image.ts';
import {
  type Fact,
  FORK_REPORT_SCHEMA,
  FORK_REPORT_VERSION,
  type ForkOutcome,
  type ForkReport,
  type ForkRole,
  type ForkStep,
} from './report.ts';

/** A step that may still learn something. */
export interface GrowingStep extends Omit<ForkStep, 'facts'> {
  /** What its own probe says; said again when the function has returned. */
  said: readonly Fact[];
  /** What other events have added. */
  readonly learned: Fact[];
  readonly missing: string[];
}

/** A function that a thread is in. */
interface OpenCall {
  readonly values: FunctionValues;
  readonly step: GrowingStep;
}

/** A fork that is being recorded: where parent and child are, and the steps so far. */
export class OpenFork {
  readonly call: string;
  readonly parent: ThreadIdentity | undefined;
  child: ThreadIdentity | undefined;
  /** Known before the rest of the child's identity. */
  childPid: number | undefined;
  /** The child's struct proc, once thread_new() has made it. */
  childProc: bigint | undefined;
  /** The parent is inside the call; and the child not yet in user mode. */
  parentInside = true;
  childInside = true;
  fork1: FunctionValues | undefined;
  readonly #steps: GrowingStep[] = [];
  readonly #calls: Record<ForkRole, OpenCall[]> = { parent: [], child: [], other: [] };

  constructor(call: string, parent: ThreadIdentity | undefined) {
    this.call = call;
    this.parent = parent;
  }

  /** Adds a step at the event's position. */
  note(
    event: KernelEvent,
    role: ForkRole,
    step: { kind?: ForkStep['kind']; name: string; place?: CodePlace | undefined; position?: number },
    facts: readonly Fact[],
  ): GrowingStep {
    const grown: GrowingStep = {
      kind: step.kind ?? 'enter',
      name: step.name,
      file: step.place?.file,
      line: step.place?.line,
      position: step.position ?? event.position,
      role,
      depth: this.#calls[role].length,
      said: facts,
      learned: [],
      missing: [...(event.missing ?? [])],
    };
    this.#steps.push(grown);
    return grown;
  }

  /** A function was entered. */
  enter(event: KernelEvent & FunctionValues, role: ForkRole, facts: readonly Fact[], returns: boolean): void {
    const { address, file, line, function: name } = event;
    const place: CodePlace = { address, function: name, offset: 0, file, line };
    const step = this.note(event, role, { name, place }, facts);
    if (returns) this.#calls[role].push({ values: event, step });
  }

  /** A function has returned: its entry, and the step of it. Calls inside that never returned are over too. */
  leave(role: ForkRole, name: string): OpenCall | undefined {
    const calls = this.#calls[role];
    const index = calls.findLastIndex(({ values }) => values.function === name);
    return index < 0 ? undefined : calls.splice(index)[0];
  }

  /** Adds facts to the latest step of a function; a step of their own when there is none. */
  learn(
    event: KernelEvent,
    role: ForkRole,
    name: string,
    place: CodePlace | undefined,
    facts: readonly Fact[],
  ): void {
    const step = this.#steps.findLast((one) => one.name === name && one.role === role);
    if (step === undefined) {
      this.note(event, role, { name, place }, facts);
      return;
    }
    step.learned.push(...facts);
    for (const text of event.missing ?? []) if (!step.missing.includes(text)) step.missing.push(text);
  }

  /** Whether a function has been seen. */
  saw(name: string): boolean {
    return this.#steps.some((step) => step.name === name);
  }

  report(outcome: ForkOutcome, missing: readonly string[]): ForkReport {
    // execve(2) is noted when it is over, at the position where it began.
    const ordered = this.#steps.toSorted((a, b) => a.position - b.position);
    const steps = ordered.map(({ said, learned, missing: unread, ...step }) => ({
      ...step,
      facts: [...said, ...learned],
      missing: [...unread],
    }));
    return {
      schema: FORK_REPORT_SCHEMA,
      version: FORK_REPORT_VERSION,
      outcome,
      call: this.call,
      parent: this.parent,
      child: this.child,
      childPid: this.child?.pid ?? this.childPid,
      firstPosition: steps[0]?.position ?? 0,
      lastPosition: steps.at(-1)?.position ?? 0,
      steps,
      missing,
    };
  }
}
