import { type KernelEvent, toJson } from '../../kernel/index.ts';
import type { TraceCall, TraceLeave, TraceMoment, TraceThread, TraceVisitor } from './items.ts';

export const TRACE_SCHEMA = 'puffer-trace';
export const TRACE_VERSION = 1;

/** A trace for programs: one JSON object a line, of schema puffer-trace. 64-bit values are "0x…". */
export class NdjsonTraceWriter implements TraceVisitor {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  enter(call: TraceCall): void {
    const { id, kind, name, depth, position, time, arguments: values } = call;
    this.#line('enter', { position, time }, call.thread, {
      id,
      parent: call.parent?.id,
      call: kind,
      name,
      depth,
      arguments: values,
    });
  }

  leave({ id, kind, name, thread, depth }: TraceCall, leave: TraceLeave): void {
    const { steps, how, result } = leave;
    this.#line('leave', leave, thread, { id, call: kind, name, depth, how, steps, result });
  }

  switched(moment: TraceMoment, from: TraceThread | undefined, to: TraceThread): void {
    this.#line('switch', moment, to, { from: from?.number });
  }

  event(event: KernelEvent, thread: TraceThread): void {
    this.#line('event', { position: event.position, time: event.guestTime }, thread, { event });
  }

  counters(moment: TraceMoment, values: Readonly<Record<string, number>>): void {
    this.#line('counters', moment, undefined, { values });
  }

  end(moment: TraceMoment, threads: readonly TraceThread[]): void {
    this.#line('end', moment, undefined, { threads: threads.map(describe) });
  }

  #line(kind: string, { position, time }: TraceMoment, thread: TraceThread | undefined, more: object): void {
    const who = thread && describe(thread);
    const line = {
      schema: TRACE_SCHEMA,
      version: TRACE_VERSION,
      kind,
      position,
      guestTime: time,
      thread: who,
      ...more,
    };
    this.#write(`${toJson(line)}\n`);
  }
}

function describe({ number, identity }: TraceThread): object {
  return { number, ...identity };
}
