import { createInterface, type Interface } from 'node:readline/promises';
import type { Stepper, StepRecord } from '../debug/stepper.ts';
import type { MachineStop } from '../machine/index.ts';
import { ExitCode, UsageError } from './exit-code.ts';
import { instructionLine, stepLine } from './step-format.ts';

const HELP = `step [N]            execute N instructions (s; an empty line repeats the last command)
next [N]            as step, but over calls (n)
continue [STEPS]    run to a breakpoint, or for so many steps (c)
break PLACE         stop at a symbol or address (b); break alone lists, delete PLACE removes
registers           all registers (r)
memory ADDR [LEN]   bytes at a linear address (x)
disassemble [PLACE [N]]   N instructions (d)
backtrace           the calls we are in (bt)
quit                leave (q)`;

const ALIASES: Readonly<Record<string, string>> = {
  s: 'step',
  stepi: 'step',
  si: 'step',
  n: 'next',
  nexti: 'next',
  c: 'continue',
  b: 'break',
  r: 'registers',
  x: 'memory',
  d: 'disassemble',
  bt: 'backtrace',
  q: 'quit',
  h: 'help',
  '?': 'help',
};
const MEMORY_LENGTH = 64;
const LONGEST_MEMORY = 65_536;
const BYTES_PER_LINE = 16;
const DISASSEMBLE_COUNT = 10;

export interface StepPromptOptions {
  readonly stepper: Stepper;
  /** Address of a place the user names. Throws UsageError. */
  readonly resolve: (place: string) => bigint;
  readonly backtrace: () => string;
  readonly registers: () => string;
}

/** The prompt of `puffer step`. */
export class StepPrompt {
  readonly #options: StepPromptOptions;
  readonly #breakpoints = new Map<bigint, { place: string; remove: () => void }>();
  #ended: MachineStop | undefined;

  constructor(options: StepPromptOptions) {
    this.#options = options;
  }

  /** Reads commands until `quit` or the end of input; returns the exit status. */
  async run(): Promise<number> {
    const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
    const input = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal,
      prompt: '(puffer) ',
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

  async #commands(input: Interface): Promise<void> {
    let last = '';
    input.prompt();
    for await (const typed of input) {
      const line = typed.trim() === '' ? last : typed.trim();
      last = line;
      if (line !== '') {
        try {
          if (!this.#execute(line)) return;
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          this.#print(error.message);
        }
      }
      input.prompt();
    }
  }

  /** Runs one command; false ends the prompt. */
  #execute(line: string): boolean {
    const [word = '', ...operands] = line.split(/\s+/);
    const command = ALIASES[word] ?? word;
    switch (command) {
      case 'step':
        this.#advance(() => this.#options.stepper.step(), operands[0]);
        return true;
      case 'next':
        this.#advance(() => this.#options.stepper.next(), operands[0]);
        return true;
      case 'continue':
        this.#continue(operands[0]);
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

  #advance(once: () => { record: StepRecord; stop: MachineStop }, countText: string | undefined): void {
    const count = countText === undefined ? 1 : this.#number(countText);
    for (let i = 0; i < count && this.#alive(); i++) {
      const { record, stop } = once();
      this.#print(stepLine(record));
      this.#note(stop);
    }
    if (this.#ended === undefined) this.#showCurrent();
  }

  #continue(budgetText: string | undefined): void {
    if (!this.#alive()) return;
    const budget = budgetText === undefined ? undefined : this.#number(budgetText);
    const stop = this.#options.stepper.machine.run({ budget });
    this.#note(stop);
    if (stop.reason === 'breakpoint') {
      const place = this.#breakpoints.get(this.#options.stepper.cpu.linearInstructionPointer());
      this.#print(`breakpoint ${place?.place ?? ''}`.trimEnd());
    } else if (this.#ended === undefined && stop.reason !== 'budget') this.#print(`stopped: ${stop.reason}`);
    if (this.#ended === undefined) this.#showCurrent();
  }

  #note(stop: MachineStop): void {
    if (!['powerOff', 'reset', 'debugExit', 'panic', 'shutdown'].includes(stop.reason)) return;
    this.#ended = stop;
    this.#print(`the machine has ended: ${stop.reason} at position ${stop.position}`);
  }

  #alive(): boolean {
    if (this.#ended !== undefined) this.#print(`the machine has ended (${this.#ended.reason}); quit leaves`);
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
      throw new UsageError('memory needs an address: memory 0xffffffff81000000 [LENGTH]');
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
    process.stdout.write(`${text}\n`);
  }
}
