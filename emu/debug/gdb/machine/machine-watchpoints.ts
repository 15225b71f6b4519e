import { layout, type State, type WatchedAccess, type WatchHit } from '../../../cpu/index.ts';
import type { MemoryInspector } from '../../../cpu/system/inspect.ts';
import { KERNEL_HALF } from '../../../kernel/index.ts';
import type { BreakpointVerdict, Watchpoints } from '../../../machine/index.ts';
import type { TargetStop, TargetWatchpoints } from '../target.ts';

interface Watch {
  readonly access: WatchedAccess;
  readonly address: bigint;
  readonly size: number;
  /** The address space (CR3) it was set in; undefined for the kernel's half. */
  readonly space: bigint | undefined;
  /** What was there last; undefined while it is not mapped. */
  value: Uint8Array | undefined;
  readonly remove: () => void;
}

export type WatchpointStop = Extract<TargetStop, { kind: 'watchpoint' }>;

export interface MachineWatchpointsOptions {
  readonly watchpoints: Watchpoints;
  readonly inspector: MemoryInspector;
  readonly state: State;
}

/**
 * Watched memory by linear address, as the processor sees accesses to it. A write of what was there already is none to a watchpoint on
 * writes; reads stop whatever they read.
 */
export class MachineWatchpoints implements TargetWatchpoints {
  readonly #options: MachineWatchpointsOptions;
  readonly #watches: Watch[] = [];
  #last: WatchpointStop | undefined;
  #observer: ((stop: WatchpointStop) => void) | undefined;

  constructor(options: MachineWatchpointsOptions) {
    this.#options = options;
  }

  /** Setting it again changes nothing: the protocol's packets are repeatable. */
  add(access: WatchedAccess, address: bigint, size: number): void {
    if (this.#find(access, address, size) >= 0) return;
    const { watchpoints, state } = this.#options;
    const range = { space: 'linear', address, length: size, access } as const;
    const watch: Watch = {
      access,
      address,
      size,
      space: address >= KERNEL_HALF ? undefined : state.get64(layout.CR3),
      value: this.#read(address, size),
      remove: watchpoints.add(range, (hit) => this.#reached(watch, hit)),
    };
    this.#watches.push(watch);
  }

  remove(access: WatchedAccess, address: bigint, size: number): void {
    const index = this.#find(access, address, size);
    if (index >= 0) for (const { remove } of this.#watches.splice(index, 1)) remove();
  }

  clear(): void {
    for (const { remove } of this.#watches.splice(0)) remove();
  }

  /** Takes what memory has now as unchanged: before a run, and after a jump in time. */
  refresh(): void {
    for (const watch of this.#watches) watch.value = this.#read(watch.address, watch.size);
  }

  /** What stopped the last run that ended with 'watchpoint'; undefined when the watch is someone else's. */
  takeStop(): WatchpointStop | undefined {
    const stop = this.#last;
    this.#last = undefined;
    return stop;
  }

  /** Until the returned function is called, watchpoints stop nothing: `arrived` is called instead, after the step. */
  observe(arrived: (stop: WatchpointStop) => void): () => void {
    this.#observer = arrived;
    return () => {
      this.#observer = undefined;
    };
  }

  #reached(watch: Watch, hit: WatchHit): BreakpointVerdict {
    if (watch.space !== undefined && watch.space !== this.#options.state.get64(layout.CR3)) return 'continue';
    if (hit.kind === 'write') {
      const old = watch.value;
      watch.value = this.#read(watch.address, watch.size);
      const same = old !== undefined && watch.value?.every((byte, index) => byte === old[index]) === true;
      if (same && watch.access === 'write') return 'continue';
    }
    const stop: WatchpointStop = { kind: 'watchpoint', access: watch.access, address: watch.address };
    if (this.#observer !== undefined) {
      this.#observer(stop);
      return 'continue';
    }
    this.#last = stop;
    return 'stop';
  }

  #find(access: WatchedAccess, address: bigint, size: number): number {
    return this.#watches.findIndex(
      (watch) => watch.access === access && watch.address === address && watch.size === size,
    );
  }

  #read(address: bigint, size: number): Uint8Array | undefined {
    const bytes = this.#options.inspector.readMemory(address, size);
    return bytes.length === size ? bytes : undefined;
  }
}
