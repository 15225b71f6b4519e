import type { Machine } from '../../../emu/index.ts';
import { inventory } from '../support/census.ts';
import { AT_DDB, BREAK, type DdbStep } from './ddb-script.ts';

/** Steps: many times what a command needs. */
const BUDGET = 300_000_000;
/** Steps in which a shell that has printed its prompt begins to wait. */
const SETTLING = 5_000_000;
const KERNBASE = 0xffff_ffff_8000_0000n;
const POINTER = 8;

/** A person at the guest's serial line, which may be the shell's or the debugger's. */
export class DdbConsole {
  readonly machine: Machine;
  #shown = '';
  #enough: RegExp | undefined;

  constructor(machine: Machine) {
    this.machine = machine;
    machine.console.onOutput((bytes) => {
      this.#shown += String.fromCharCode(...bytes).replaceAll('\r', '');
      if (this.#enough?.test(this.#shown) === true) machine.core.requestStop();
    });
  }

  /** Types something and gives what is shown until the prompt. Throws when it never comes. */
  type(text: string, prompt: RegExp): string {
    if (text !== '') this.machine.console.write(text);
    return this.until(prompt);
  }

  /** What is shown until the prompt. Throws when it never comes. */
  until(prompt: RegExp): string {
    this.#shown = '';
    this.#enough = prompt;
    const stop = this.machine.run({ budget: BUDGET });
    if (stop.reason !== 'requested') throw new Error(`${stop.reason} after: ${this.#shown.slice(-500)}`);
    return this.#shown;
  }

  /** Lets the guest come to rest: whoever prompts waits then. */
  rest(): void {
    this.#enough = undefined;
    this.machine.core.run({ budget: SETTLING, pauseWhenIdle: true });
  }

  /** Sends a break; gives what the debugger says before its prompt. */
  breakIn(): string {
    this.machine.console.sendBreak();
    return this.until(AT_DDB);
  }

  /** Types a command at the debugger's prompt; gives its output alone. */
  ddb(command: string): string {
    const shown = this.type(`${command}\n`, AT_DDB);
    return shown.slice(shown.indexOf('\n') + 1, shown.lastIndexOf('ddb> '));
  }

  /** Types something and runs until the machine has ended. */
  toEnd(text: string): { readonly reason: string; readonly shown: string } {
    this.#shown = '';
    this.#enough = undefined;
    if (text !== '') this.machine.console.write(text);
    return { reason: this.machine.run({ budget: BUDGET }).reason, shown: this.#shown };
  }

  /** Plays a script from prompt to prompt; gives its transcript. */
  play(script: readonly DdbStep[]): string {
    return script
      .map(([input, prompt]) => {
        if (input === BREAK) this.machine.console.sendBreak();
        else this.machine.console.write(input);
        const shown = this.until(prompt);
        this.rest();
        return shown;
      })
      .join('');
  }

  /** What the kernel counts and lists. */
  inventory(): object {
    return inventory(this.machine.kernel);
  }

  /** Takes a function out of the kernel's table of system calls: who calls it next jumps to address 0. */
  breakSystemCall(name: string): void {
    const { kernel } = this.machine;
    const { image, memory } = kernel;
    const handler = image.addressOf(name) ?? 0n;
    const table = image.addressOf('sysent') ?? 0n;
    const size = image.symbols.byName('sysent')?.size ?? 0;
    for (let at = table; at < table + BigInt(size); at += BigInt(POINTER))
      if (memory.word(at) === handler) {
        this.machine.core.writeMemory(Number(at - KERNBASE), new Uint8Array(POINTER));
        return;
      }
    throw new Error(`${name} is in no slot of the table of system calls`);
  }
}
