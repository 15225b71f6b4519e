import type { KernelEvent } from '../../kernel/index.ts';
import {
  type TraceCall,
  type TraceLeave,
  type TraceMoment,
  type TraceThread,
  type TraceValue,
  type TraceVisitor,
  threadName,
} from './items.ts';

const POSITION_WIDTH = 11;
const STEPS_WIDTH = 10;
const THREAD_WIDTH = 16;
const INDENT = '  ';

/** A trace to be read: a line a call, indented; a call with others in it has a line for its end too. */
export class TextTraceWriter implements TraceVisitor {
  readonly #write: (text: string) => void;
  /** The call that was entered last: whether there are others in it is not known yet. */
  #waiting: TraceCall | undefined;
  #thread: TraceThread | undefined;

  constructor(write: (text: string) => void) {
    this.#write = write;
    this.#line('position', 'steps', 'thread', 'call');
  }

  enter(call: TraceCall): void {
    this.#flush();
    this.#waiting = call;
  }

  leave(call: TraceCall, leave: TraceLeave): void {
    const { thread, depth } = call;
    if (this.#waiting === call) {
      this.#waiting = undefined;
      const text = `${head(call)}${ending(leave)}`;
      this.#call(call.position, leave.steps, thread, depth, text);
      return;
    }
    this.#flush();
    this.#call(leave.position, leave.steps, thread, depth, `} ${title(call)}${ending(leave)}`);
  }

  switched(): void {
    this.#flush();
  }

  event(event: KernelEvent, thread: TraceThread): void {
    this.#flush();
    this.#call(event.position, undefined, thread, 0, `-- ${event.name}`);
  }

  counters(): void {}

  end(_moment: TraceMoment): void {
    this.#flush();
  }

  #flush(): void {
    const call = this.#waiting;
    if (call === undefined) return;
    this.#waiting = undefined;
    this.#call(call.position, undefined, call.thread, call.depth, `${head(call)} {`);
  }

  #call(position: number, steps: number | undefined, thread: TraceThread, depth: number, text: string): void {
    if (this.#thread !== undefined && this.#thread !== thread) this.#write('\n');
    this.#thread = thread;
    const took = steps === undefined ? '' : String(steps);
    this.#line(String(position), took, threadName(thread), `${INDENT.repeat(depth)}${text}`);
  }

  #line(position: string, steps: string, thread: string, text: string): void {
    const columns = [
      position.padStart(POSITION_WIDTH),
      steps.padStart(STEPS_WIDTH),
      thread.padEnd(THREAD_WIDTH),
      text,
    ];
    this.#write(`${columns.join('  ')}\n`);
  }
}

/** A call by its kind: `SYS_fork`, `fork1`, `*page fault*`. */
export function title({ kind, name }: TraceCall): string {
  if (kind === 'systemCall') return `SYS_${name}`;
  return kind === 'function' ? name : `*${name}*`;
}

function head(call: TraceCall): string {
  const { kind } = call;
  if (kind === 'interrupt' || kind === 'exception') return title(call);
  return `${title(call)}(${call.arguments.map(named).join(', ')})`;
}

const named = ({ name, text }: TraceValue): string => `${name} ${text}`;

function ending({ result, how }: TraceLeave): string {
  if (how === 'open') return ' (has not returned)';
  if (how === 'abandoned') return ' (left without a return)';
  return result === undefined ? '' : ` = ${result.text}`;
}
