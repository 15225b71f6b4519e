import type { Machine } from '../puffer-machine.ts';

/** A call that a matcher saw. */
export interface ObservedCall {
  readonly function: string;
  /** Steps since power-on. */
  readonly position: number;
}

/** A system call that a matcher saw come to its end. */
export interface ObservedSystemCall {
  readonly name: string;
  /** 0, an errno, or an internal code below 0. */
  readonly error: number;
  readonly position: number;
}

/**
 * Something that a guest is to do, with the guest it is done in. A matcher runs it once, with the probes it needs: the same run,
 * step by step, as without.
 */
export class Observation {
  readonly machine: Machine;
  readonly #action: () => unknown;

  constructor(machine: Machine, action: () => unknown) {
    this.machine = machine;
    this.#action = action;
  }

  /** Runs the action and returns the calls of some functions, in order. Throws KernelError 'no-symbol'. */
  calls(functions: readonly string[]): ObservedCall[] {
    const calls: ObservedCall[] = [];
    const detach = functions.map((name) =>
      this.machine.tracer.probes.at(this.machine.image.address(name), () => {
        calls.push({ function: name, position: this.machine.position });
      }),
    );
    try {
      this.#action();
    } finally {
      for (const one of detach) one();
    }
    return calls;
  }

  /** Runs the action and returns the system calls that ended meanwhile, in order. */
  systemCalls(): ObservedSystemCall[] {
    const calls: ObservedSystemCall[] = [];
    const detach = this.machine.on('raw_syscalls:sys_exit', (event) => {
      calls.push({
        name: event.systemCall ?? String(event.number),
        error: event.error,
        position: event.position,
      });
    });
    try {
      this.#action();
    } finally {
      detach();
    }
    return calls;
  }
}
