import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { absolute } from '../../scripts/guest/paths.ts';

/** QEMU ended, or its pipes broke, while more was expected of the guest. */
export class QemuConsoleError extends Error {
  override readonly name = 'QemuConsoleError';
  readonly code = 'qemu-ended';
}

const MACHINE = '-M pc -m 64 -nodefaults -no-user-config -display none -no-reboot -icount shift=0,sleep=off';
const SERIAL = '-serial stdio -monitor none';
/** The serial line with QEMU's keys: Ctrl-A b sends a break. */
const SERIAL_WITH_KEYS = '-serial mon:stdio';
const BREAK_KEYS = '\x01b';

/** What decides a run: the kernel, the image, the kernel's command line. Paths are repository-relative. */
export interface QemuBoot {
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
  /** QEMU's name of the processor; what `-M pc` comes with when left out. */
  readonly processor?: string;
  /** Whether `sendBreak` will be used; Ctrl-A cannot be typed then. */
  readonly breaks?: boolean;
}

/** The guest's console on QEMU: what is typed goes to its serial line, what it shows is collected. */
export class QemuConsole {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  #transcript = '';
  #ended: string | undefined;
  #wake: () => void = () => {};

  constructor(boot: QemuBoot) {
    const files = ['-kernel', absolute(boot.kernel), '-initrd', absolute(boot.initrd)];
    const processor = boot.processor === undefined ? [] : ['-cpu', boot.processor];
    const serial = (boot.breaks === true ? SERIAL_WITH_KEYS : SERIAL).split(' ');
    const args = [...MACHINE.split(' '), ...serial, ...processor, ...files, '-append', boot.commandLine];
    this.#process = spawn('qemu-system-x86_64', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const collect = (chunk: Buffer): void => {
      this.#transcript += chunk.toString('latin1').replaceAll('\r', '');
      this.#wake();
    };
    this.#process.stdout.on('data', collect);
    this.#process.stderr.on('data', collect);
    this.#process.on('error', (error) => this.#end(error.message));
    this.#process.on('close', (status) => this.#end(`exit status ${status}`));
    this.#process.stdin.on('error', (error) => this.#end(error.message));
  }

  #end(why: string): void {
    this.#ended ??= why;
    this.#wake();
  }

  /** Types `text`. */
  send(text: string): void {
    this.#process.stdin.write(text, 'latin1');
  }

  /** Sends a break on the serial line. */
  sendBreak(): void {
    this.send(BREAK_KEYS);
  }

  /**
   * Waits until what was shown since the last `take` satisfies `enough`.
   *
   * @throws QemuConsoleError when QEMU ends before
   */
  async until(enough: (shown: string) => boolean): Promise<void> {
    while (!enough(this.#transcript)) {
      if (this.#ended !== undefined) {
        throw new QemuConsoleError(`QEMU ended (${this.#ended}) after: ${this.#transcript.slice(-500)}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What was shown since the last call, with `\n` as the only line end. */
  take(): string {
    const shown = this.#transcript;
    this.#transcript = '';
    return shown;
  }

  /** Ends QEMU. */
  close(): void {
    this.#process.kill('SIGKILL');
  }
}
