import { createInterface, type Interface } from 'node:readline/promises';
import type { Stepper, StepRecord } from '../debug/stepper.ts';
import type { MachineStop } from '../machine/index.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { instructionLine, stepLine } from './step-format.ts';
import type { StepOutput } from './step-output.ts';
import { StepRunner } from './step-runner.ts';
import { describeStop, isEnding } from './step-stop.ts';

const HELP = `step [N]            execute N instructions (s; an empty line repeats the last command)
next [N]            as step, but over calls (n)
continue [STEPS]    run to a breakpoint, or for so many steps (c)
break PLACE         stop at a symbol or address (b); break alone lists, delete PLACE removes
registers           all registers (r, regs)
memory PLACE [LEN]  bytes at a linear address (m, x)
disassemble [PLACE [N]]   N instructions (d, disas)
backtrace           the calls we are in (bt)
quit                leave (q)
PLACE is a symbol, a register or a number, perhaps with an offset: fork1, rsp+8, 0x1000. Ctrl-C interrupts what runs.`;

const ALIASES: Readonly<Record<string, string>> = {
  s: 'step',
  stepi: 'step',
  si: 'step',
  n: 'next',
  nexti: 'next',
  c: 'continue',
  b: 'break',
  r: 'registers',
  regs: 'registers',
  m: 'memory',
  x: 'memory',
  d: 'disassemble',
  disas: 'disassemble',
  bt: 'backtrace',
  q: 'quit',
  h: 'help',
  '?': 'help',
};
const MEMORY_LENGTH = 64;
const LONGEST_MEMORY = 65_536;
const BYTES_PER_LINE = 16;
const DISASSEMBLE_COUNT = 10;
/** Steps printed between two looks at the keyboard. */
const STEPS_AT_ONCE = 256;

export interface StepPromptOptions {
  readonly stepper: Stepper;
  readonly output: StepOutput;
  /** A person types and sees what is printed. */
  readonly terminal: boolean;
  /** Address of a place the user names. Throws UsageError. */
  readonly resolve: (place: string) => bigint;
  readonly backtrace: () => string;
  readonly registers: () => string;
}

interface Advance {
  readonly record: StepRecord;
  readonly stop: MachineStop;
}

/** The prompt of `puffer step`. */
export class StepPrompt {
  readonly #options: StepPromptOptions;
  readonly #breakpoints = new Map<bigint, { place: string; remove: () => void }>();
  readonly #runner: StepRunner;
  #ended: MachineStop | undefined;
  #running = false;
  #closed = false;

  constructor(options: StepPromptOptions) {
    this.#options = options;
    this.#runner = new StepRunner(options.stepper.machine, options.terminal);
  }

