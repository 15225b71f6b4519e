import { layout } from '../../../emu/cpu/index.ts';
import type { EventKind } from '../../../emu/cpu/system/interrupts.ts';
import type { Machine } from '../../../emu/puffer-machine.ts';

/** What one instruction did. */
export interface Executions {
  executed: number;
  taken: number;
  faulted: boolean;
}

const KERNEL_HALF = 1n << 63n;
const SHORT_JUMP_LENGTH = 2;
const LONG_JUMP_LENGTH = 6;
const LONGEST_INSTRUCTION = 15n;

/** Whose code runs: the kernel's, or a program's by the name that it runs under. */
export function codeOwner(machine: Machine, linear: bigint): string {
  return linear >= KERNEL_HALF ? 'kernel' : (machine.kernel.currentIdentity()?.comm ?? '');
}

/** Executions by whose code it is and where, in hexadecimal. */
export class ExecutionTable {
  readonly found = new Map<string, Executions>();

  at(owner: string, linear: bigint): Executions {
    const key = `${owner} ${linear.toString(16)}`;
    let one = this.found.get(key);
    if (one === undefined) {
      one = { executed: 0, taken: 0, faulted: false };
      this.found.set(key, one);
    }
    return one;
  }
}

/** Length of a conditional branch of the guest's code; undefined for another instruction. */
function conditionalBranchLength(bytes: Uint8Array): number | undefined {
  const [first = 0, second = 0] = bytes;
  if (first >= 0x70 && first < 0x80) return SHORT_JUMP_LENGTH;
  return first === 0x0f && second >= 0x80 && second < 0x90 ? LONG_JUMP_LENGTH : undefined;
}

/** Whether the fault just delivered is a page fault that fetching the instruction made: then it did not even begin. */
function isFetchFault(machine: Machine, linear: bigint): boolean {
  const address = machine.register('cr2');
  return address >= linear && address < linear + LONGEST_INSTRUCTION;
}

/** Steps to a position, one by one, on a machine that counts nothing, and notes what each step executes. */
export function stepTo(machine: Machine, end: number): ExecutionTable {
  const { core, cpu } = machine;
  const table = new ExecutionTable();
  const delivered: EventKind[] = [];
  cpu.system.delivery.onDelivered = (_vector, kind) => delivered.push(kind);
  while (core.position < end) {
    const linear = cpu.linearInstructionPointer();
    const continued = core.state.get32(layout.REPEATING) !== 0;
    const bytes = machine.kernel.memory.tryRead(linear, LONG_JUMP_LENGTH);
    const owner = codeOwner(machine, linear);
    delivered.length = 0;
    core.step();
    const one = table.at(owner, linear);
    // What an interrupt or a fault holds up in the middle of its repetitions begins again.
    if (delivered[0] === 'interrupt' || delivered[0] === 'fault') {
      if (continued) one.executed--;
      if (delivered[0] === 'fault' && !isFetchFault(machine, linear)) one.faulted = true;
      continue;
    }
    if (!continued) one.executed++;
    const length = bytes && conditionalBranchLength(bytes);
    const next = linear + BigInt(length ?? 0);
    if (length !== undefined && cpu.linearInstructionPointer() !== next) one.taken++;
  }
  cpu.system.delivery.onDelivered = undefined;
  return table;
}
