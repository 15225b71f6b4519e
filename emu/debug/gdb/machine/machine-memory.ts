import { layout } from '../../../cpu/index.ts';
import type { MemoryInspector } from '../../../cpu/system/inspect.ts';
import type { Machine } from '../../../machine/index.ts';
import { GuestWriteError, type GuestWriter } from '../../guest-writer.ts';
import { PacketError } from '../packet-error.ts';
import type { TargetMemory } from '../target.ts';

const LONG_MODE_ACTIVE = 1 << 10;
/** The addresses of 48 bits and their sign that long mode has (AMD APM vol. 2, section 5.3.1): what is there is the page tables' matter. */
const CANONICAL_HALF = 1n << 47n;
const CANONICAL_ADDRESSES = [
  { start: 0n, size: CANONICAL_HALF },
  { start: (1n << 64n) - CANONICAL_HALF, size: CANONICAL_HALF },
];

/** Guest memory by linear address as the present page tables have it, whatever its permissions. */
export class MachineMemory implements TargetMemory {
  readonly ranges = CANONICAL_ADDRESSES;
  readonly #machine: Machine;
  readonly #inspector: MemoryInspector;
  readonly #writer: GuestWriter;

  constructor(machine: Machine, inspector: MemoryInspector, writer: GuestWriter) {
    this.#machine = machine;
    this.#inspector = inspector;
    this.#writer = writer;
  }

  read(address: bigint, size: number): Uint8Array {
    return this.#inspector.readMemory(address, Math.min(size, this.#reach(address)));
  }

  write(address: bigint, bytes: Uint8Array): void {
    try {
      this.#writer.memory(address, bytes);
    } catch (error) {
      if (error instanceof GuestWriteError) throw new PacketError('unmapped', error.message);
      throw error;
    }
  }

  /** Bytes from an address to the end of all addresses, which is at 4 GiB outside long mode. */
  #reach(address: bigint): number {
    const long = (this.#machine.state.get32(layout.EFER) & LONG_MODE_ACTIVE) !== 0;
    const left = (1n << (long ? 64n : 32n)) - address;
    return left > 0n ? Number(left) : 0;
  }
}
