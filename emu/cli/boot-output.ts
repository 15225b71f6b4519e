import type { UnimplementedInstruction } from '../cpu/index.ts';
import {
  backtrace,
  dumpRegisters,
  EVENT_NAMES,
  EVENT_SCHEMA,
  EVENT_VERSION,
  encodeEvent,
  ForkRecorder,
  type ForkReport,
  formatBacktrace,
  KernelError,
  type KernelEvent,
  panicMessage,
  programPlaces,
  renderForkReport,
  toJson,
} from '../kernel/index.ts';
import type { MachineStop, RunOptions } from '../machine/index.ts';
import type { Machine } from '../puffer-machine.ts';
import { ExitCode } from './exit-code.ts';
import { guestProgram } from './guest-program.ts';
import { renderScreen, ScreenView } from './screen-view.ts';
import type { TextWatch } from './text-watch.ts';
import { writeAll } from './write-all.ts';

export interface BootOutputOptions {
  readonly machine: Machine;
  /** Where console output is heard of. */
  readonly console: Pick<Machine['console'], 'onOutput'>;
  /** Forks to report: after the first prompt, or from power-on. */
  readonly report: 'prompt' | 'power-on' | undefined;
  readonly json: boolean;
  /** The text screen: drawn as it changes, in place of the console's output; or printed when the run ends. */
  readonly screen?: 'live' | 'end' | undefined;
  /** Where it is written; standard output if not given. */
  readonly descriptor?: number | undefined;
}

const STANDARD_OUTPUT = 1;

const DEFAULT_WIDTH = 120;

/** Whether a stream takes colours: a terminal, and NO_COLOR is not set (no-color.org). */
function takesColor(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? '') === '';
}

/** What a boot shows: the console as it is and reports at the end, or everything as events; then how it ended. */
export class BootOutput {
  readonly #machine: Machine;
  readonly #json: boolean;
  readonly #screen: BootOutputOptions['screen'];
  readonly #view: ScreenView;
  readonly #descriptor: number;
  #recorder: ForkRecorder | undefined;
  /** Console output that has not yet been written as an event. */
  #text = '';
  readonly #decoder = new TextDecoder();
  /** Addresses of unimplemented instructions that have been named. */
  readonly #named = new Set<bigint>();
  /** The console's last, unfinished line. */
  #lastLine = '';

