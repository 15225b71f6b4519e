import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/emu/cli/main.js', import.meta.url));

export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the compiled `puffer` command with nothing, or a text, on its standard input. */
export function puffer(args: readonly string[], input = ''): CommandResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  return { status, stdout, stderr };
}

/** The `puffer` command on a pseudo-terminal, which `script` of util-linux makes. */
export class TerminalSession {
  readonly #child: ChildProcess;
  #screen = '';
  #waiting: { text: string; from: number; resolve: () => void }[] = [];
  readonly ended: Promise<number>;

  constructor(args: readonly string[]) {
    const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { ...process.env, TERM: 'vt100' },
    });
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.#screen += data.toString('latin1');
      this.#check();
    });
    this.ended = new Promise((resolve) => this.#child.on('close', (code) => resolve(code ?? -1)));
  }

  /** All that the terminal has shown. (In raw mode the terminal itself adds a carriage return before each line feed.) */
  get screen(): string {
    return this.#screen.replaceAll(/\r+\n/g, '\r\n');
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Waits until a text is shown after what had been shown when this was called (or since `from`). */
  shows(text: string, from = this.screen.length): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, from, resolve });
      this.ended.then(() =>
        reject(new Error(`'${text}' was never shown; the terminal has:\n${this.screen}`)),
      );
      this.#check();
    });
  }

  #check(): void {
    this.#waiting = this.#waiting.filter(({ text, from, resolve }) => {
      if (!this.screen.slice(from).includes(text)) return true;
      resolve();
      return false;
    });
  }

  kill(): void {
    this.#child.kill();
  }
}

/** A program that runs beside the test. */
export class RunningProgram {
  readonly #child: ChildProcess;
  readonly #texts = { stdout: '', stderr: '' };
  #waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  readonly ended: Promise<CommandResult>;

  /** `args`: those of node. */
  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        this.#texts[name] += text;
        this.#check();
      });
    }
    this.ended = new Promise((resolve) => {
      child.on('close', (status) => resolve({ status, ...this.#texts }));
    });
  }

  /** Waits until it has written a text. */
  says(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve });
      this.ended.then(({ stdout, stderr }) => reject(new Error(`no '${text}' in:\n${stdout}${stderr}`)));
      this.#check();
    });
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  #check(): void {
    const { stdout, stderr } = this.#texts;
    this.#waiting = this.#waiting.filter(({ text, resolve }) => {
      if (!stdout.includes(text) && !stderr.includes(text)) return true;
      resolve();
      return false;
    });
  }
}

/** The compiled `puffer` command, beside the test. */
export function runningPuffer(args: readonly string[]): RunningProgram {
  return new RunningProgram([MAIN, ...args]);
}
