import type { RunnerTask } from 'vitest';
import type { Observed } from '../observed.ts';
import { explain, isExplained } from './context.ts';

/** An error as vitest keeps it. */
interface KeptError {
  message: string;
  /** Begins with the message; some reporters show this and others that. */
  stack?: string | undefined;
  readonly code?: unknown;
}

/** Errors that lie where the guest stands, and not where the last action began. */
const AT_THE_END: readonly unknown[] = ['not-reached', 'not-returned', 'panic'];

/** Adds to what a failed test says what helps to find the reason, when no matcher has done it. */
export function explainFailedTest(guest: Observed, task: Readonly<RunnerTask>): void {
  const errors: readonly KeptError[] = task.result?.errors ?? [];
  const [first] = errors;
  // Of a test that is to fail nobody reads it.
  if (first === undefined || ('fails' in task && task.fails === true)) return;
  if (errors.some(({ message }) => isExplained(message))) return;
  retell(first, withExplanation(guest, first, task.name));
}

/** Gives an error another message, also where its stack repeats it. */
export function retell(error: KeptError, message: string): void {
  // Read first: a stack may be made of the message when somebody asks for it.
  const { message: before, stack } = error;
  error.message = message;
  error.stack = stack?.replace(before, () => message);
}

/** An error's message, and after it what helps to find the reason. */
export function withExplanation(guest: Observed, error: KeptError, test: string): string {
  const ended = guest.machine.position;
  const began = Math.max(guest.lastAction, guest.scratchSince ?? 0);
  const stretch = { guest, beginning: guest.beginning(), began, ended };
  return `${error.message}\n\n${explain(stretch, test, AT_THE_END.includes(error.code) ? ended : undefined, began)}`;
}
