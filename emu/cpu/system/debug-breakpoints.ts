import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import type { DataBreakpoint } from './data-watch.ts';
import { CR4_DE } from './registers.ts';

const COUNT = 4;
/** DR7: two enable bits per register from bit 0, two bits R/W and two bits LEN per register from bit 16. */
const ENABLE_BITS = 3;
const CONTROL_SHIFT = 16;
const CONTROL_SIZE = 4;
const LENGTH_SHIFT = 2;
/** R/W (AMD APM vol. 2, section 13.1.1.4). */
const ON_EXECUTION = 0;
const ON_WRITE = 1;
const ON_PORT = 2;
/** By LEN. */
const LENGTHS = [1, 2, 8, 4] as const;

interface PortBreakpoint {
  readonly bit: number;
  readonly first: number;
  readonly last: number;
}

/** What DR0–DR3 and DR7 ask for. */
export class DebugBreakpoints {
  readonly #state: State;
  /** DR6 bits by linear address of an instruction. */
  readonly #instructions = new Map<bigint, number>();
  #data: DataBreakpoint[] = [];
  #ports: PortBreakpoint[] = [];

  constructor(state: State) {
    this.#state = state;
  }

  get instructions(): ReadonlyMap<bigint, number> {
    return this.#instructions;
  }

  get data(): readonly DataBreakpoint[] {
    return this.#data;
  }

  /** Reads the registers anew. */
  update(): void {
    const state = this.#state;
    const control = state.get32(layout.DR7);
    this.#instructions.clear();
    this.#data = [];
    this.#ports = [];
    for (let index = 0; index < COUNT; index++) {
      if (((control >>> (2 * index)) & ENABLE_BITS) === 0) continue;
      this.#add(
        1 << index,
        state.get64(layout.DR0 + 8 * index),
        control >>> (CONTROL_SHIFT + CONTROL_SIZE * index),
      );
    }
  }

  #add(bit: number, address: bigint, control: number): void {
    const kind = control & 3;
    const length = LENGTHS[(control >>> LENGTH_SHIFT) & 3] as number;
    if (kind === ON_EXECUTION) {
      this.#instructions.set(address, (this.#instructions.get(address) ?? 0) | bit);
      return;
    }
    // The address bits below the length do not count.
    const aligned = address - (address % BigInt(length));
    if (kind !== ON_PORT) {
      this.#data.push({ bit, address: aligned, length, writesOnly: kind === ON_WRITE });
    } else if ((this.#state.get32(layout.CR4) & CR4_DE) !== 0) {
      const first = Number(BigInt.asUintN(32, aligned));
      this.#ports.push({ bit, first, last: first + length - 1 });
    }
  }

  /** DR6 bits of the breakpoints that an access to ports meets. */
  portHits(port: number, size: number): number {
    let bits = 0;
    for (const { bit, first, last } of this.#ports) if (port <= last && port + size > first) bits |= bit;
    return bits;
  }
}
