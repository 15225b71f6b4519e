import {
  EVENT_NAMES,
  type EventName,
  KERNEL_HALF,
  type Kernel,
  type KernelTracer,
} from '../../kernel/index.ts';
import type { Programs } from '../programs/programs.ts';
import { CallTree, SWITCH_FUNCTION } from './call-tree.ts';
import {
  chooseFunctions,
  DEFAULT_FUNCTIONS,
  globPattern,
  kernelFunctions,
  type TracedFunction,
} from './functions.ts';
import type { TraceVisitor } from './items.ts';
import { Recording } from './recording.ts';
import { Signatures } from './signatures.ts';
import { chooseUserFunctions, isUserGlob, UserFunctions } from './user-functions.ts';

export interface FunctionTraceOptions {
  readonly kernel: Kernel;
  readonly tracer: KernelTracer;
  readonly visitor: TraceVisitor;
  /** Globs of functions, `prog:ksh:*` for those of a user program; if not given, those of `DEFAULT_FUNCTIONS` and all system calls. */
  readonly functions?: readonly string[] | undefined;
  /** Where user programs are found. */
  readonly programs?: Programs | undefined;
  /** Functions that the visitor needs, and gets where this kernel has them. */
  readonly also?: readonly string[] | undefined;
  /** Events of the kernel. */
  readonly events?: readonly EventName[] | undefined;
  /** How many calls deep. */
  readonly depth?: number | undefined;
}

/**
 * Follows the kernel's calls from the moment it is made: which function called which, with arguments and results, on which thread. It
 * changes nothing in the machine: a run that is traced is the same, step by step, as one that is not.
 */
export class FunctionTrace {
  readonly #options: FunctionTraceOptions;
  readonly #recording: Recording;
  readonly #tree: CallTree;

  /** Begins to trace. Throws TraceError 'unknown-function' and 'no-log'. */
  constructor(options: FunctionTraceOptions) {
    this.#options = options;
    const { kernel, tracer, visitor, depth } = options;
    const all = kernelFunctions(kernel.image);
    const globs = options.functions ?? present(DEFAULT_FUNCTIONS, all);
    const kernelGlobs = globs.filter((glob) => !isUserGlob(glob));
    const shown = new Set<TracedFunction>([
      ...chooseFunctions(all, [...kernelGlobs, ...present(options.also ?? [], all)]),
      ...chooseUserFunctions(options.programs, globs.filter(isUserGlob)),
    ]);
    const ofKernel = all.filter((one) => shown.has(one) || one.name === SWITCH_FUNCTION);
    const functions = [...ofKernel, ...[...shown].filter(({ program }) => program !== undefined)];
    const isShown = functions.map((one) => shown.has(one));
    const signatures = new Signatures(kernel, options.programs);
    const userFunctions = options.programs && new UserFunctions(kernel, options.programs, functions);
    const { events } = options;
    this.#recording = new Recording({ kernel, tracer, functions, userFunctions, signatures, events });
    this.#tree = new CallTree({
      visitor,
      functions,
      signatures,
      systemCallName: (number) => kernel.systemCallName(number) ?? `system call ${number}`,
      isShown: (index) => isShown[index] === true,
      allSystemCalls: options.functions === undefined || options.functions.includes('*'),
      depth,
      lowStacks: all.every(({ address }) => address < KERNEL_HALF),
    });
  }

  /** Hands what has happened so far to the visitor. To be called between two runs. */
  flush(): void {
    for (const piece of this.#recording.take()) this.#tree.take(piece);
  }

  /** Ends the trace. */
  end(): void {
    const { machine } = this.#options.kernel;
    this.flush();
    this.#recording.end();
    this.#tree.end({ position: machine.position, time: machine.guestTime });
  }
}

/** Those globs that name something in this kernel. */
function present(globs: readonly string[], functions: readonly { readonly name: string }[]): string[] {
  return globs.filter((glob) => {
    const pattern = globPattern(glob);
    return functions.some(({ name }) => pattern.test(name));
  });
}

/** The events that globs name; undefined for a glob that names none. */
export function chooseEvents(glob: string): EventName[] | undefined {
  const pattern = globPattern(glob);
  const found = EVENT_NAMES.filter((name) => pattern.test(name));
  return found.length === 0 ? undefined : found;
}
