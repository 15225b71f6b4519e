import type { CallLogListener } from '../../cpu/call-log.ts';
import {
  type Detach,
  type EventName,
  type EventOf,
  type Kernel,
  KernelError,
  type KernelEvent,
  type KernelTracer,
  type ThreadIdentity,
} from '../../kernel/index.ts';
import { attempt } from '../programs/programs.ts';
import { TraceError } from './errors.ts';
import { findFunction, type TracedFunction } from './functions.ts';
import { entryOf } from './log-entry.ts';
import type { Signatures } from './signatures.ts';
import type { UserFunctions } from './user-functions.ts';

/** A piece of a recording. */
export type Piece =
  /** Who runs when it begins. */
  | {
      readonly kind: 'begin';
      readonly position: number;
      readonly time: number;
      readonly address: bigint;
      readonly identity: ThreadIdentity | undefined;
    }
  | {
      readonly kind: 'log';
      readonly words: Uint32Array;
      /** To be added to a logged position: steps since power-on, and guest ns. */
      readonly positionOffset: number;
      readonly timeOffset: number;
      /** Strings of arguments, by the word at which their entry begins. */
      readonly texts: ReadonlyMap<number, readonly (string | undefined)[]>;
    }
  | {
      readonly kind: 'switch';
      readonly position: number;
      readonly time: number;
      /** The struct proc that leaves, and the one that comes. */
      readonly from: bigint;
      readonly previous: ThreadIdentity | undefined;
      readonly address: bigint;
      readonly next: ThreadIdentity | undefined;
      readonly counters: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'event'; readonly event: KernelEvent }
  | { readonly kind: 'name'; readonly identity: ThreadIdentity };

export interface RecordingOptions {
  readonly kernel: Kernel;
  readonly tracer: KernelTracer;
  /** All that is logged, numbered by their places: the kernel's first, in the order of their addresses. */
  readonly functions: readonly TracedFunction[];
  /** Where those of user programs run, when there are any. */
  readonly userFunctions?: UserFunctions | undefined;
  readonly signatures: Signatures;
  /** Events of the kernel that are recorded too. */
  readonly events?: readonly EventName[] | undefined;
}

/** What is read for the counters, as paths from global variables. */
const COUNTERS: Readonly<Record<string, string>> = { processes: 'nprocesses', 'free pages': 'uvmexp.free' };
const RUNNABLE = 'ci_schedstate.spc_nrun';

/**
 * Records calls while the machine runs. Generated code writes them; here they are copied, with what must be read at once: strings, the
 * names of threads, counters. What it all means is worked out later (see `CallTree`), so that recording costs little.
 */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #detach: Detach[] = [];
  #pieces: Piece[] = [];
  #texts = new Map<number, readonly (string | undefined)[]>();
  /** Guest time less position, since the last piece of the log. */
  #timeOffset: number;

  /** Begins to record. Throws TraceError 'no-log' when the machine's processor keeps none. */
  constructor(options: RecordingOptions) {
    this.#options = options;
    const { kernel, tracer, functions, signatures } = options;
    const { machine } = kernel;
    const { processor } = machine;
    if (processor.logCalls === undefined) throw new TraceError('no-log', 'this processor logs no calls');
    this.#timeOffset = machine.guestTime - machine.position;
    const address = attempt(() => kernel.currentThread()?.address) ?? 0n;
    this.#pieces.push({
      kind: 'begin',
      position: machine.position,
      time: machine.guestTime,
      address,
      identity: attempt(() => kernel.currentIdentity()),
    });
    const kernelFunctions = functions.filter(({ program }) => program === undefined);
    const numbers = new Map(kernelFunctions.map(({ address }, index) => [address, index]));
    const { userFunctions } = options;
    const told = functions.map(({ name }) => signatures.ofFunction(name).hasText);
    processor.logCalls(
      {
        entryAt: (linear) => numbers.get(linear) ?? userFunctions?.entryAt(linear),
        returnAt: (linear) => findFunction(kernelFunctions, linear) ?? userFunctions?.returnAt(linear),
        tells: (index) => told[index] === true,
      },
      this.#listener,
    );
    this.#detach.push(() => processor.logCalls?.(undefined));
    try {
      this.#listen('sched:off__cpu', (event) => this.#switches(event));
      this.#listen('proc:exec', ({ thread }) => {
        if (thread !== undefined) this.#push({ kind: 'name', identity: thread });
      });
      for (const name of options.events ?? []) {
        this.#detach.push(tracer.listen(name, (event) => this.#push({ kind: 'event', event })));
      }
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** What has been recorded since the last time. */
  take(): readonly Piece[] {
    this.#options.kernel.machine.processor.readCallLog?.();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Records nothing more. What has not been taken can no longer be. */
  end(): void {
    for (const one of this.#detach.splice(0)) one();
  }

  readonly #listener: CallLogListener = {
    entries: (words) => {
      const { machine } = this.#options.kernel;
      if (words.length > 0) {
        this.#pieces.push({
          kind: 'log',
          words: words.slice(),
          positionOffset: machine.position - machine.processor.position,
          timeOffset: this.#timeOffset,
          texts: this.#texts,
        });
        if (this.#texts.size > 0) this.#texts = new Map();
      }
      this.#timeOffset = machine.guestTime - machine.position;
    },
    now: (words, at) => {
      const { functions, signatures } = this.#options;
      const entry = entryOf(words, at);
      if (entry.kind === 'systemCall') {
        const signature = signatures.ofSystemCall(entry.number);
        if (signature.hasText) this.#texts.set(at, signatures.readTexts(signature, entry.arguments));
      } else if (entry.kind === 'call') {
        const signature = signatures.ofFunction(functions[entry.function]?.name ?? '');
        if (signature.hasText) this.#texts.set(at, signatures.readTexts(signature, entry.arguments));
      }
    },
  };

  #switches({ from, to, thread, next, position, guestTime }: EventOf<'sched:off__cpu'>): void {
    const counters = this.#counters();
    const who = { from, previous: thread, address: to, next };
    this.#push({ kind: 'switch', position, time: guestTime, ...who, counters });
  }

  #counters(): Record<string, number> {
    const { kernel } = this.#options;
    const reading = new Map<string, () => number | undefined>();
    for (const [name, path] of Object.entries(COUNTERS)) {
      const [root = '', ...rest] = path.split('.');
      reading.set(name, () => {
        const variable = kernel.global(root);
        return rest.length === 0 ? variable.number() : variable.number(rest.join('.'));
      });
    }
    reading.set('runnable', () => kernel.cpuInfo()?.number(RUNNABLE));
    const counters: Record<string, number> = {};
    for (const [name, read] of reading) {
      const value = attempt(read);
      if (value !== undefined) counters[name] = value;
    }
    return counters;
  }

  #listen<N extends EventName>(name: N, listener: (event: EventOf<N>) => void): void {
    try {
      this.#detach.push(this.#options.tracer.on(name, listener));
    } catch (error) {
      // Another kernel has one thread for all that is known.
      if (!(error instanceof KernelError)) throw error;
    }
  }

  #push(piece: Piece): void {
    this.#options.kernel.machine.processor.readCallLog?.();
    this.#pieces.push(piece);
  }
}
