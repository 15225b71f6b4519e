import { layout, type State } from '../../../cpu/index.ts';
import type { MemoryInspector } from '../../../cpu/system/inspect.ts';
import type { TargetWatchpoints } from '../target.ts';

/** Addresses from here on are the kernel's, the same in every address space. */
const KERNEL_HALF = 1n << 63n;

interface Watch {
  readonly address: bigint;
  readonly size: number;
  /** The address space (CR3) it was set in; undefined for the kernel's half. */
  readonly space: bigint | undefined;
  /** What was there last; undefined while it is not mapped. */
  value: Uint8Array | undefined;
}

/**
 * Watched memory, compared after every step: exact as to the step, whoever writes (the processor, in any mode), and slow. A write of
 * what was there already is none.
 */
export class WriteWatch implements TargetWatchpoints {
  readonly #inspector: MemoryInspector;
  readonly #state: State;
  readonly #watches: Watch[] = [];

  constructor(inspector: MemoryInspector, state: State) {
    this.#inspector = inspector;
    this.#state = state;
  }

  get any(): boolean {
    return this.#watches.length > 0;
  }

  add(address: bigint, size: number): void {
    if (this.#watches.some((watch) => watch.address === address && watch.size === size)) return;
    const space = address >= KERNEL_HALF ? undefined : this.#state.get64(layout.CR3);
    this.#watches.push({ address, size, space, value: this.#read(address, size) });
  }

  remove(address: bigint, size: number): void {
    const index = this.#watches.findIndex((watch) => watch.address === address && watch.size === size);
    if (index >= 0) this.#watches.splice(index, 1);
  }

  clear(): void {
    this.#watches.length = 0;
  }

  /** Takes what memory has now as unchanged: after a jump in time. */
  refresh(): void {
    this.changed();
  }

  /** The address of a watch whose memory has changed since the last look. */
  changed(): bigint | undefined {
    let found: bigint | undefined;
    for (const watch of this.#watches) {
      if (watch.space !== undefined && watch.space !== this.#state.get64(layout.CR3)) continue;
      const now = this.#read(watch.address, watch.size);
      if (now === undefined) continue;
      if (watch.value !== undefined && !now.every((byte, index) => byte === watch.value?.[index])) {
        found ??= watch.address;
      }
      watch.value = now;
    }
    return found;
  }

  #read(address: bigint, size: number): Uint8Array | undefined {
    const bytes = this.#inspector.readMemory(address, size);
    return bytes.length === size ? bytes : undefined;
  }
}
