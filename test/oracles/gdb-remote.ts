import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The stub answered something else than the protocol allows, refused a request, or is gone. */
export class GdbRemoteError extends Error {
  readonly code = 'ERR_GDB_REMOTE';
  override readonly name = 'GdbRemoteError';
}

/** Where a stub listens. */
export type GdbAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** The registers of the `g` packet, as QEMU sends them for amd64 (GDB's org.gnu.gdb.i386.core for 64 bits). */
const REGISTERS = [
  'rax',
  'rbx',
  'rcx',
  'rdx',
  'rsi',
  'rdi',
  'rbp',
  'rsp',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
  'rip',
  'eflags',
  'cs',
  'ss',
  'ds',
  'es',
  'fs',
  'gs',
] as const;
export type GdbRegister = (typeof REGISTERS)[number];
/** Registers up to RIP have 8 bytes, the others 4. */
const WIDE_REGISTERS = REGISTERS.indexOf('rip') + 1;

/** Why the program stands: the signal of a stop reply, or that it has ended. */
export type GdbStop =
  | { readonly kind: 'signal'; readonly signal: number }
  | { readonly kind: 'ended'; readonly reply: string };

export type GdbBreakpoint = 'software' | 'hardware';
const BREAKPOINT_TYPES: Readonly<Record<GdbBreakpoint, number>> = { software: 0, hardware: 1 };

/**
 * A client of GDB's remote serial protocol (GDB manual, appendix E), enough to drive a stub from a test: registers, memory, steps,
 * breakpoints. Requests are answered in their order.
 */
export class GdbRemote {
  readonly #socket: Socket;
  #received = '';
  readonly #waiting: { resolve(packet: string): void; reject(error: Error): void }[] = [];
  readonly #packets: string[] = [];
  #acknowledge = true;
  #closed: Error | undefined;

  /** Connects and leaves acknowledgements behind. Throws GdbRemoteError. */
  static async connect(address: GdbAddress): Promise<GdbRemote> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const made = 'path' in address ? connect(address.path) : connect(address.port, address.host);
      made.once('connect', () => resolve(made));
      made.once('error', (cause) =>
        reject(new GdbRemoteError(`no stub at ${JSON.stringify(address)}: ${cause.message}`)),
      );
    });
    socket.setNoDelay(true);
    const remote = new GdbRemote(socket);
    if ((await remote.request('QStartNoAckMode')) === 'OK') remote.#acknowledge = false;
    // QEMU answers for single registers only after it has been asked for their description.
    await remote.request('qXfer:features:read:target.xml:0,ffb');
    return remote;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text) => this.#receive(String(text)));
    const gone = (why: string) => {
      this.#closed ??= new GdbRemoteError(`the stub is gone: ${why}`);
      for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#closed);
    };
    socket.on('error', (error) => gone(error.message));
    socket.on('close', () => gone('it closed the connection'));
  }

  /** Sends one packet and returns the stub's next one. */
  async request(packet: string): Promise<string> {
    this.#send(packet);
    return this.#next();
  }

  async readRegisters(): Promise<Readonly<Record<GdbRegister, bigint>>> {
    const hex = this.#check(await this.request('g'), 'g');
    const values: Partial<Record<GdbRegister, bigint>> = {};
    let at = 0;
    REGISTERS.forEach((name, index) => {
      const size = index < WIDE_REGISTERS ? 8 : 4;
      values[name] = littleEndian(hex.slice(at, at + size * 2));
      at += size * 2;
    });
    return values as Record<GdbRegister, bigint>;
  }

  /** One register of at most 64 bits by the stub's number. */
  async readRegister(number: number): Promise<bigint> {
    const packet = `p${number.toString(16)}`;
    return littleEndian(this.#check(await this.request(packet), packet));
  }

  async readMemory(address: bigint, length: number): Promise<Uint8Array> {
    const packet = `m${address.toString(16)},${length.toString(16)}`;
    const hex = this.#check(await this.request(packet), packet);
    return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  }

  async writeMemory(address: bigint, bytes: Uint8Array): Promise<void> {
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const packet = `M${address.toString(16)},${bytes.length.toString(16)}:${hex}`;
    this.#check(await this.request(packet), packet);
  }

  /** One instruction; with REP one iteration, where the stub steps so. */
  async step(): Promise<GdbStop> {
    return stopOf(await this.request('s'));
  }

  /**
   * One register before an instruction, then the instruction. Both requests go out at once: a step costs one exchange, not two.
   * Nothing may be sent until they are answered: a byte that arrives while the program runs stops it.
   */
  async readRegisterAndStep(number: number): Promise<{ readonly value: bigint; readonly stop: GdbStop }> {
    const read = this.readRegister(number);
    const step = this.step();
    // When both fail, the first error is the one that is told.
    const [value, stop] = await Promise.all([read, step]);
    return { value, stop };
  }

  /** Runs until the next breakpoint, signal or end. */
  async continue(): Promise<GdbStop> {
    return stopOf(await this.request('c'));
  }

  async setBreakpoint(address: bigint, kind: GdbBreakpoint = 'software'): Promise<void> {
    const packet = `Z${BREAKPOINT_TYPES[kind]},${address.toString(16)},1`;
    this.#check(await this.request(packet), packet);
  }

  async clearBreakpoint(address: bigint, kind: GdbBreakpoint = 'software'): Promise<void> {
    const packet = `z${BREAKPOINT_TYPES[kind]},${address.toString(16)},1`;
    this.#check(await this.request(packet), packet);
  }

  /** QEMU alone: whether timers run and interrupts are delivered during single steps (neither is by default). */
  async stepWithInterrupts(enabled: boolean): Promise<void> {
    const packet = `Qqemu.sstep=${enabled ? 1 : 7}`;
    this.#check(await this.request(packet), packet);
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(packet: string): void {
    if (this.#closed !== undefined) throw this.#closed;
    let sum = 0;
    for (let index = 0; index < packet.length; index++) sum += packet.charCodeAt(index);
    this.#socket.write(`$${packet}#${(sum & 0xff).toString(16).padStart(2, '0')}`, 'latin1');
  }

  #next(): Promise<string> {
    const ready = this.#packets.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #receive(text: string): void {
    this.#received += text;
    for (;;) {
      const start = this.#received.indexOf('$');
      const end = this.#received.indexOf('#', start);
      if (start < 0 || end < 0 || this.#received.length < end + 3) return;
      const packet = expandRuns(this.#received.slice(start + 1, end));
      this.#received = this.#received.slice(end + 3);
      if (this.#acknowledge) this.#socket.write('+');
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#packets.push(packet);
      else waiting.resolve(packet);
    }
  }

  #check(reply: string, packet: string): string {
    if (/^E[0-9a-f]{2}$/.test(reply)) throw new GdbRemoteError(`the stub refuses ${packet}: ${reply}`);
    if (reply === '') throw new GdbRemoteError(`the stub does not know ${packet}`);
    return reply;
  }
}

/** A QEMU that waits for its first instruction, and the client that drives it. */
export interface QemuUnderGdb {
  readonly remote: GdbRemote;
  /** What the guest has printed on COM1. */
  output(): string;
  /** Ends QEMU and removes its files. */
  close(): void;
}

const CONNECT_TRIES = 200;
const CONNECT_PAUSE = 25;
const MACHINE =
  '-M pc -m 64 -nodefaults -no-user-config -display none -serial stdio -monitor none -no-reboot -icount shift=0,sleep=off -S';

/** Starts QEMU on a PVH kernel, stopped, with its stub on a unix socket. `more` are further arguments. Throws GdbRemoteError. */
export async function startQemuUnderGdb(
  kernel: Uint8Array,
  more: readonly string[] = [],
): Promise<QemuUnderGdb> {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-gdb-'));
  const path = join(directory, 'stub');
  const image = join(directory, 'kernel');
  writeFileSync(image, kernel);
  const stub = ['-gdb', `unix:${path},server=on,wait=off`];
  const qemu = spawn('qemu-system-x86_64', [...MACHINE.split(' '), ...stub, '-kernel', image, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = collect(qemu);
  const close = () => {
    qemu.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  for (let tries = 0; tries < CONNECT_TRIES; tries++) {
    try {
      const remote = await GdbRemote.connect({ path });
      return {
        remote,
        output: () => printed.out,
        close: () => {
          remote.close();
          close();
        },
      };
    } catch {
      if (qemu.exitCode !== null) break;
      // The socket appears when QEMU has started; there is nothing to wait on but the file.
      await new Promise((resolve) => setTimeout(resolve, CONNECT_PAUSE));
    }
  }
  close();
  throw new GdbRemoteError(`QEMU's stub cannot be reached: ${printed.err}`);
}

function collect(child: ChildProcess): { out: string; err: string } {
  const printed = { out: '', err: '' };
  child.stdout?.setEncoding('latin1').on('data', (text) => {
    printed.out += text;
  });
  child.stderr?.setEncoding('latin1').on('data', (text) => {
    printed.err += text;
  });
  return printed;
}

/** Undoes the protocol's run-length encoding: `0*"` is `0` and as many more as `"` minus 29. */
function expandRuns(packet: string): string {
  return packet.replace(/(.)\*(.)/gs, (_, repeated: string, count: string) =>
    repeated.repeat(count.charCodeAt(0) - 28),
  );
}

function littleEndian(hex: string): bigint {
  const bytes = hex.match(/../g) ?? [];
  return BigInt(`0x${bytes.reverse().join('') || '0'}`);
}

function stopOf(reply: string): GdbStop {
  if (reply.startsWith('S') || reply.startsWith('T')) {
    return { kind: 'signal', signal: Number.parseInt(reply.slice(1, 3), 16) };
  }
  if (reply.startsWith('W') || reply.startsWith('X')) return { kind: 'ended', reply };
  throw new GdbRemoteError(`not a stop reply: ${reply}`);
}
