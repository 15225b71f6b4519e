import type { Breakpoints } from '../../../machine/index.ts';
import type { BreakpointType, TargetBreakpoints } from '../target.ts';

/** Execution breakpoints by linear address. Both types are places where the processor pauses; neither is written into memory. */
export class MachineBreakpoints implements TargetBreakpoints {
  readonly #breakpoints: Breakpoints;
  readonly #set = new Map<BreakpointType, Map<bigint, () => void>>([
    ['software', new Map()],
    ['hardware', new Map()],
  ]);
  #observer: (() => void) | undefined;

  constructor(breakpoints: Breakpoints) {
    this.#breakpoints = breakpoints;
  }

  /** Setting it again changes nothing: the protocol's packets are repeatable. */
  add(type: BreakpointType, address: bigint): void {
    const known = this.#set.get(type);
    if (known?.has(address) !== false) return;
    known.set(
      address,
      this.#breakpoints.add(address, () => {
        if (this.#observer === undefined) return 'stop';
        this.#observer();
        return 'continue';
      }),
    );
  }

  remove(type: BreakpointType, address: bigint): void {
    this.#set.get(type)?.get(address)?.();
    this.#set.get(type)?.delete(address);
  }

  clear(): void {
    for (const known of this.#set.values()) {
      for (const remove of known.values()) remove();
      known.clear();
    }
  }

  /** The type of the breakpoint at an address, if there is one. */
  typeAt(address: bigint): BreakpointType | undefined {
    for (const [type, known] of this.#set) if (known.has(address)) return type;
    return undefined;
  }

  /** Until the returned function is called, breakpoints stop nothing: `arrived` is called instead. */
  observe(arrived: () => void): () => void {
    this.#observer = arrived;
    return () => {
      this.#observer = undefined;
    };
  }
}
