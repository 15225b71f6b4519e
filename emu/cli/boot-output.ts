import { writeSync } from 'node:fs';
import type { Cpu } from '../cpu/index.ts';
import type { Machine, MachineStop, RunOptions } from '../machine/index.ts';
import { ExitCode } from './exit-code.ts';
import type { TextWatch } from './text-watch.ts';

export interface BootOutputOptions {
  readonly machine: Machine;
  readonly cpu: Cpu;
  readonly kernel: { readonly name: string; readonly bytes: Uint8Array };
  readonly report: boolean | string | undefined;
  readonly json: boolean;
}

/** What a boot shows: the console as it is, or everything as events; at the end what happened. */
export class BootOutput {
  readonly #machine: Machine;
  readonly #json: boolean;

  constructor(options: BootOutputOptions) {
    this.#machine = options.machine;
    this.#json = options.json;
  }

  console(bytes: Uint8Array, _position: number): void {
    if (!this.#json) writeSync(1, bytes);
  }

  run(limits: RunOptions): MachineStop {
    return this.#machine.run(limits);
  }

  finish(stop: MachineStop, code: number, watch: TextWatch): number {
    if (code === ExitCode.Budget)
      process.stderr.write(`\npuffer: the step budget is used up at position ${stop.position}\n`);
    if (watch.forbiddenSeen !== undefined)
      process.stderr.write(`\npuffer: the console printed '${watch.forbiddenSeen}'\n`);
    else
      for (const text of watch.missing)
        process.stderr.write(`\npuffer: the console never printed '${text}'\n`);
    return code;
  }
}
