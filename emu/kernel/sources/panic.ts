import { backtrace, type TraceFrame } from '../backtrace.ts';
import type { Kernel } from '../kernel.ts';
import { Reading } from '../reading.ts';
import { attachAll, type EventSource } from './source.ts';

/**
 * `kernel:panic`: the first panic() has formatted its message into the buffer that `panicstr` points to, and is about to print it.
 * The trace is that of panic()'s own entry.
 */
export const kernelPanic: EventSource = ({ kernel, probes, emit }) => {
  let trace: TraceFrame[] | undefined;
  let reading = new Reading();
  return attachAll([
    () =>
      probes.function('panic', {
        enter: () => {
          reading = new Reading();
          // A panic inside a panic says nothing that the first has not said.
          if (reading.try(() => panicMessage(kernel)) === undefined)
            trace = reading.try(() => backtrace(kernel)) ?? [];
        },
      }),
    () =>
      probes.function('printf', {
        enter: () => {
          if (trace === undefined) return;
          const message = reading.try(() => panicMessage(kernel));
          if (message === undefined && reading.missing.length === 0) return;
          emit('kernel:panic', { message: message ?? '', trace }, reading);
          trace = undefined;
        },
      }),
  ]);
};

/** What the kernel has panicked with; undefined while it has not, and before it has mapped itself. */
export function panicMessage(kernel: Kernel): string | undefined {
  const panicstr = kernel.global('panicstr');
  return kernel.memory.tryRead(panicstr.address, POINTER_SIZE) === undefined ? undefined : panicstr.text();
}

const POINTER_SIZE = 8;
