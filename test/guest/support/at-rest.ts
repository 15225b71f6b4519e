import type { Kernel, View } from '../../../emu/index.ts';

const INT_SIZE = 4;

/** What is 0 whenever a thread is in user mode, cheap enough to be looked at in each system call: locks, the interrupt level. */
export class AtRest {
  readonly #kernel: Kernel;
  #counts: readonly (readonly [name: string, address: bigint])[] | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The first that is not; undefined when all are. The processor must not have done anything in the kernel yet. */
  wrong(): string | undefined {
    this.#counts ??= this.#find();
    for (const [name, address] of this.#counts) {
      const bytes = this.#kernel.memory.read(address, INT_SIZE);
      if (bytes.some((byte) => byte !== 0)) return `${name} is not 0 in user mode`;
    }
    return undefined;
  }

  #find(): (readonly [string, bigint])[] {
    const place = (name: string, view: View): readonly [string, bigint] => [name, view.address];
    const cpu = this.#kernel.cpuInfo();
    return [
      place('the depth of the kernel lock', this.#kernel.global('kernel_lock').member('mpl_depth')),
      place('the depth of the scheduler lock', this.#kernel.global('sched_lock_depth')),
      ...(cpu === undefined ? [] : [place('the interrupt level', cpu.member('ci_ilevel'))]),
    ];
  }
}
