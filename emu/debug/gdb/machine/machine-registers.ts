import type { Machine, RegisterName } from '../../../machine/index.ts';
import { integerBytes } from '../../expressions/values.ts';
import { GuestWriteError, type GuestWriter } from '../../guest-writer.ts';
import { ProcessorRegisters } from '../../registers/processor-registers.ts';
import { REGISTER_ROWS, registerNumber } from '../../registers/register-table.ts';
import { refused } from '../packet-error.ts';
import type { TargetRegisters } from '../target.ts';
import { TARGET_DESCRIPTION } from './description.ts';
import type { SavedRegisters } from './kernel-threads.ts';

/** Whose registers a thread number means: those of the processor, or those a sleeping thread has left on its stack. */
export type SavedRegistersOf = (thread: number) => 'running' | SavedRegisters;

/** The processor's registers, and what the kernel has kept of other threads'. */
export class MachineRegisters implements TargetRegisters {
  readonly description = TARGET_DESCRIPTION;
  readonly rows = REGISTER_ROWS;
  readonly expedited = ['rbp', 'rsp', 'rip'].map(registerNumber);
  readonly #processor: ProcessorRegisters;
  readonly #saved: SavedRegistersOf;

  constructor(machine: Machine, saved: SavedRegistersOf, writer: GuestWriter) {
    this.#processor = new ProcessorRegisters(machine, writer);
    this.#saved = saved;
  }

  read(thread: number, register: number): Uint8Array | undefined {
    const row = REGISTER_ROWS[register];
    if (row === undefined) return undefined;
    const saved = this.#saved(thread);
    if (saved === 'running') return this.#processor.read(row);
    const value = row.place.kind === 'named' ? saved[row.place.register satisfies RegisterName] : undefined;
    return value === undefined ? undefined : integerBytes(value, row.bits / 8);
  }

  write(thread: number, register: number, value: Uint8Array): void {
    const row = REGISTER_ROWS[register];
    if (row === undefined) throw refused(`no register ${register}`);
    if (this.#saved(thread) !== 'running') throw refused('the thread does not run: its registers are memory');
    try {
      this.#processor.write(row, value);
    } catch (error) {
      if (error instanceof GuestWriteError) throw refused(error.message);
      throw error;
    }
  }
}
