import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GdbRemote } from './gdb-remote.ts';

/** QEMU could not be started, ended early, or did not print what was awaited. */
export class QemuGuestError extends Error {
  readonly code = 'ERR_QEMU_GUEST';
  override readonly name = 'QemuGuestError';
}

/** What decides a run: the same bytes and command line boot on puffer. */
export interface GuestFiles {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
  readonly commandLine: string;
}

/** The machine that puffer is, in QEMU's words; virtual time counts instructions. The serial port follows. */
const MACHINE = [
  ...['-M', 'pc', '-m', '64', '-nodefaults', '-no-user-config', '-display', 'none', '-monitor', 'none'],
  ...['-no-reboot', '-icount', 'shift=0,sleep=off'],
];
/** With the serial line's `mux`, Ctrl-A is for QEMU; with b it sends a break. */
const BREAK_KEYS = '\x01b';
/** Host milliseconds without a byte of output after which an awaited text will not come: a guest without work prints nothing for ever. */
const SILENCE_LIMIT = 240_000;
const TAIL = 800;
const CONNECT_TRIES = 400;
const CONNECT_PAUSE = 25;

/** How QEMU is started. */
export interface QemuGuestOptions {
  /** QEMU waits before its first instruction, with a stub at `stubPath`. */
  readonly gdb?: boolean;
  /** QEMU's name of the processor; what `-M pc` comes with when left out. */
  readonly processor?: string;
  /** Whether `sendBreak` will be used; Ctrl-A cannot be typed then. */
  readonly breaks?: boolean;
}

interface Waiting {
  readonly what: string;
  readonly satisfied: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A guest on QEMU and the person at its console. The serial port is a unix socket that we serve: a pipe behind `-serial stdio`
 * loses bytes when it is full.
 */
export class QemuGuest {
  readonly #directory: string;
  readonly #server: Server;
  #process: ChildProcess | undefined;
  #serial: Socket | undefined;
  #transcript = '';
  #errors = '';
  #ended: string | undefined;
  #waiting: Waiting | undefined;
  #silence: NodeJS.Timeout | undefined;
  /** What was awaited successfully, or taken, lies before it. */
  #seen = 0;

  /** Boots. Throws QemuGuestError. */
  static async start(files: GuestFiles, options: QemuGuestOptions = {}): Promise<QemuGuest> {
    const guest = new QemuGuest();
    try {
      await guest.#spawn(files, options);
    } catch (error) {
      guest.close();
      throw error;
    }
    return guest;
  }

