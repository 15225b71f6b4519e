/** One line of progress on stderr, shown on a terminal only. */
export interface StepProgress {
  show(step: string | undefined): void;
  end(): void;
}

const WIPE = '\r\x1b[K';

/** Shows `what: step` on one line that is wiped at the end. */
export function stepProgress(what: string): StepProgress {
  if (process.stderr.isTTY !== true) return { show: () => {}, end: () => {} };
  let shown = false;
  return {
    show: (step) => {
      process.stderr.write(step === undefined ? WIPE : `${WIPE}${what}: ${step}`);
      shown = step !== undefined;
    },
    end: () => {
      if (shown) process.stderr.write(WIPE);
    },
  };
}
