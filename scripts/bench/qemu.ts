import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { BenchError } from './child.ts';

/** The machine that puffer is comparable with, and the clock that counts every instruction as puffer's does. */
const MACHINE =
  '-M pc -m 64 -nodefaults -no-user-config -display none -serial stdio -monitor none -no-reboot';
const COUNTED = '-icount shift=0,sleep=off';
const LIMIT_MILLISECONDS = 120_000;
const SOCKET_PAUSE = 10;

export interface QemuOptions {
  readonly kernel: string;
  readonly initrd?: string;
  readonly commandLine?: string;
  /** With -icount: instructions are counted, time is virtual. */
  readonly counted: boolean;
  /** Further arguments. */
  readonly more?: readonly string[];
}

/** A QEMU under TCG whose serial line is read as it comes. */
export class Qemu {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #watchdog: NodeJS.Timeout;
  #output = '';
  #errors = '';
  #ended = false;
  #wake: () => void = () => {};

  constructor(options: QemuOptions) {
    const operands = [...MACHINE.split(' '), '-accel', 'tcg', '-kernel', options.kernel];
    if (options.counted) operands.push(...COUNTED.split(' '));
    if (options.initrd !== undefined) operands.push('-initrd', options.initrd);
    if (options.commandLine !== undefined) operands.push('-append', options.commandLine);
    this.#process = spawn('qemu-system-x86_64', [...operands, ...(options.more ?? [])], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process.stdout.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString('latin1');
      this.#wake();
    });
    this.#process.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString('latin1');
    });
    // What is typed at a QEMU that has just ended is lost, and the wait for its output says so.
    this.#process.stdin.on('error', () => {});
    this.#process.on('error', () => this.#end());
    this.#process.on('close', () => this.#end());
    this.#watchdog = setTimeout(() => this.#process.kill('SIGKILL'), LIMIT_MILLISECONDS);
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Waits for QEMU to have made a socket. Throws BenchError when it ends before. */
  async listening(path: string): Promise<void> {
    while (!existsSync(path)) {
      if (this.#ended) throw new BenchError(`QEMU ended before it listened: ${this.#errors}`);
      // QEMU says nothing when it listens: the file is all there is to see.
      await new Promise((resolve) => setTimeout(resolve, SOCKET_PAUSE));
    }
  }

  type(text: string): void {
    this.#process.stdin.write(text, 'latin1');
  }

  /** Waits for a text in what has been printed since the last one waited for. Throws BenchError when QEMU ends before. */
  async until(text: string): Promise<void> {
    for (;;) {
      const found = this.#output.indexOf(text);
      if (found >= 0) {
        this.#output = this.#output.slice(found + text.length);
        return;
      }
      if (this.#ended) throw new BenchError(`QEMU ended before '${text}': ${this.#errors}${this.#output}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Kills QEMU and waits until it is gone, so that it takes no time from what is measured next. */
  async close(): Promise<void> {
    clearTimeout(this.#watchdog);
    this.#process.kill('SIGKILL');
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
