import type { Machine } from '../../../emu/index.ts';
import { checkConsistency, Structures } from '../../../emu/kernel/consistency/index.ts';
import { AtRest } from './at-rest.ts';

/**
 * Holds the kernel's structures against each other while a machine runs: at a system call now and then, before the kernel's first
 * instruction. Other threads may sleep in theirs. That locks are put down it sees at each.
 */
export class Auditor {
  readonly #structures: Structures;
  readonly #detach: () => void;
  #wrong: string | undefined;
  #audits = 0;
  #calls = 0;
  #next = 0;

  /** From the first call on, and then always after a `share` more of the calls than before: often at first, and never too often. */
  constructor(machine: Machine, share = 0.1) {
    this.#structures = new Structures(machine.kernel);
    const atRest = new AtRest(machine.kernel);
    this.#detach = machine.core.breakpoints.add(machine.image.address('Xsyscall'), () => {
      this.#wrong = atRest.wrong();
      if (this.#wrong !== undefined) return 'stop';
      if (this.#calls++ < this.#next) return 'continue';
      this.#next = Math.ceil(this.#calls * (1 + share));
      this.#look();
      return this.#wrong === undefined ? 'continue' : 'stop';
    });
  }

  /** How often it has looked. */
  get audits(): number {
    return this.#audits;
  }

  /** The first thing that was wrong; undefined when nothing was. */
  get wrong(): string | undefined {
    return this.#wrong;
  }

  stop(): void {
    this.#detach();
  }

  #look(): void {
    this.#audits++;
    const [first] = checkConsistency(this.#structures, { settled: false });
    this.#wrong = first === undefined ? undefined : `${first.kind}: ${first.message}`;
  }
}