  /** Reads commands until `quit` or the end of input; returns the exit status. */
  async run(): Promise<number> {
    const { terminal } = this.#options;
    const input = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal,
      prompt: '(puffer) ',
    });
    input.on('SIGINT', () => this.#interrupt(input));
    input.on('close', () => {
      this.#closed = true;
      // The end of a pipe leaves its last command to finish; a person who ends input wants to leave.
      if (terminal) this.#runner.interrupt();
    });
    this.#showCurrent();
    try {
      await this.#commands(input);
    } finally {
      input.close();
    }
    if (this.#ended?.reason === 'panic') return ExitCode.Panic;
    return this.#ended?.reason === 'shutdown' ? ExitCode.Shutdown : ExitCode.Ok;
  }

  /** Ctrl-C: ends what runs, or drops what has been typed. */
  #interrupt(input: Interface): void {
    if (this.#running) {
      this.#runner.interrupt();
      return;
    }
    input.write(null, { ctrl: true, name: 'e' });
    input.write(null, { ctrl: true, name: 'u' });
    process.stdout.write('\n');
    input.prompt();
  }

  /** Only a person is prompted: what a pipe gets is output alone. */
  #prompt(input: Interface): void {
    if (this.#options.terminal && !this.#closed) input.prompt();
  }

  async #commands(input: Interface): Promise<void> {
    let last = '';
    this.#prompt(input);
    for await (const typed of input) {
      const line = typed.trim() === '' ? last : typed.trim();
      last = line;
      if (line !== '') {
        try {
          this.#runner.begin();
          this.#running = true;
          if (!(await this.#execute(line))) return;
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          this.#print(error.message);
        } finally {
          this.#running = false;
        }
      }
      this.#options.output.endLine();
      this.#prompt(input);
    }
  }

  /** Runs one command; false ends the prompt. */
  async #execute(line: string): Promise<boolean> {
    const [word = '', ...operands] = line.split(/\s+/);
    const command = ALIASES[word] ?? word;
    switch (command) {
      case 'step':
        await this.#advance(() => this.#options.stepper.step(), operands[0]);
        return true;
      case 'next':
        await this.#advance(() => this.#options.stepper.next((budget) => this.#run(budget)), operands[0]);
        return true;
      case 'continue':
        await this.#continue(operands[0]);
        return true;
      case 'break':
        this.#break(operands[0]);
        return true;
      case 'delete':
        this.#delete(operands[0]);
        return true;
      case 'registers':
        this.#print(this.#options.registers().trimEnd());
        return true;
      case 'memory':
        this.#memory(operands);
        return true;
      case 'disassemble':
        this.#disassemble(operands);
        return true;
      case 'backtrace':
        this.#print(this.#options.backtrace().trimEnd());
        return true;
      case 'help':
        this.#print(HELP);
        return true;
      case 'quit':
      case 'exit':
        return false;
      default:
        throw new UsageError(`'${word}' is no command; help lists them`);
    }
  }

  async #advance(once: () => Advance | Promise<Advance>, countText: string | undefined): Promise<void> {
    const { machine } = this.#options.stepper;
    const count = countText === undefined ? 1 : this.#number(countText);
    if (!this.#alive()) return;
    for (let i = 0; i < count && this.#ended === undefined; i++) {
      const { position } = machine;
      const { record, stop } = await once();
      if (machine.position > position) this.#print(stepLine(record));
      this.#note(stop);
      if (stop.reason !== 'budget' && stop.reason !== 'breakpoint') break;
      if (i % STEPS_AT_ONCE === STEPS_AT_ONCE - 1) await this.#runner.breathe();
      if (this.#runner.interrupted) {
        this.#print('interrupted');
        break;
      }
    }
    if (this.#ended === undefined) this.#showCurrent();
  }

  async #continue(budgetText: string | undefined): Promise<void> {
    if (!this.#alive()) return;
    const budget = budgetText === undefined ? undefined : this.#number(budgetText);
    this.#note(await this.#run(budget));
    if (this.#ended === undefined) this.#showCurrent();
  }

  #run(budget: number | undefined): Promise<MachineStop> {
    return this.#runner.run(budget, () => this.#options.output.flush());
  }

  /** Says why a run stopped, unless it did what was asked. */
  #note(stop: MachineStop): void {
    if (isEnding(stop)) {
      this.#ended = stop;
      this.#print(`the machine has ended: ${describeStop(stop)}, at position ${stop.position}`);
    } else if (stop.reason === 'breakpoint') {
      const reached = this.#breakpoints.get(this.#options.stepper.cpu.linearInstructionPointer());
      if (reached !== undefined) this.#print(`breakpoint ${reached.place}`);
    } else if (stop.reason !== 'budget') this.#print(describeStop(stop));
  }

  #alive(): boolean {
    if (this.#ended !== undefined)
      this.#print(`the machine has ended: ${describeStop(this.#ended)}; quit leaves`);
    return this.#ended === undefined;
  }

  #break(place: string | undefined): void {
    if (place === undefined) {
      if (this.#breakpoints.size === 0) this.#print('no breakpoints');
      for (const [address, entry] of this.#breakpoints)
        this.#print(`${entry.place}  0x${address.toString(16)}`);
      return;
    }
    const address = this.#options.resolve(place);
    if (!this.#breakpoints.has(address)) {
      const remove = this.#options.stepper.machine.breakpoints.add(address, () => 'stop');
      this.#breakpoints.set(address, { place, remove });
    }
    this.#print(`breakpoint at ${place} (0x${address.toString(16)})`);
  }

  #delete(place: string | undefined): void {
    if (place === undefined) throw new UsageError('delete needs the symbol or address of a breakpoint');
    const address = this.#options.resolve(place);
    const entry = this.#breakpoints.get(address);
    if (entry === undefined) throw new UsageError(`there is no breakpoint at ${place}`);
    entry.remove();
    this.#breakpoints.delete(address);
  }

  #memory([place, lengthText]: string[]): void {
    if (place === undefined)
      throw new UsageError('memory needs a place: memory rsp [LENGTH], memory 0xffffffff81000000');
    const address = this.#options.resolve(place);
    const length = lengthText === undefined ? MEMORY_LENGTH : this.#number(lengthText);
    if (length > LONGEST_MEMORY) throw new UsageError(`at most ${LONGEST_MEMORY} bytes at a time`);
    const bytes = this.#options.stepper.cpu.system.inspector.readMemory(address, length);
    for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
      const row = bytes.subarray(at, at + BYTES_PER_LINE);
      const hexadecimal = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
      const text = Array.from(row, (byte) =>
        byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
      ).join('');
      const shown = (address + BigInt(at)).toString(16).padStart(16, '0');
      this.#print(`${shown}  ${hexadecimal.padEnd(3 * BYTES_PER_LINE - 1)}  ${text}`);
    }
    if (bytes.length < length)
      this.#print(`0x${(address + BigInt(bytes.length)).toString(16)} is not mapped to memory`);
  }

  #disassemble([place, countText]: string[]): void {
    const { stepper } = this.#options;
    const address =
      place === undefined ? stepper.cpu.linearInstructionPointer() : this.#options.resolve(place);
    const count = countText === undefined ? DISASSEMBLE_COUNT : this.#number(countText);
    for (const instruction of stepper.disassemble(address, count)) {
      this.#print(instructionLine(instruction).slice(11));
    }
  }

  #number(text: string): number {
    const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < 1) throw new UsageError(`'${text}' is no positive number`);
    return value;
  }

  #showCurrent(): void {
    this.#print(`=> ${instructionLine(this.#options.stepper.current()).trimStart()}`);
  }

  #print(text: string): void {
    this.#options.output.print(text);
  }
}
