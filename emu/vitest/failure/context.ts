import { FunctionTrace } from '../../debug/trace/index.ts';
import type { Observed } from '../observed.ts';
import type { SyscallResult } from '../scratch/result.ts';
import { type Beginning, inputsSince, type Recording, recordingSince, saveRecording } from './recording.ts';
import { ShownCalls, withFaults } from './shown-calls.ts';

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

const TO_LOOK = 'To look at it: npx puffer debug --open';
const NO_RECORDING = 'The recording of this test could not be written: ';

/** Whether a message has what `explain` tells. */
export function isExplained(message: string): boolean {
  return message.includes(TO_LOOK) || message.includes(NO_RECORDING);
}

/**
 * What somebody needs who wants to know why a test fails: the end of the console's output, the calls of the kernel, and the command that
 * opens all of it in the debugger: at a position, or else where the kernel has panicked, or else at `otherwise`.
 */
export function explain(
  stretch: Stretch,
  test: string,
  position?: number | undefined,
  otherwise = stretch.ended,
): string {
  const { guest, beginning } = stretch;
  const tail = guest.output.trimEnd().split('\n').slice(-CONSOLE_LINES).map(indented).join('\n');
  // Before the run is played again: this is of the log as it is.
  const saved = savedRecording(recordingSince(guest.machine, beginning, guest.ran), test);
  const { lines, panicked } = callsOf(stretch);
  const faults = guest.faults.happened.filter(
    (one) => one.position >= stretch.began && one.position <= stretch.ended,
  );
  const calls = withFaults(lines, faults);
  const shown = calls.slice(-CALL_LINES);
  const left = calls.length - shown.length;
  return [
    `The console's tail:\n${tail || '  (nothing was printed)'}`,
    `Calls${left > 0 ? ` (the last ${shown.length} of ${calls.length})` : ''}:\n${shown.map(indented).join('\n') || '  (none)'}`,
    'failed' in saved
      ? `${NO_RECORDING}${saved.failed}`
      : `${TO_LOOK} ${saved.path} --ex 'goto ${position ?? panicked ?? otherwise}'`,
  ].join('\n\n');
}

/** Why a test fails matters more than that its recording cannot be kept. */
function savedRecording(
  recording: Recording,
  test: string,
): { readonly path: string } | { readonly failed: string } {
  try {
    return { path: saveRecording(recording, test) };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

const indented = (line: string): string => `  ${line.replace('\r', '')}`;

/** What was called in a stretch. */
interface Calls {
  readonly lines: readonly string[];
  /** The position at which the kernel panicked; undefined when it did not. */
  readonly panicked: number | undefined;
}

/** The calls of the stretch, by playing it again from its input; the machine is then where it was. */
function callsOf({ guest, beginning, began, ended }: Stretch): Calls {
  const { machine } = guest;
  const { core, kernel, tracer } = machine;
  const present = core.position;
  const inputs = inputsSince(machine, beginning);
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
    visitor: new ShownCalls((line) => {
      text += line;
    }),
  });
  let panicked: number | undefined;
  // Other kernels have no such function.
  const detach =
    machine.image.addressOf('panic') === undefined
      ? undefined
      : machine.on('kernel:panic', (event) => {
          panicked ??= event.position;
        });
  try {
    runTo(ended);
  } finally {
    detach?.();
    trace.end();
  }
  runTo(present);
  return { lines: text.trimEnd().split('\n'), panicked };
}
