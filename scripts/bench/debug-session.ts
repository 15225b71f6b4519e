import { guestProgram } from '../../emu/cli/guest-program.ts';
import { runCommandLine } from '../../emu/debug/commands/index.ts';
import type { Slice } from '../../emu/debug/control/execution.ts';
import { Disassembler } from '../../emu/debug/disassembler.ts';
import { Programs } from '../../emu/debug/programs/programs.ts';
import { DebugSession, type SessionHost } from '../../emu/debug/session/session.ts';
import { Kernel, KernelImage } from '../../emu/kernel/index.ts';
import { createMachine } from '../../emu/machine/create.ts';
import type { MachineStop } from '../../emu/machine/index.ts';
import { BenchError } from './child.ts';
import { GUEST, loadGuest, readGuest, runToPrompt } from './guest.ts';

/** Steps between two looks, as on the command line. */
const CHUNK = 2_000_000;

/** Characters. */
const PIECE = 1 << 16;

/** A session whose run ends at the shell's prompt; what breakpoints print is kept. */
class BenchHost implements SessionHost {
  readonly interrupted = false;
  /** Lines that breakpoints have printed. */
  lines = 0;
  #text = '';
  #pieces: Buffer[] = [];

  begin(): void {}

  async breathe(): Promise<void> {}

  print(text: string): void {
    this.lines++;
    this.#text += text;
    if (this.#text.length >= PIECE) this.#keep();
  }

  /** Keeps what has been printed, as the command line writes it: in pieces. */
  #keep(): void {
    this.#pieces.push(Buffer.from(this.#text));
    this.#text = '';
  }

  /** What has been printed since the last time. */
  take(): string {
    this.#keep();
    return Buffer.concat(this.#pieces.splice(0)).toString();
  }

  async pace(slice: Slice): Promise<MachineStop> {
    for (;;) {
      const stop = slice({ budget: CHUNK, untilText: GUEST.prompt });
      if (stop.reason !== 'budget') return stop;
    }
  }
}

/** The guest at its prompt, under the debugger. */
export class BenchSession {
  readonly session: DebugSession;
  readonly host: BenchHost;

  private constructor(session: DebugSession, host: BenchHost) {
    this.session = session;
    this.host = host;
  }

  static async start(): Promise<BenchSession> {
    const files = readGuest();
    const { machine, cpu } = createMachine({ memory: GUEST.memory });
    loadGuest(machine, files);
    runToPrompt(machine);
    const image = KernelImage.open(files.kernel);
    const kernel = new Kernel({ image, machine, memory: cpu.system.inspector });
    const host = new BenchHost();
    const programs = new Programs(kernel, guestProgram);
    const disassembler = await Disassembler.load();
    const session = new DebugSession({
      debuggee: { machine, cpu, kernel, programs, disassembler },
      host,
      sources: () => undefined,
    });
    return new BenchSession(session, host);
  }

  /** Runs a command of the debugger. Throws BenchError when it fails. */
  async run(line: string): Promise<string> {
    let text = '';
    for (const result of await runCommandLine(this.session, line)) {
      if (!result.ok) throw new BenchError(`${line}: ${result.message}`);
      text += result.answer.text;
    }
    return text;
  }
}
