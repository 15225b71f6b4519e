import type { Machine } from '../puffer-machine.ts';
import type { FuzzInterrupt } from './program.ts';

/** What is typed at the terminal: a line that nobody waits for, so that whoever does is woken. */
const TYPED = 'x\n';

/**
 * Lets a device interrupt in the middle of a system call. The machine is stopped at the step, and what happens then goes through the input log:
 * the timer's next tick comes early, or a line is typed.
 */
export class InterruptInjector {
  readonly #machine: Machine;
  readonly #detach: () => void;
  #interrupt: FuzzInterrupt | undefined;
  /** The call's record in the scratch process. */
  #record = 0n;
  #due: number | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    // The scratch program keeps the record of the call that it makes in r12 (guest/kit/scratch/executor.S).
    this.#detach = machine.core.breakpoints.add(machine.image.address('Xsyscall'), () => {
      if (this.#interrupt === undefined || machine.register('r12') !== this.#record) return 'continue';
      if (this.#due !== undefined) return 'continue';
      this.#due = machine.position + this.#interrupt.step;
      return 'stop';
    });
  }

  /** To be called before a program runs. `record`: where its call lies in the scratch process. */
  arm(interrupt: FuzzInterrupt | undefined, record: bigint): void {
    this.#interrupt = interrupt;
    this.#record = record;
    this.#due = undefined;
  }

  /** Nothing interrupts any more. */
  disarm(): void {
    this.arm(undefined, 0n);
  }

  /** The position to which the machine may run before `interrupt` must be called; undefined while there is none. */
  get due(): number | undefined {
    return this.#interrupt === undefined ? undefined : this.#due;
  }

  /** The machine has come to `due`: the interrupt is requested. */
  interrupt(): void {
    const { core, console } = this.#machine;
    const source = this.#interrupt?.source;
    this.disarm();
    if (source === 'console') console.write(TYPED);
    else if (core.nextDeadline !== undefined) core.jumpTime(Math.max(0, core.nextDeadline - core.guestTime));
  }

  /** Calls are watched no more. */
  dispose(): void {
    this.#detach();
  }
}
