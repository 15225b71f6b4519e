import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { absolute, guestPaths, repositoryRoot } from '../../../../scripts/guest/index.ts';
import { commandProbe, oracle } from '../../../oracles/require.ts';

export const gdb = oracle('gdb', commandProbe('gdb', ['--version'], 'gdb'));

const MAIN = fileURLToPath(new URL('../../../../dist/emu/cli/main.js', import.meta.url));
const WAITING = /target remote (\S+)'/;

/** A `puffer boot --gdb …` that waits for gdb. */
export class PufferUnderGdb {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #watchers = new Set<() => void>();
  stdout = '';
  stderr = '';
  /** The exit status. */
  readonly ended: Promise<number | null>;

  /** `place` is what `--gdb` gets; a unix socket of its own if not given. */
  constructor(args: readonly string[], place?: string) {
    this.#directory = mkdtempSync(join(tmpdir(), 'puffer-gdb-'));
    const address = place ?? `unix:${join(this.#directory, 'stub')}`;
    this.#child = spawn(process.execPath, [MAIN, 'boot', '--gdb', address, ...args], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => this.#took(() => (this.stdout += text)));
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => this.#took(() => (this.stderr += text)));
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (status) => {
        this.#took(() => {});
        resolve(status);
      });
    });
  }

  #took(add: () => void): void {
    add();
    for (const watcher of this.#watchers) watcher();
  }

  /** Waits until something is printed; rejects when the command ends without it. */
  prints(pattern: RegExp, where: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(this[where]);
        if (found === null) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      this.ended.then(() => reject(new Error(`${pattern} was not printed:\n${this.stdout}${this.stderr}`)));
      look();
    });
  }

  /** Where it listens, as `target remote` takes it. */
  async address(): Promise<string> {
    return (await this.prints(WAITING, 'stderr'))[1] ?? '';
  }

  /** Runs gdb with these commands after `target remote`; returns what each of them printed. */
  async gdb(...commands: readonly string[]): Promise<string[]> {
    return (await this.startGdb(...commands)).outputs;
  }

  /** As `gdb`, without waiting for its end. */
  async startGdb(...commands: readonly string[]): Promise<GdbRun> {
    return startGdb(await this.address(), commands);
  }

  /** Ends what is left of it. */
  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A gdb that runs its commands. */
export interface GdbRun {
  /** ^C at its terminal. */
  readonly interrupt: () => void;
  /** What each command printed, when it has ended. */
  readonly outputs: Promise<string[]>;
}

/** Starts gdb on the guest's kernel: `target remote`, and then these commands. */
export function startGdb(place: string, commands: readonly string[]): GdbRun {
  const all = ['set confirm off', 'set width 0', `target remote ${place}`, ...commands];
  const args = all.flatMap((command, index) => ['-ex', command, '-ex', `echo \\n${mark(index)}\\n`]);
  // One stream for both outputs, so that errors stand where they belong.
  const child = spawn(
    'sh',
    ['-c', 'exec gdb "$@" 2>&1', 'gdb', '-nx', '-batch', absolute(guestPaths.kernel), ...args],
    { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const outputs = new Promise<string[]>((resolve) => {
    child.on('close', () => resolve(split(output, all.length).slice(all.length - commands.length)));
  });
  return { interrupt: () => child.kill('SIGINT'), outputs };
}

/** The parts of gdb's output that end in the marks 0, 1, …; empty where gdb did not come so far. */
function split(output: string, count: number): string[] {
  let rest = output;
  return Array.from({ length: count }, (_, index) => {
    const end = rest.indexOf(mark(index));
    const part = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? '' : rest.slice(end + mark(index).length);
    return part.trim();
  });
}

const mark = (index: number): string => `@@@ ${index} @@@`;