  private constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), 'puffer-qemu-'));
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** All that the guest has printed, one character per byte. */
  get transcript(): string {
    return this.#transcript;
  }

  /** Types at the console: a line needs its line feed. */
  type(text: string): void {
    this.#serial?.write(text, 'latin1');
  }

  /** Sends a break on the serial line. */
  sendBreak(): void {
    this.type(BREAK_KEYS);
  }

  /** Waits until what was printed since the last `take`, without carriage returns, is enough. Throws QemuGuestError with the output's tail. */
  async until(enough: (shown: string) => boolean): Promise<void> {
    await this.#until('more output', () => enough(this.#shown()));
  }

  /** What was printed since the last call, with `\n` as the only line end. */
  take(): string {
    const shown = this.#shown();
    this.#seen = this.#transcript.length;
    return shown;
  }

  #shown(): string {
    return this.#transcript.slice(this.#seen).replaceAll('\r', '');
  }

  /** Waits until the output ends in one of some texts, printed after what was awaited before. Throws QemuGuestError with the output's tail. */
  async untilPrompt(prompts: readonly string[]): Promise<void> {
    const from = this.#seen;
    await this.#until(`one of ${JSON.stringify(prompts)}`, () =>
      prompts.some(
        (prompt) => this.#transcript.length - prompt.length >= from && this.#transcript.endsWith(prompt),
      ),
    );
    this.#seen = this.#transcript.length;
  }

  /** Waits until QEMU has ended and all its output is here. Throws QemuGuestError with the output's tail. */
  async untilEnd(): Promise<void> {
    await this.#until('the end of QEMU', () => this.#ended !== undefined);
  }

  /** Where the stub is that `gdb` has asked for. */
  get stubPath(): string {
    return join(this.#directory, 'stub');
  }

  /** Waits for the stub that `gdb` has asked for, which takes one client at a time. Throws QemuGuestError. */
  async untilStub(): Promise<void> {
    (await this.connectGdb()).close();
  }

  /** A client of the stub that `gdb` has asked for. Throws QemuGuestError. */
  async connectGdb(): Promise<GdbRemote> {
    for (let tries = 0; tries < CONNECT_TRIES && this.#ended === undefined; tries++) {
      try {
        return await GdbRemote.connect({ path: this.stubPath });
      } catch {
        // The socket appears when QEMU has started; there is nothing to wait on but the file.
        await new Promise((resolve) => setTimeout(resolve, CONNECT_PAUSE));
      }
    }
    throw this.#error("QEMU's stub cannot be reached");
  }

  /** Ends QEMU, if it has not ended, and removes its files. */
  close(): void {
    clearTimeout(this.#silence);
    this.#process?.kill('SIGKILL');
    this.#serial?.destroy();
    this.#server.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #spawn(files: GuestFiles, options: QemuGuestOptions): Promise<void> {
    const path = (name: string): string => join(this.#directory, name);
    writeFileSync(path('bsd'), files.kernel);
    writeFileSync(path('initrd'), files.initrd);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path('serial'), resolve);
    });
    const stub = options.gdb ? ['-S', '-gdb', `unix:${this.stubPath},server=on,wait=off`] : [];
    const boot = ['-kernel', path('bsd'), '-initrd', path('initrd'), '-append', files.commandLine];
    const line = `socket,id=line,path=${path('serial')},mux=${options.breaks ? 'on' : 'off'}`;
    const serial = ['-chardev', line, '-serial', 'chardev:line'];
    const processor = options.processor === undefined ? [] : ['-cpu', options.processor];
    const qemu = spawn('qemu-system-x86_64', [...MACHINE, ...processor, ...serial, ...stub, ...boot], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = qemu;
    qemu.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors += text;
    });
    qemu.on('error', (error) => this.#end(error.message));
    qemu.on('exit', (status, signal) => {
      const how = signal ?? `exit status ${status}`;
      // What it has printed may still be in the socket: that is read to its end first.
      const serial = this.#serial;
      if (serial === undefined || serial.closed) this.#end(how);
      else serial.once('close', () => this.#end(how));
    });
  }

  #connected(socket: Socket): void {
    this.#serial = socket;
    socket.setEncoding('latin1');
    // QEMU goes when it is killed; its exit is what counts.
    socket.on('error', () => {});
    socket.on('data', (text) => {
      this.#transcript += String(text);
      this.#look();
    });
  }

  #end(how: string): void {
    this.#ended ??= how;
    this.#look();
  }

  async #until(what: string, satisfied: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting = { what, satisfied, resolve, reject };
      this.#look();
    });
  }

  #look(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    clearTimeout(this.#silence);
    if (waiting.satisfied()) {
      this.#waiting = undefined;
      waiting.resolve();
    } else if (this.#ended !== undefined) {
      this.#waiting = undefined;
      waiting.reject(this.#error(`QEMU ended (${this.#ended}) before ${waiting.what}`));
    } else {
      this.#silence = setTimeout(() => {
        this.#waiting = undefined;
        waiting.reject(this.#error(`the guest on QEMU is silent; awaited was ${waiting.what}`));
      }, SILENCE_LIMIT);
    }
  }

  #error(what: string): QemuGuestError {
    return new QemuGuestError(`${what}. ${this.#errors}The output's tail:\n${this.#transcript.slice(-TAIL)}`);
  }
}

/**
 * Boots a guest on QEMU, types lines, each when the output ends in one of `prompts`, and waits until the guest has switched the
 * machine off: the last line must make it (`halt`). Returns all the guest has printed, one character per byte. Throws QemuGuestError.
 */
export async function transcriptOnQemu(
  files: GuestFiles,
  lines: readonly string[],
  prompts: readonly string[],
): Promise<string> {
  const guest = await QemuGuest.start(files);
  try {
    for (const line of lines) {
      await guest.untilPrompt(prompts);
      guest.type(`${line}\n`);
    }
    await guest.untilEnd();
    return guest.transcript;
  } finally {
    guest.close();
  }
}
