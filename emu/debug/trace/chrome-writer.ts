import { type KernelEvent, toJson } from '../../kernel/index.ts';
import {
  type TraceCall,
  type TraceLeave,
  type TraceMoment,
  type TraceThread,
  type TraceVisitor,
  threadName,
} from './items.ts';
import { title } from './text-writer.ts';

/** The one process of the trace: the guest's threads are its threads, for they share the processor. */
const PROCESS = 1;
/** The track that says who runs; threads are numbered from 1 on. */
const PROCESSOR_TRACK = 0;
const NS_PER_US = 1000;
const ARROW = 'fork';

/** The functions that an arrow leads from and to; the child's struct proc is the first argument of both. */
export const ARROW_FUNCTIONS = { from: 'fork_thread_start', to: 'child_return' } as const;

/**
 * A trace in the Trace Event Format, which Perfetto and Chrome's tracing page open: a track a thread with its calls as slices, one that
 * says who runs, arrows from a fork to its child's first steps, counters. Times are the guest's.
 */
export class ChromeTraceWriter implements TraceVisitor {
  readonly #write: (text: string) => void;
  #isFirst = true;
  #running: TraceThread | undefined;
  #arrows = 0;
  /** Arrows that have begun, by the child's struct proc. */
  readonly #begun = new Map<bigint, number>();
  /** Names that threads have had. */
  readonly #names = new Map<TraceThread, string[]>();

  constructor(write: (text: string) => void) {
    this.#write = write;
    write('{"displayTimeUnit":"ns","traceEvents":[\n');
  }

  enter(call: TraceCall): void {
    const { thread, position } = call;
    this.#name(thread);
    const values = Object.fromEntries(call.arguments.map(({ name, text }) => [name, text]));
    const args = { position, ...values };
    this.#event('B', call, thread.number, { name: title(call), cat: call.kind, args });
    const child = call.arguments[0]?.value;
    if (call.kind !== 'function' || child === undefined) return;
    if (call.name === ARROW_FUNCTIONS.from) {
      this.#begun.set(child, ++this.#arrows);
      this.#event('s', call, thread.number, { name: ARROW, cat: ARROW, id: this.#arrows });
    }
    const id = call.name === ARROW_FUNCTIONS.to ? this.#begun.get(child) : undefined;
    if (id === undefined) return;
    this.#begun.delete(child);
    this.#event('f', call, thread.number, { name: ARROW, cat: ARROW, id, bp: 'e' });
  }

  leave({ thread }: TraceCall, leave: TraceLeave): void {
    const { steps, how, result } = leave;
    this.#event('E', leave, thread.number, { args: { steps, how, result: result?.text } });
  }

  switched(moment: TraceMoment, from: TraceThread | undefined, to: TraceThread): void {
    this.#name(to);
    if (this.#running !== undefined) this.#event('E', moment, PROCESSOR_TRACK, {});
    else if (from !== undefined) this.#name(from);
    this.#running = to;
    this.#event('B', moment, PROCESSOR_TRACK, { name: threadName(to), cat: 'running' });
  }

  event(event: KernelEvent, thread: TraceThread): void {
    const { name, position, guestTime, schema: _schema, version: _version, ...args } = event;
    this.#name(thread);
    const moment = { position, time: guestTime };
    this.#event('i', moment, thread.number, { name, cat: 'event', s: 't', args: { position, ...args } });
  }

  counters(moment: TraceMoment, values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) {
      this.#event('C', moment, PROCESSOR_TRACK, { name, args: { [name]: value } });
    }
  }

  end(moment: TraceMoment): void {
    if (this.#running !== undefined) this.#event('E', moment, PROCESSOR_TRACK, {});
    const named = (what: string, track: number, name: string): void =>
      this.#event('M', { position: 0, time: 0 }, track, { name: what, args: { name } });
    named('process_name', PROCESSOR_TRACK, 'guest');
    named('thread_name', PROCESSOR_TRACK, 'processor');
    for (const [{ number }, names] of this.#names) named('thread_name', number, names.join(' → '));
    this.#write('\n]}\n');
  }

  /** Keeps a name that a thread has now. */
  #name(thread: TraceThread): void {
    const name = threadName(thread);
    const known = this.#names.get(thread);
    if (known === undefined) this.#names.set(thread, [name]);
    else if (known.at(-1) !== name) known.push(name);
  }

  #event(phase: string, { time }: TraceMoment, track: number, more: object): void {
    const event = { ph: phase, ts: time / NS_PER_US, pid: PROCESS, tid: track, ...more };
    this.#write(`${this.#isFirst ? '' : ',\n'}${toJson(event)}`);
    this.#isFirst = false;
  }
}
