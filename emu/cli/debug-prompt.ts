import { createInterface, type Interface } from 'node:readline/promises';
import { complete, isRepeatable, opensBlock, type Result, resultsOf } from '../debug/commands/index.ts';
import type { DebugSession } from '../debug/session/session.ts';
import type { DebugCommandHost } from './debug-host.ts';
import { jsonLine } from './debug-json.ts';
import type { Progress } from './debug-progress.ts';
import type { StepOutput } from './step-output.ts';

const PROMPT = '(puffer) ';
/** Of the lines that belong to `commands`, up to `end`. */
const BLOCK_PROMPT = '>';
const BLOCK_END = 'end';
const LEAVE = /^\s*(q|quit|exit)\s*$/;

export interface DebugPromptOptions {
  readonly session: DebugSession;
  readonly host: DebugCommandHost;
  readonly output: Pick<StepOutput, 'flush' | 'endLine' | 'print' | 'queue'>;
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
  /** A command whose lines are being read, with those that have come. */
  #block: string[] | undefined;
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
      this.#refuseOpenBlock();
    } finally {
      input.close();
    }
  }

  /** Runs one line, or keeps it for the block that is being read; false when it asks to leave. */
  async execute(line: string): Promise<boolean> {
    const { session } = this.#options;
    if (this.#block !== undefined) {
      this.#block.push(line);
      if (line.trim() !== BLOCK_END) return true;
      const whole = this.#block.join('\n');
      this.#block = undefined;
      return this.#run(whole);
    }
    if (LEAVE.test(line)) return false;
    if (opensBlock(session, line)) {
      this.#block = [line];
      return true;
    }
    return this.#run(line);
  }

  async #run(line: string): Promise<true> {
    const { session, progress, output } = this.#options;
    this.#running = true;
    try {
      for await (const result of resultsOf(session, line)) {
        this.#show(result);
        output.flush();
      }
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
    this.#block = undefined;
    input.write(null, { ctrl: true, name: 'e' });
    input.write(null, { ctrl: true, name: 'u' });
    process.stdout.write('\n');
    this.#prompt(input);
  }

  async #read(input: Interface): Promise<void> {
    let last = '';
    this.#prompt(input);
    for await (const typed of input) {
      const line = typed.trim() === '' && this.#block === undefined ? last : typed.trim();
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
    if (!this.#options.terminal || this.#closed) return;
    input.setPrompt(this.#block === undefined ? PROMPT : BLOCK_PROMPT);
    input.prompt();
  }

  /** Input has ended within a block: its command was not run, which must be said. */
  #refuseOpenBlock(): void {
    const [command] = this.#block ?? [];
    if (command === undefined) return;
    const message = `'${command.trim()}' was not run: the line '${BLOCK_END}' is missing after its commands`;
    this.#show({ ok: false, command: command.trim(), code: 'usage', message, at: undefined });
    this.#options.output.flush();
  }

  #show(result: Result): void {
    const { json, output } = this.#options;
    if (!result.ok) this.failed = true;
    if (json) {
      output.endLine();
      process.stdout.write(jsonLine(jsonOf(result)));
      return;
    }
    if (result.ok) {
      if (result.answer.text !== '') output.print(result.answer.text.replace(/\n$/, ''));
      return;
    }
    output.print(result.message);
  }
}

function jsonOf(result: Result): Readonly<Record<string, unknown>> {
  const head = { command: result.command, ok: result.ok };
  if (result.ok) return { ...head, result: result.answer.value };
  return { ...head, error: { code: result.code, message: result.message, at: result.at } };
}
