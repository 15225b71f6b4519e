import {
  EVENT_SCHEMA,
  EVENT_VERSION,
  type EventName,
  type EventOf,
  type EventValues,
  type KernelEvent,
} from './events.ts';
import type { TracedFunction } from './function-watch.ts';
import type { Kernel } from './kernel.ts';
import { type Detach, Probes } from './probes.ts';
import { Reading } from './reading.ts';
import { traceFunction } from './sources/function-trace.ts';
import { uareaAlloc, uvmFault } from './sources/memory.ts';
import { kernelPanic } from './sources/panic.ts';
import { childReturn, pcbCopy, processExec, processExit, processWait } from './sources/process.ts';
import { schedulerFork, schedulerOffCpu, schedulerOnCpu } from './sources/scheduler.ts';
import type { EventSource, SourceContext } from './sources/source.ts';
import { systemCallEnter, systemCallExit, userReturn, userSystemCall } from './sources/system-calls.ts';

/** Events of functions come from `trace`, all others from here. */
type SourcedEvent = Exclude<EventName, 'kprobe:entry' | 'kprobe:return'>;

const SOURCES: Readonly<Record<SourcedEvent, EventSource>> = {
  'user:syscall': userSystemCall,
  'user:return': userReturn,
  'raw_syscalls:sys_enter': systemCallEnter,
  'raw_syscalls:sys_exit': systemCallExit,
  'sched:fork': schedulerFork,
  'sched:off__cpu': schedulerOffCpu,
  'sched:on__cpu': schedulerOnCpu,
  'uvm:fault': uvmFault,
  'uvm:uarea_alloc': uareaAlloc,
  'proc:pcb_copy': pcbCopy,
  'proc:child_return': childReturn,
  'proc:exec': processExec,
  'proc:exit': processExit,
  'proc:wait': processWait,
  'kernel:panic': kernelPanic,
};

/** The events that `on` can attach by itself: all but those of single functions. */
export const EVENT_NAMES = Object.keys(SOURCES) as readonly SourcedEvent[];

type Listener = (event: KernelEvent) => void;

/** The listeners of one event and what makes it. */
interface Subscription {
  readonly listeners: Set<Listener>;
  detach: Detach;
}

/**
 * Turns what the kernel does into events. An event costs nothing until someone listens, and its probes go with its last listener.
 * Listeners are called in the middle of `machine.run()`, between two steps, and must change nothing in the machine; they may ask it
 * to stop (`machine.requestStop()`).
 */
export class KernelTracer {
  readonly kernel: Kernel;
  readonly probes: Probes;
  readonly #subscriptions = new Map<EventName, Subscription>();
  readonly #context: SourceContext;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.probes = new Probes(kernel);
    this.#context = {
      kernel,
      probes: this.probes,
      emit: (name, values, reading) => this.#emit(name, values, reading),
    };
  }

  /** Calls `listener` at each event of a name. Returns what ends it. Throws KernelError 'no-symbol' when this kernel cannot have the event. */
  on<N extends EventName>(name: N, listener: (event: EventOf<N>) => void): Detach {
    // The subscription of a name hands out events of that name alone.
    return this.listen(name, (event) => listener(event as unknown as EventOf<N>));
  }

  /** As `on`, for a name that is only known when it runs. */
  listen(name: EventName, listener: (event: KernelEvent) => void): Detach {
    let subscription = this.#subscriptions.get(name);
    if (subscription === undefined) {
      const source: EventSource | undefined = SOURCES[name as SourcedEvent];
      subscription = { listeners: new Set(), detach: source?.(this.#context) ?? (() => {}) };
      this.#subscriptions.set(name, subscription);
    }
    const { listeners } = subscription;
    listeners.add(listener);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#subscriptions.get(name)?.detach();
      this.#subscriptions.delete(name);
    };
  }

  /** Makes 'kprobe:entry' and 'kprobe:return' of a function. Throws KernelError 'no-symbol'. */
  trace(traced: TracedFunction): Detach {
    return traceFunction(this.#context, traced);
  }

  /**
   * The events of some names as they come, to be read between runs. They are kept until they are read; the stream ends when its
   * reader leaves the loop, or with `end()`. Throws KernelError 'no-symbol'.
   */
  events(names: readonly EventName[] = EVENT_NAMES): EventStream {
    return new EventStream((push) => {
      const detach: Detach[] = [];
      const end = (): void => {
        for (const one of detach.splice(0)) one();
      };
      try {
        for (const name of names) detach.push(this.listen(name, (event) => push(event)));
      } catch (error) {
        end();
        throw error;
      }
      return end;
    });
  }

  #emit<N extends EventName>(name: N, values: EventValues[N], reading = new Reading()): void {
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined) return;
    const { machine } = this.kernel;
    const thread = reading.try(() => this.kernel.currentIdentity());
    const event = {
      schema: EVENT_SCHEMA,
      version: EVENT_VERSION,
      name,
      position: machine.position,
      guestTime: machine.guestTime,
      thread,
      ...values,
      ...(reading.missing.length > 0 ? { missing: reading.missing } : {}),
    } as unknown as KernelEvent;
    for (const listener of [...subscription.listeners]) listener(event);
  }
}

/** Events in the order they came; iterate it while the machine runs in slices. */
export class EventStream implements AsyncIterableIterator<KernelEvent> {
  readonly #waiting: KernelEvent[] = [];
  readonly #detach: Detach;
  #wake: ((result: IteratorResult<KernelEvent>) => void) | undefined;
  #ended = false;

  constructor(attach: (push: Listener) => Detach) {
    this.#detach = attach((event) => this.#push(event));
  }

  /** No more events; those that have come can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#detach();
    this.#wake?.({ done: true, value: undefined });
    this.#wake = undefined;
  }

  async next(): Promise<IteratorResult<KernelEvent>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return { done: false, value: event };
    if (this.#ended) return { done: true, value: undefined };
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async return(): Promise<IteratorResult<KernelEvent>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(event: KernelEvent): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake === undefined) this.#waiting.push(event);
    else wake({ done: false, value: event });
  }
}
