import { createInterface, type Interface } from 'node:readline/promises';
import { complete, isRepeatable, type Result, runCommandLine } from '../debug/commands/index.ts';
import type { DebugSession } from '../debug/session/session.ts';
import { toJson } from '../kernel/index.ts';
import type { DebugCommandHost } from './debug-host.ts';
import type { Progress } from './debug-progress.ts';
import type { StepOutput } from './step-output.ts';

const PROMPT = '(puffer) ';
const SCHEMA = 'puffer-debug';
const VERSION = 1;
const LEAVE = /^\s*(q|quit|exit)\s*$/;

export interface DebugPromptOptions {
  readonly session: DebugSession;
  readonly host: DebugCommandHost;
  readonly output: StepOutput;
  readonly progress: Progress;
  /** A person types and sees what is printed. */
  readonly terminal: boolean;
  /** Answers are lines of NDJSON. */
  readonly json: boolean;
  /** Lines typed at earlier prompts, the newest first. */
  readonly history: string[];
}

/** The prompt of `puffer debug`: reads command lines, runs them, shows their answers. */
export class DebugPrompt {
  readonly #options: DebugPromptOptions;
  #running = false;
  #closed = false;
  /** A command failed: a script that is read from a pipe says so by its exit status. */
  failed = false;

  constructor(options: DebugPromptOptions) {
    this.#options = options;
  }

  /** Reads commands until `quit` or the end of input. */
  async run(): Promise<void> {
    const { terminal, session, host, history } = this.#options;
    const input = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal,
      prompt: PROMPT,
      history: [...history],
      completer: (line: string): [string[], string] => {
        const { words, replaces } = complete(session, line);
        return [[...words], replaces];
      },
    });
    input.on('history', (lines) => history.splice(0, history.length, ...lines));
    input.on('SIGINT', () => this.#interrupt(input));
    input.on('close', () => {
      this.#closed = true;
      // The end of a pipe leaves its last command to finish; a person who ends input wants to leave.
      if (terminal) host.interrupt();
    });
    try {
      await this.#read(input);
    } finally {
      input.close();
    }
  }

  /** Runs one line; false when it asks to leave. */
  async execute(line: string): Promise<boolean> {
    if (LEAVE.test(line)) return false;
    const { session, progress, output } = this.#options;
    this.#running = true;
    try {
      for (const result of await runCommandLine(session, line)) this.#show(result);
    } finally {
      this.#running = false;
      output.flush();
      progress.end();
    }
    return true;
  }

  /** Ctrl-C: ends what runs, or drops what has been typed. */
  #interrupt(input: Interface): void {
    if (this.#running) {
      this.#options.host.interrupt();
      return;
    }
    input.write(null, { ctrl: true, name: 'e' });
    input.write(null, { ctrl: true, name: 'u' });
    process.stdout.write('\n');
    input.prompt();
  }

  async #read(input: Interface): Promise<void> {
    let last = '';
    this.#prompt(input);
    for await (const typed of input) {
      const line = typed.trim() === '' ? last : typed.trim();
      if (line !== '' && !line.startsWith('#')) {
        last = isRepeatable(line) ? line : '';
        if (!(await this.execute(line))) return;
      }
      this.#options.output.endLine();
      this.#prompt(input);
    }
  }

  /** Only a person is prompted: what a pipe gets is output alone. */
  #prompt(input: Interface): void {
    if (this.#options.terminal && !this.#closed) input.prompt();
  }

  #show(result: Result): void {
    const { json, output } = this.#options;
    if (!result.ok) this.failed = true;
    if (json) {
      output.endLine();
      process.stdout.write(`${toJson(jsonOf(result))}\n`);
      return;
    }
    if (result.ok) {
      if (result.answer.text !== '') output.print(result.answer.text.replace(/\n$/, ''));
      return;
    }
    output.print(result.message);
  }
}

function jsonOf(result: Result): unknown {
  const head = { schema: SCHEMA, version: VERSION, command: result.command, ok: result.ok };
  if (result.ok) return { ...head, result: result.answer.value };
  return { ...head, error: { code: result.code, message: result.message, at: result.at } };
}
