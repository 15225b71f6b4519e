import { layout } from '../../../cpu/index.ts';
import type { MemoryInspector } from '../../../cpu/system/inspect.ts';
import type { Machine } from '../../../machine/index.ts';
import { PacketError } from '../packet-error.ts';
import type { TargetMemory } from '../target.ts';
import type { Course } from './course.ts';

const PAGE_SIZE = 4096;
const LONG_MODE_ACTIVE = 1 << 10;

/** Guest memory by linear address as the present page tables have it, whatever its permissions. */
export class MachineMemory implements TargetMemory {
  readonly #machine: Machine;
  readonly #inspector: MemoryInspector;
  readonly #course: Course;

  constructor(machine: Machine, inspector: MemoryInspector, course: Course) {
    this.#machine = machine;
    this.#inspector = inspector;
    this.#course = course;
  }

  read(address: bigint, size: number): Uint8Array {
    return this.#inspector.readMemory(address, Math.min(size, this.#reach(address)));
  }

  write(address: bigint, bytes: Uint8Array): void {
    // All of it is looked for first: a write that fails has written nothing.
    if (this.read(address, bytes.length).length < bytes.length) {
      throw new PacketError('unmapped', `${bytes.length} bytes are not all mapped`);
    }
    this.#course.change(() => {
      for (let done = 0; done < bytes.length; ) {
        const physical = this.#inspector.translateAny(address + BigInt(done)) as number;
        const length = Math.min(bytes.length - done, PAGE_SIZE - (physical % PAGE_SIZE));
        this.#machine.writeMemory(physical, bytes.subarray(done, done + length));
        done += length;
      }
    });
  }

  /** Bytes from an address to the end of all addresses, which is at 4 GiB outside long mode. */
  #reach(address: bigint): number {
    const long = (this.#machine.state.get32(layout.EFER) & LONG_MODE_ACTIVE) !== 0;
    const left = (1n << (long ? 64n : 32n)) - address;
    return left > 0n ? Number(left) : 0;
  }
}
