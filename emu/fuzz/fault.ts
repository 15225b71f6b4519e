import type { Machine } from '../puffer-machine.ts';
import type { FuzzFault } from './program.ts';

const RETURN_ADDRESS_SIZE = 8n;

/** A function of the kernel that may fail. */
export interface FaultyFunction {
  readonly function: string;
  /** What it returns then. */
  readonly value: number;
  /** One of its first so many calls fails. */
  readonly most: number;
  /** Only calls whose register has one of these bits may fail: the caller allows it. */
  readonly when?: { readonly register: 'rsi' | 'rdx'; readonly mask: bigint };
}

/** PR_NOWAIT and PR_LIMITFAIL (sys/pool.h). */
const POOL_MAY_FAIL = 0x6n;
/** M_NOWAIT and M_CANFAIL (sys/malloc.h). */
const MALLOC_MAY_FAIL = 0x6n;

/** What may fail on the way: errors that its callers are ready for. */
export const FAULTS: readonly FaultyFunction[] = [
  { function: 'copyin', value: 14, most: 8 },
  { function: 'copyout', value: 14, most: 8 },
  { function: 'copyinstr', value: 14, most: 6 },
  { function: 'uvm_uarea_alloc', value: 0, most: 3 },
  { function: 'malloc', value: 0, most: 10, when: { register: 'rdx', mask: MALLOC_MAY_FAIL } },
  { function: 'pool_get', value: 0, most: 30, when: { register: 'rsi', mask: POOL_MAY_FAIL } },
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
    const when = FAULTS.find((one) => one.function === fault.function)?.when;
    let left = fault.nth;
    this.#detach = this.#machine.core.breakpoints.add(address, () => {
      if (when !== undefined && (this.#machine.register(when.register) & when.mask) === 0n) return 'continue';
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
