import { ExitCode } from './exit-code.ts';

/** Ctrl-C while something runs that has an end to come to. */
export interface Interruption {
  /** Aborted by the first Ctrl-C. The second ends the process at once, with the exit status 130. */
  readonly signal: AbortSignal;
  /** Ctrl-C ends the process again, as it does by itself. */
  dispose(): void;
}

/** Hears SIGINT. `hint` is told on standard error with the first; `last` is done before the second ends the process. */
export function onInterruption(hint: string, last: () => void = () => {}): Interruption {
  const controller = new AbortController();
  const hear = (): void => {
    if (controller.signal.aborted) {
      last();
      process.exit(ExitCode.Interrupted);
    }
    process.stderr.write(`${process.stderr.isTTY === true ? '\r\x1b[K' : ''}puffer: ${hint}\n`);
    controller.abort();
  };
  process.on('SIGINT', hear);
  return { signal: controller.signal, dispose: () => process.off('SIGINT', hear) };
}
