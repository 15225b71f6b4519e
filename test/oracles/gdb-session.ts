import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { repositoryRoot } from '../../scripts/guest/index.ts';

/** gdb ended, or did not understand. */
export class GdbSessionError extends Error {
  readonly code = 'ERR_GDB_SESSION';
  override readonly name = 'GdbSessionError';
}

const END = '@@@ done @@@';

/** A gdb that is asked one command after the other. */
export class GdbSession {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #waiting: { resolve: (text: string) => void; reject: (error: Error) => void } | undefined;
  #ended = false;

  /** Starts gdb on a file with symbols; the target is a command's matter. */
  constructor(file: string) {
    // One stream for both outputs, so that errors stand where they belong.
    this.#child = spawn('sh', ['-c', 'exec gdb "$@" 2>&1', 'gdb', '-nx', '-quiet', file], {
      cwd: repositoryRoot,
      stdio: 'pipe',
    });
    this.#child.stdout.setEncoding('latin1').on('data', (text: string) => this.#took(text));
    this.#child.stdin.on('error', () => {});
    this.#child.on('close', () => {
      this.#ended = true;
      this.#waiting?.reject(new GdbSessionError(`gdb has ended:\n${this.#output}`));
    });
  }

  /** What a command prints. Throws GdbSessionError when gdb ends. */
  async ask(command: string): Promise<string> {
    if (this.#ended) throw new GdbSessionError('gdb has ended');
    const answer = new Promise<string>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#child.stdin.write(`${command}\necho \\n${END}\\n\n`);
    return answer;
  }

  #took(text: string): void {
    this.#output += text;
    const end = this.#output.indexOf(`\n${END}\n`);
    if (end < 0 || this.#waiting === undefined) return;
    const answer = this.#output.slice(0, end);
    this.#output = this.#output.slice(end + END.length + 2);
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve(answer.replaceAll('(gdb) ', '').trim());
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
