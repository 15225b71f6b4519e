import type { Kernel } from '../../kernel/index.ts';
import { nearBy, shown } from '../checks.ts';
import { GuestTestError } from '../errors.ts';

/** SYS_MAXSYSCALL (sys/syscall.h). */
const SYSTEM_CALLS = 331;

/** The numbers of a kernel's system calls by name. */
export class SystemCallNames {
  readonly #numbers = new Map<string, number>();
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    for (let number = 0; number < SYSTEM_CALLS; number++) {
      const name = kernel.systemCallName(number);
      // An unused number has no name, or `#131 (obsolete …)`.
      if (name !== undefined && !name.startsWith('#') && !this.#numbers.has(name))
        this.#numbers.set(name, number);
    }
  }

  /** The number of a system call; a number is one already. Throws GuestTestError 'bad-expectation'. */
  numberOf(name: string | number): number {
    if (Number.isSafeInteger(name)) return name as number;
    const number = typeof name === 'string' ? this.#numbers.get(name) : undefined;
    if (number === undefined) {
      const near = typeof name === 'string' ? nearBy([...this.#numbers.keys()], name) : '';
      throw new GuestTestError(
        'bad-expectation',
        `there is no system call ${typeof name === 'string' ? name : shown(name)}${near}`,
      );
    }
    return number;
  }

  nameOf(name: string | number): string {
    return typeof name === 'string' ? name : (this.#kernel.systemCallName(name) ?? `#${name}`);
  }
}
