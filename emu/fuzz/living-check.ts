import { checkConsistency, type Inconsistency, type Structures } from '../kernel/consistency/index.ts';
import type { Machine } from '../puffer-machine.ts';

/** Ends of processes at which everything is looked at, in one program. */
const CHECKS = 2;

/**
 * Looks at the kernel while a program's processes are still there, when one of them is about to exit: damage that its end would cover
 * shows then.
 */
export class LivingCheck {
  readonly #structures: Structures;
  readonly #found: Inconsistency[] = [];
  readonly #detach: () => void;
  #left = 0;

  constructor(machine: Machine, structures: Structures) {
    this.#structures = structures;
    this.#detach = machine.core.breakpoints.add(machine.image.address('exit1'), () => {
      if (this.#left > 0) {
        this.#left--;
        this.#found.push(...checkConsistency(this.#structures, { settled: false, inUserMode: false }));
      }
      return 'continue';
    });
  }

  /** Looks no more. */
  dispose(): void {
    this.#detach();
  }

  begin(): void {
    this.#left = CHECKS;
    this.#found.length = 0;
  }

  /** What was found since it began. */
  end(): Inconsistency[] {
    this.#left = 0;
    return this.#found.splice(0);
  }
}
