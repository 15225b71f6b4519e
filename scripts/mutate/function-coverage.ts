import type { Machine } from '../../emu/index.ts';

/** Notes which functions of its kernel a machine enters. Changes nothing in the guest. */
export class FunctionCoverage {
  readonly #machine: Machine;
  readonly #entered = new Set<string>();
  readonly #awaited = new Set<string>();

  /** Notes from now on. */
  constructor(machine: Machine) {
    this.#machine = machine;
    this.#await();
  }

  /** The functions entered since the last call. */
  take(): string[] {
    const entered = [...this.#entered].sort();
    this.#entered.clear();
    this.#await();
    return entered;
  }

  #await(): void {
    const { image, core } = this.#machine;
    for (const { name, kind, address } of image.symbols.symbols) {
      if (kind !== 'function' || this.#awaited.has(name)) continue;
      this.#awaited.add(name);
      const detach = core.breakpoints.add(address, () => {
        this.#entered.add(name);
        this.#awaited.delete(name);
        detach();
        return 'continue';
      });
    }
  }
}
