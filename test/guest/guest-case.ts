/** Something that is typed at the guest's console. */
export interface Keystrokes {
  /** Sent as it stands: a line needs its newline, ^C is `\x03`. */
  readonly send: string;
  /** What the console shows last before more is typed. */
  readonly until: string;
}

/** A session at the guest's console: what is typed, and what must be seen. */
export interface GuestCase {
  readonly name: string;
  /** Lines, each typed when the shell prompts for it; or keystrokes with what to wait for. */
  readonly script: readonly (string | Keystrokes)[];
  /**
   * The lines on the console behind the echo of what was typed first, up to the next prompt for a command.
   * Later lines of the script are seen with the prompt in front of them.
   */
  readonly expect: readonly string[];
  /** What stands in front of that prompt on its own line, when the output ends without a newline. */
  readonly beforePrompt?: string;
}

export const COMMAND_PROMPT = '# ';

/** How the console ends when the shell waits for a line: the first prompt, or the one inside of a command. */
export const PROMPT = /(?:^|\n)[#>] $/;

/** The whole transcript that a case must give, from the first keystroke to the prompt, with `\n` ends. */
export function expectedTranscript(one: GuestCase): string {
  const first = one.script[0] ?? '';
  const echo = typeof first === 'string' ? `${first}\n` : first.send;
  const lines = one.expect.map((line) => `${line}\n`).join('');
  return `${echo}${lines}${one.beforePrompt ?? ''}${COMMAND_PROMPT}`;
}
