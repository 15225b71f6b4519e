import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { programFile } from '../guest/index.ts';
import { BenchError } from './child.ts';
import { GUEST } from './guest.ts';
import { Qemu } from './qemu.ts';

const LIMIT_MILLISECONDS = 60_000;
const OUTPUT_KEPT = 2_000;
/** Written by gdb when it has obeyed the commands that prepare it. */
const READY = 'puffer-bench-ready';

/** gdb, attached to a QEMU in which the guest stands at its prompt. */
export class AttachedGdb {
  readonly #qemu: Qemu;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #watchdog: NodeJS.Timeout;
  #output = '';
  #ended = false;
  #wake: () => void = () => {};

  private constructor(qemu: Qemu, operands: readonly string[]) {
    this.#qemu = qemu;
    this.#process = spawn('gdb', operands, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#watchdog = setTimeout(() => this.#process.kill('SIGKILL'), LIMIT_MILLISECONDS);
    const heard = (chunk: Buffer): void => {
      this.#output += chunk.toString('latin1');
      this.#wake();
    };
    this.#process.stdout.on('data', heard);
    this.#process.stderr.on('data', heard);
    this.#process.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /**
   * Boots the guest under QEMU, lets gdb attach with the symbols of one of its programs and run a script, and measures. The last command of
   * the script runs the guest. Throws BenchError.
   */
  static async use<T>(
    program: string,
    script: readonly string[],
    measure: (gdb: AttachedGdb) => Promise<T>,
  ): Promise<T> {
    const directory = mkdtempSync(join(tmpdir(), 'puffer-bench-'));
    const stub = join(directory, 'stub');
    const file = join(directory, 'script');
    const symbols = join(directory, program);
    writeFileSync(symbols, programFile(program) ?? new Uint8Array());
    const prepare = ['set pagination off', 'set confirm off', 'set width 0', `target remote ${stub}`];
    writeFileSync(file, [...prepare, `echo ${READY}\\n`, ...script, ''].join('\n'));
    const qemu = new Qemu({ ...GUEST, counted: true, more: ['-gdb', `unix:${stub},server=on,wait=off`] });
    try {
      await qemu.until(GUEST.prompt);
      const gdb = new AttachedGdb(qemu, ['-nx', '-q', '-batch', '-x', file, symbols]);
      try {
        await gdb.#until(READY);
        return await measure(gdb);
      } finally {
        await gdb.#close();
      }
    } finally {
      await qemu.close();
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** Types a line at the guest's prompt. */
  type(text: string): void {
    this.#qemu.type(`${text}\n`);
  }

  /** Seconds from typing a line to the next prompt. */
  async seconds(text: string): Promise<number> {
    const before = performance.now();
    this.type(text);
    await this.#qemu.until(GUEST.prompt);
    return (performance.now() - before) / 1000;
  }

  /** How often a second gdb prints something: `timed` times, after the first `untimed`. Throws BenchError when it does not. */
  async rate(what: RegExp, untimed: number, timed: number): Promise<number> {
    let first: { readonly count: number; readonly time: number } | undefined;
    for (;;) {
      const count = [...this.#output.matchAll(what)].length;
      const time = performance.now();
      if (first === undefined && count >= untimed) first = { count, time };
      if (first !== undefined && count >= untimed + timed)
        return ((count - first.count) * 1000) / (time - first.time);
      if (this.#ended) throw new BenchError(`gdb ended: ${this.#output.slice(-OUTPUT_KEPT)}`);
      await this.#heard();
    }
  }

  async #until(text: string): Promise<void> {
    while (!this.#output.includes(text)) {
      if (this.#ended) throw new BenchError(`gdb ended: ${this.#output.slice(-OUTPUT_KEPT)}`);
      await this.#heard();
    }
  }

  #heard(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #close(): Promise<void> {
    clearTimeout(this.#watchdog);
    this.#process.kill('SIGKILL');
    while (!this.#ended) await this.#heard();
  }
}
