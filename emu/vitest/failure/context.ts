import { FunctionTrace, TextTraceWriter } from '../../debug/trace/index.ts';
import type { Observed } from '../observed.ts';
import type { SyscallResult } from '../scratch/result.ts';
import { type Beginning, inputsSince, recordingSince, saveRecording } from './recording.ts';

/** A stretch of a guest's life that a matcher judges. */
export interface Stretch {
  readonly guest: Observed;
  /** Where what led to it began: a recording begins there. */
  readonly beginning: Beginning;
  /** Positions. */
  readonly began: number;
  readonly ended: number;
}

const CONSOLE_LINES = 15;
const CALL_LINES = 40;

const stretches = new WeakMap<SyscallResult, Stretch>();

/** Remembers what a result came from, for matchers. */
export function noteResult(result: SyscallResult, stretch: Stretch): void {
  stretches.set(result, stretch);
}

/** What a result came from; undefined for what `guest.syscall` has not returned. */
export function stretchOf(result: SyscallResult): Stretch | undefined {
  return stretches.get(result);
}

/**
 * What somebody needs who wants to know why a test fails: the end of the console's output, the calls of the kernel, and the command that
 * opens all of it in the debugger at a position.
 */
export function explain(stretch: Stretch, test: string, position = stretch.ended): string {
  const { guest, beginning } = stretch;
  const tail = guest.output.trimEnd().split('\n').slice(-CONSOLE_LINES).map(indented).join('\n');
  const path = saveRecording(recordingSince(guest.machine, beginning, guest.ran), test);
  const calls = callsOf(stretch);
  const shown = calls.slice(-CALL_LINES);
  const left = calls.length - shown.length;
  return [
    `The console's tail:\n${tail || '  (nothing was printed)'}`,
    `Calls${left > 0 ? ` (the last ${shown.length} of ${calls.length})` : ''}:\n${shown.map(indented).join('\n') || '  (none)'}`,
    `To look at it: npx puffer debug --open ${path} --ex 'goto ${position}'`,
  ].join('\n\n');
}

const indented = (line: string): string => `  ${line.replace('\r', '')}`;

/** The calls of the stretch, by playing it again from its input; the machine is then where it was. */
function callsOf({ guest, beginning, began, ended }: Stretch): string[] {
  const { core, kernel, tracer } = guest.machine;
  const present = core.position;
  const inputs = inputsSince(guest.machine, beginning);
  core.restore(beginning.snapshot);
  core.replay(inputs, { thenLive: true });
  beginning.inputs = 0;
  let text = '';
  const runTo = (position: number): void => {
    // Whoever waits for something may stop the run; a run that ends otherwise would end so again.
    while (core.position < position) {
      const { reason } = core.run({ untilPosition: position });
      if (reason !== 'breakpoint' && reason !== 'requested') break;
    }
  };
  runTo(began);
  const trace = new FunctionTrace({
    kernel,
    tracer,
    functions: guest.shownFunctions,
    visitor: new TextTraceWriter((line) => {
      text += line;
    }),
  });
  try {
    runTo(ended);
  } finally {
    trace.end();
  }
  runTo(present);
  return text.trimEnd().split('\n');
}
