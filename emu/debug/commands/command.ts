import type { DebugSession } from '../session/session.ts';

/** What a command answers: text for a person, and the same as data. */
export interface Answer {
  /** Lines, each ended; empty when there is nothing to say. */
  readonly text: string;
  /** Plain data; 64-bit values are bigint. */
  readonly value: unknown;
}

/** A command line, taken apart. */
export interface Call {
  /** What stands after the command's name without a blank: `/x` of `print/x`. Without the slash. */
  readonly modifiers: string;
  readonly argument: string;
}

export type Section = 'running' | 'time' | 'breakpoints' | 'data' | 'stack' | 'kernel' | 'source' | 'session';

/** What the words of a command's argument may be: what is completed. */
export type Completion = 'expression' | 'location' | 'type' | 'command' | 'none' | readonly string[];

export interface Command {
  /** The full name first; the others are abbreviations that are no prefix of it. */
  readonly names: readonly string[];
  readonly section: Section;
  /** What may be typed: `print[/FORMAT] EXPRESSION`. */
  readonly usage: string;
  /** One line. */
  readonly help: string;
  readonly completes?: Completion;
  /** An empty line repeats it. */
  readonly repeats?: boolean;
  run(session: DebugSession, call: Call): Answer | Promise<Answer>;
}

export function answer(text: string, value: unknown): Answer {
  return { text: text === '' || text.endsWith('\n') ? text : `${text}\n`, value };
}

export const NOTHING: Answer = { text: '', value: null };
