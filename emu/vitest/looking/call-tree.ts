import {
  FunctionTrace,
  type TraceCall,
  type TraceCallKind,
  type TraceVisitor,
  threadName,
} from '../../debug/trace/index.ts';
import type { Machine } from '../../puffer-machine.ts';
import { callback, checkArgument, checkOptions, listOf, text, wholeNumber } from '../checks.ts';

/** A call that was traced, with the calls it made. */
export interface TracedCall {
  readonly kind: TraceCallKind;
  /** The function, the system call without `SYS_`, or what was delivered. */
  readonly name: string;
  /** `ksh (74130)`. */
  readonly thread: string;
  /** Steps since power-on. */
  readonly position: number;
  /** By name, as registers had them. */
  readonly arguments: Readonly<Record<string, bigint>>;
  /** What it returned; undefined when it did not, or returns nothing. */
  readonly result: bigint | undefined;
  /** Steps that its thread took in it. */
  readonly steps: number;
  readonly returned: boolean;
  readonly calls: readonly TracedCall[];
}

/** A call in progress: the same, still being written. */
interface OpenNode extends Omit<TracedCall, 'result' | 'steps' | 'returned' | 'calls'> {
  result: bigint | undefined;
  steps: number;
  returned: boolean;
  readonly calls: OpenNode[];
}

/** Which functions are traced. */
export interface TraceChoice {
  /** Globs of functions: `['fork*', 'uvm_*']`; if not given, those on the way of a fork, and all system calls. */
  readonly functions?: readonly string[] | undefined;
  /** How many calls deep. */
  readonly depth?: number | undefined;
}

/** What was called while something ran. */
export class CallTree {
  /** The outermost calls, in the order of time. */
  readonly calls: readonly TracedCall[];

  constructor(calls: readonly TracedCall[]) {
    this.calls = calls;
  }

  /** All calls, each before those that it made. */
  *[Symbol.iterator](): Generator<TracedCall, void, undefined> {
    const rest = [...this.calls].reverse();
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      yield next;
      rest.push(...[...next.calls].reverse());
    }
  }

  /** The calls of a function or system call, in the order of time. */
  of(name: string): TracedCall[] {
    return [...this].filter((call) => call.name === name);
  }

  /** One line a call, indented: for people, and for comparing. */
  toString(): string {
    const lines = (calls: readonly TracedCall[], indent: string): string[] =>
      calls.flatMap((call) => [`${indent}${title(call)}`, ...lines(call.calls, `${indent}  `)]);
    return lines(this.calls, '').join('\n');
  }
}

function title({ kind, name, result, returned }: TracedCall): string {
  const called = kind === 'systemCall' ? `SYS_${name}` : kind === 'function' ? name : `*${name}*`;
  if (!returned) return `${called} (did not return)`;
  return result === undefined ? called : `${called} = ${BigInt.asIntN(64, result)}`;
}

/** Runs an action and keeps the calls that the kernel made meanwhile. The run is the same, step by step, as without. */
export function traceCalls(machine: Machine, action: () => unknown, choice: TraceChoice = {}): CallTree {
  checkArgument('trace', action, callback);
  checkOptions('trace', choice, { functions: listOf(text), depth: wholeNumber(1) });
  const calls: OpenNode[] = [];
  const open = new Map<TraceCall, OpenNode>();
  const visitor: TraceVisitor = {
    enter(call) {
      const node: OpenNode = {
        kind: call.kind,
        name: call.name,
        thread: threadName(call.thread),
        position: call.position,
        arguments: Object.fromEntries(call.arguments.map(({ name, value }) => [name, value])),
        result: undefined,
        steps: 0,
        returned: false,
        calls: [],
      };
      open.set(call, node);
      const parent = call.parent === undefined ? undefined : open.get(call.parent);
      (parent?.calls ?? calls).push(node);
    },
    leave(call, { result, steps, how }) {
      const node = open.get(call);
      if (node === undefined) return;
      node.result = result?.value;
      node.steps = steps;
      node.returned = how === 'returned';
    },
    switched() {},
    event() {},
    counters() {},
    end() {},
  };
  const trace = new FunctionTrace({ kernel: machine.kernel, tracer: machine.tracer, visitor, ...choice });
  try {
    action();
  } finally {
    trace.end();
  }
  return new CallTree(calls);
}
