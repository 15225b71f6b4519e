import type { Machine } from '../puffer-machine.ts';
import type { FuzzFault } from './program.ts';

const RETURN_ADDRESS_SIZE = 8n;

/** What may fail on the way, what it returns then, and up to which of its calls one may fail: its callers are ready for it. */
export const FAULTS: readonly { readonly function: string; readonly value: number; readonly most: number }[] =
  [
    { function: 'copyin', value: 14, most: 8 },
    { function: 'copyout', value: 14, most: 8 },
    { function: 'copyinstr', value: 14, most: 6 },
    { function: 'uvm_uarea_alloc', value: 0, most: 3 },
    { function: 'uvm_analloc', value: 0, most: 20 },
    { function: 'pipe_create', value: 0, most: 4 },
  ];

/** Lets the n-th call of a function of the kernel fail. What it writes goes through the input log. */
export class FaultInjector {
  readonly #machine: Machine;
  #detach: (() => void) | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** To be called before the program runs. Only calls in processes that `counts` accepts are counted. */
  arm(fault: FuzzFault | undefined, counts: (process: bigint) => boolean): void {
    this.disarm();
    if (fault === undefined) return;
    const address = this.#machine.image.addressOf(fault.function);
    if (address === undefined) return;
    let left = fault.nth;
    this.#detach = this.#machine.core.breakpoints.add(address, () => {
      const process = this.#machine.kernel.currentThread()?.pointer('p_p') ?? 0n;
      if (left > 0 && counts(process)) left--;
      else return 'continue';
      if (left === 0) this.#fail(fault.value);
      return 'continue';
    });
  }

  disarm(): void {
    this.#detach?.();
    this.#detach = undefined;
  }

  /** The function returns at once. */
  #fail(value: number): void {
    const machine = this.#machine;
    const stack = machine.register('rsp');
    const caller = machine.kernel.memory.word(stack);
    machine.setRegister('rax', BigInt(value));
    machine.setRegister('rsp', stack + RETURN_ADDRESS_SIZE);
    machine.setRegister('rip', caller);
  }
}
