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
  readonly when?: { readonly register: 'rdx'; readonly mask: bigint };
}

/** M_NOWAIT and M_CANFAIL (sys/malloc.h). */
const MALLOC_MAY_FAIL = 0x6n;

/** What may fail on the way: errors that its callers are ready for. */
export const FAULTS: readonly FaultyFunction[] = [
  { function: 'copyin', value: 14, most: 8 },
  { function: 'copyout', value: 14, most: 8 },
  { function: 'copyinstr', value: 14, most: 6 },
  { function: 'uvm_uarea_alloc', value: 0, most: 3 },
  { function: 'malloc', value: 0, most: 10, when: { register: 'rdx', mask: MALLOC_MAY_FAIL } },
  { function: 'uvm_analloc', value: 0, most: 20 },
];

/**
 * Lets the n-th call of a function of the kernel fail. What it writes goes through the input log. The functions are watched all the time:
 * decoded instructions are thrown away whenever a breakpoint comes or goes.
 */
export class FaultInjector {
  readonly #machine: Machine;
  readonly #detach: (() => void)[];
  #function = '';
  #value = 0;
  #left = 0;
  #counts: (process: bigint) => boolean = () => false;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#detach = FAULTS.flatMap(({ function: name, when }) => {
      const address = machine.image.addressOf(name);
      if (address === undefined) return [];
      return machine.core.breakpoints.add(address, () => {
        if (this.#left > 0 && this.#function === name) this.#called(when);
        return 'continue';
      });
    });
  }

  /** To be called before the program runs. Only calls in processes that `counts` accepts are counted. */
  arm(fault: FuzzFault | undefined, counts: (process: bigint) => boolean): void {
    this.#function = fault?.function ?? '';
    this.#value = fault?.value ?? 0;
    this.#left = fault?.nth ?? 0;
    this.#counts = counts;
  }

  /** Nothing fails any more. */
  disarm(): void {
    this.#left = 0;
  }

  /** The functions are watched no more. */
  dispose(): void {
    for (const one of this.#detach.splice(0)) one();
  }

  #called(when: FaultyFunction['when']): void {
    if (when !== undefined && (this.#machine.register(when.register) & when.mask) === 0n) return;
    if (!this.#counts(this.#machine.kernel.currentThread()?.pointer('p_p') ?? 0n)) return;
    this.#left--;
    if (this.#left === 0) this.#fail();
  }

  /** The function returns at once. */
  #fail(): void {
    const machine = this.#machine;
    const stack = machine.register('rsp');
    const caller = machine.kernel.memory.word(stack);
    machine.setRegister('rax', BigInt(this.#value));
    machine.setRegister('rsp', stack + RETURN_ADDRESS_SIZE);
    machine.setRegister('rip', caller);
  }
}
