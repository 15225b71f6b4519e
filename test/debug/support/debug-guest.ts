import { existsSync, readFileSync } from 'node:fs';
import { guestProgram } from '../../../emu/cli/guest-program.ts';
import { type Result, runCommandLine } from '../../../emu/debug/commands/index.ts';
import type { Slice } from '../../../emu/debug/control/execution.ts';
import { Disassembler } from '../../../emu/debug/disassembler.ts';
import { Programs } from '../../../emu/debug/programs/programs.ts';
import { DebugSession, type SessionHost } from '../../../emu/debug/session/session.ts';
import type { CheckpointOptions } from '../../../emu/debug/time/checkpoints.ts';
import { identityOf, openRecording } from '../../../emu/debug/time/open-recording.ts';
import type { Recording } from '../../../emu/debug/time/recording.ts';
import { Kernel, KernelImage, waitsForInput } from '../../../emu/kernel/index.ts';
import { createMachine } from '../../../emu/machine/create.ts';
import type { MachineStop } from '../../../emu/machine/index.ts';
import { appendToCpio } from '../../../scripts/guest/cpio-append.ts';
import { absolute, type CpioFile, guestPaths } from '../../../scripts/guest/index.ts';

const EXECUTABLE = 0o555;
const MEMORY = 64 * 2 ** 20;
const COMMAND_LINE = 'seed=1 time=1700000000';

/** The host of a session in a test: no time passes, nobody interrupts unless the test does. */
class TestHost implements SessionHost {
  interrupted = false;
  printed = '';
  /** Called at each look for an interrupt. */
  onBreath: () => void = () => {};

  begin(): void {
    this.interrupted = false;
  }

  print(text: string): void {
    this.printed += text;
  }

  async breathe(): Promise<void> {
    this.onBreath();
  }

  async pace(slice: Slice): Promise<MachineStop> {
    for (;;) {
      const stop = slice({ budget: 1_000_000 });
      if (stop.reason !== 'budget') return stop;
      await this.breathe();
    }
  }
}

/** The guest under the debugger, in this process. */
export class DebugGuest {
  readonly session: DebugSession;
  readonly host: TestHost;
  readonly #disassembler: Disassembler;

  private constructor(session: DebugSession, host: TestHost, disassembler: Disassembler) {
    this.session = session;
    this.host = host;
    this.#disassembler = disassembler;
  }

  /**
   * Ready for its first instruction; `lines` are typed at the shell's prompt when it waits for input. `added`: programs that are put into
   * /bin.
   */
  static async boot(
    lines: readonly string[] = [],
    checkpoints?: Partial<CheckpointOptions>,
    recording?: Recording,
    added: ReadonlyMap<string, Uint8Array> = new Map(),
  ): Promise<DebugGuest> {
    const kernelBytes = new Uint8Array(readFileSync(absolute(guestPaths.kernel)));
    const { machine, cpu } = createMachine({ memory: MEMORY });
    const initrd = new Uint8Array(readFileSync(absolute(guestPaths.initrd)));
    const files = [...added].map(
      ([name, data]): CpioFile => ({ kind: 'file', path: `bin/${name}`, permissions: EXECUTABLE, data }),
    );
    machine.loadKernel(kernelBytes, {
      name: guestPaths.kernel,
      commandLine: COMMAND_LINE,
      initrd: { name: guestPaths.initrd, bytes: appendToCpio(initrd, files) },
    });
    const kernel = new Kernel({
      image: KernelImage.open(kernelBytes),
      machine,
      memory: cpu.system.inspector,
    });
    if (recording !== undefined)
      openRecording(machine, recording, identityOf(guestPaths.kernel, kernel.image, kernelBytes));
    if (recording === undefined)
      machine.console.setScript({
        bytes: new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')),
        prompts: ['# '],
        waiting: () => waitsForInput(kernel),
      });
    const disassembler = await Disassembler.load();
    const host = new TestHost();
    const programs = new Programs(kernel, (comm) => added.get(comm) ?? guestProgram(comm));
    const session = new DebugSession({
      debuggee: { machine, cpu, kernel, programs, disassembler },
      host,
      sources: (path) =>
        existsSync(absolute(path)) ? readFileSync(absolute(path), 'utf8').split('\n') : undefined,
      checkpoints,
      kernel: {
        recorded: identityOf(guestPaths.kernel, kernel.image, kernelBytes),
        commandLine: COMMAND_LINE,
      },
      recordedEnd: recording?.end,
    });
    return new DebugGuest(session, host, disassembler);
  }

  get machine() {
    return this.session.debuggee.machine;
  }

  /** Runs commands; returns what the last one answered. Fails when one of them does. */
  async run(...lines: readonly string[]): Promise<string> {
    let text = '';
    for (const line of lines) {
      for (const result of await runCommandLine(this.session, line)) {
        if (!result.ok) throw new Error(`${line}: ${result.message}`);
        text = result.answer.text;
      }
    }
    return text;
  }

  /** What a command answers as data. */
  async data(line: string): Promise<unknown> {
    const result = (await runCommandLine(this.session, line)).at(-1);
    if (result?.ok !== true) throw new Error(`${line}: ${result?.message}`);
    return result.answer.value;
  }

  /** The error of a command that must fail. */
  async fails(line: string): Promise<Extract<Result, { ok: false }>> {
    const result = (await runCommandLine(this.session, line)).at(-1);
    if (result === undefined || result.ok) throw new Error(`${line} did not fail: ${result?.answer.text}`);
    return result;
  }

  close(): void {
    this.#disassembler.close();
  }
}
