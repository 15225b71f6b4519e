import {
  FunctionTrace,
  globPattern,
  type TraceCall,
  type TraceLeave,
  type TraceVisitor,
} from '../../debug/trace/index.ts';
import { errorName } from '../../kernel/index.ts';
import type { Machine } from '../../puffer-machine.ts';
import { runLengths } from './run-lengths.ts';

/** A call on the way of a system call. */
interface Step {
  readonly position: number;
  readonly title: string;
  readonly steps: Step[];
}

/** What a golden path leaves out. */
export interface PathOptions {
  /** Globs of functions that are not on the path, with what they call; those that `LEFT_OUT` names if not given. */
  readonly leaveOut?: readonly string[] | undefined;
}

/**
 * What would only hide the path: the interrupt level and the kernel's locks, with what waited for them, and moving bytes.
 */
export const LEFT_OUT: readonly string[] = [
  ...['spl*', '_kernel_*lock', '_sched_*lock', 'mem*', 'str*', 'bcopy', 'bzero', 'bcmp'],
  // Whether a pool has a page left tells more of what ran before.
  'pool_grow',
];

/** A path of a system call. */
export interface SystemCallPath {
  /** Steps since power-on, when it begins. */
  readonly position: number;
  readonly text: string;
}

const INDENT = '  ';
const SYSTEM_CALL_FUNCTION = /^sys_/;
const FAILED = '-1';

/**
 * Runs an action, and returns the path of each system call of a name that it makes: the tree of the kernel's functions, a line a call. What repeats itself stands once, with how often. Interrupts come when they do, so they are not on it;
 * page faults are.
 */
export function systemCallPaths(
  machine: Machine,
  name: string,
  action: () => unknown,
  { leaveOut = LEFT_OUT }: PathOptions = {},
): SystemCallPath[] {
  const recorder = new PathRecorder(name, leaveOut.map(globPattern));
  const { kernel, tracer } = machine;
  const trace = new FunctionTrace({ kernel, tracer, visitor: recorder, functions: ['*'] });
  try {
    action();
  } finally {
    trace.end();
  }
  return recorder.paths.map((path) => ({ position: path.position, text: linesOf([path], '').join('\n') }));
}

class PathRecorder implements TraceVisitor {
  readonly paths: Step[] = [];
  readonly #name: string;
  readonly #leftOut: readonly RegExp[];
  readonly #open = new Map<TraceCall, Step | undefined>();

  constructor(name: string, leftOut: readonly RegExp[]) {
    this.#name = name;
    this.#leftOut = leftOut;
  }

  enter(call: TraceCall): void {
    this.#open.set(call, this.#begin(call));
  }

  /** A step, where the call is on the path. */
  #begin(call: TraceCall): Step | undefined {
    const { kind, name, parent, position } = call;
    if (kind === 'systemCall' && parent === undefined) {
      if (name !== this.#name) return undefined;
      const path: Step = { position, title: '', steps: [] };
      this.paths.push(path);
      return path;
    }
    const above = parent && this.#open.get(parent);
    const isLeftOut = kind === 'interrupt' || this.#leftOut.some((pattern) => pattern.test(name));
    if (above === undefined || isLeftOut) return undefined;
    const step: Step = { position, title: kind === 'exception' ? `*${name}*` : name, steps: [] };
    above.steps.push(step);
    return step;
  }

  leave(call: TraceCall, leave: TraceLeave): void {
    const step = this.#open.get(call);
    this.#open.delete(call);
    if (step !== undefined) (step as { title: string }).title = titleOf(call, leave);
  }

  switched(): void {}
  event(): void {}
  counters(): void {}
  end(): void {}
}

/** A call's name, with the error that it ends with. Other results are numbers of this run. */
function titleOf({ kind, name }: TraceCall, { how, result }: TraceLeave): string {
  if (kind === 'exception') return `*${name}*`;
  if (how !== 'returned') return `${kind === 'systemCall' ? `SYS_${name}` : name} (does not return)`;
  if (kind === 'systemCall') {
    const isError = result !== undefined && result.text !== String(result.value);
    return `SYS_${name}${isError ? ` = ${result.text}` : ''}`;
  }
  const error = SYSTEM_CALL_FUNCTION.test(name) && result !== undefined ? Number(result.value) : 0;
  return error === 0 || result?.text === FAILED ? name : `${name} = ${errorName(error) ?? error}`;
}

function linesOf(steps: readonly Step[], indent: string): string[] {
  const blocks = steps.map(({ title, steps: inner }) =>
    [`${indent}${title}`, ...linesOf(inner, indent + INDENT)].join('\n'),
  );
  return runLengths(blocks).flatMap(({ items, times }) => {
    if (times === 1) return items;
    const [only = ''] = items;
    if (items.length === 1 && !only.includes('\n')) return [`${only} × ${times}`];
    const shifted = items.map((item) => item.replace(/^/gm, INDENT));
    return [`${indent}${times} ×`, ...shifted];
  });
}