  constructor({ machine, console, report, json, screen, descriptor = STANDARD_OUTPUT }: BootOutputOptions) {
    this.#descriptor = descriptor;
    this.#machine = machine;
    this.#json = json;
    this.#screen = screen;
    this.#view = new ScreenView(machine.core, (text) => this.#write(text));
    console.onOutput((bytes) => this.#console(bytes));
    machine.cpu.onUnimplemented = (instruction) => this.#unimplemented(instruction);
    if (json) this.#listen();
    if (report !== undefined) {
      this.#recorder = new ForkRecorder(machine.tracer, {
        from: report,
        userPlace: programPlaces(guestProgram),
        onReport: (one) => {
          if (json) this.#line(toJson(one));
        },
      });
    }
  }

  #console(bytes: Uint8Array): void {
    if (this.#screen === 'live') return;
    if (!this.#json) {
      this.#write(bytes);
      for (const byte of bytes)
        this.#lastLine = byte === LINE_FEED ? '' : this.#lastLine + String.fromCharCode(byte);
      return;
    }
    this.#text += this.#decoder.decode(bytes, { stream: true });
    if (this.#text.endsWith('\n')) this.#flushText();
  }

  #flushText(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#event('console:output', { text });
  }

  /** An event of the machine, beside those of the kernel. */
  #event(name: string, values: object): void {
    const { position, guestTime } = this.#machine;
    this.#line(
      toJson({ schema: EVENT_SCHEMA, version: EVENT_VERSION, name, position, guestTime, ...values }),
    );
  }

  /** An encoding that puffer does not know: the guest gets #UD, and a person should know why. Each address is named once. */
  #unimplemented({ address, bytes }: UnimplementedInstruction): void {
    if (this.#named.has(address)) return;
    this.#named.add(address);
    const code = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const place = `0x${address.toString(16)}`;
    if (this.#json) this.#event('cpu:unimplemented', { address, code });
    else
      writeAll(
        2,
        new TextEncoder().encode(
          `puffer: instruction not implemented: ${code} at ${place} (#UD in the guest)\n`,
        ),
      );
  }

  #listen(): void {
    for (const name of EVENT_NAMES) {
      try {
        this.#machine.on(name, (event) => {
          this.#flushText();
          this.#write(encodeEvent(event as KernelEvent));
        });
      } catch (error) {
        // A kernel of another kind need not have everything that OpenBSD's has.
        if (!(error instanceof KernelError)) throw error;
      }
    }
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }

  #write(data: string | Uint8Array): void {
    writeAll(this.#descriptor, typeof data === 'string' ? new TextEncoder().encode(data) : data);
  }

  run(limits: RunOptions): MachineStop {
    return this.#machine.core.run(limits);
  }

  /** Ends the recording and shows the reports so far; then the console goes on where it was. */
  showReports(): void {
    const recorder = this.#recorder;
    if (recorder === undefined || this.#json) return;
    this.#recorder = undefined;
    recorder.finish();
    const unfinished = this.#lastLine;
    if (unfinished !== '') this.#line('');
    const inOrder = [...recorder.reports].sort((a, b) => a.firstPosition - b.firstPosition);
    for (const report of inOrder) this.#report(report);
    if (recorder.reports.length === 0) this.#line('no process was forked');
    this.#write(unfinished);
  }

  /** Draws what has changed on the text screen. */
  drawScreen(): void {
    this.#view.draw();
  }

  #endScreen(): void {
    if (this.#screen === 'live') {
      this.#view.draw();
      this.#view.leave();
    } else if (this.#screen === 'end') {
      const screen = this.#machine.core.textScreen();
      if (this.#json) this.#event('machine:screen', screen);
      else this.#write(renderScreen(screen));
    }
  }

  /** Says how it ended; returns the exit status. */
  finish(stop: MachineStop, code: number, watch: TextWatch): number {
    if (this.#json) {
      this.#recorder?.finish();
      this.#flushText();
    } else {
      if (this.#lastLine !== '') this.#line('');
      this.#lastLine = '';
      this.showReports();
    }
    this.#endScreen();
    const explanation = this.#explain(stop, code, watch);
    if (explanation !== '') writeAll(2, new TextEncoder().encode(explanation));
    if (this.#json) this.#event('machine:stop', { reason: stop.reason, exitStatus: code });
    return code;
  }

  #report(report: ForkReport): void {
    const width = process.stdout.columns ?? DEFAULT_WIDTH;
    this.#line(renderForkReport(report, { width, color: takesColor(process.stdout) }).trimEnd());
    this.#line('');
  }

  #explain(stop: MachineStop, code: number, watch: TextWatch): string {
    if (watch.forbiddenSeen !== undefined) return `puffer: the console printed '${watch.forbiddenSeen}'\n`;
    if (stop.reason === 'panic') return this.#panic();
    if (stop.reason === 'shutdown') return this.#tripleFault(stop);
    const missing = watch.missing.map((text) => `puffer: the console never printed '${text}'\n`).join('');
    return code === ExitCode.Budget
      ? `puffer: the step budget is used up at position ${stop.position}\n${missing}`
      : missing;
  }

  #panic(): string {
    const { kernel } = this.#machine;
    const message = attempt(() => panicMessage(kernel)) ?? 'the guest kernel panicked';
    const trace = attempt(() => formatBacktrace(backtrace(kernel))) ?? '';
    return `puffer: panic: ${message}\n${trace}`;
  }

  #tripleFault(stop: MachineStop): string {
    const { kernel, cpu } = this.#machine;
    const address = cpu.linearInstructionPointer();
    const bytes = cpu.system.inspector.readMemory(address, SHOWN_BYTES);
    const code = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return [
      `puffer: triple fault at position ${stop.position}: the processor has shut down\n`,
      dumpRegisters(kernel),
      `code at rip: ${code === '' ? 'not mapped' : code}\n`,
      attempt(() => formatBacktrace(backtrace(kernel))) ?? '',
    ].join('');
  }
}

const LINE_FEED = 0x0a;
const SHOWN_BYTES = 15;

/** What a look into a guest that may be damaged gives; undefined when it cannot be looked into. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}
