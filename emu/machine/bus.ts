import type { Bus } from '../cpu/bus.ts';
import { MachineError } from './errors.ts';

/** Width of an access that the processor hands to the bus, in bytes. */
export type BusSize = 1 | 2 | 4;

const PORT_COUNT = 0x1_0000;

/**
 * A device's registers in port space. `width` is the widest access the device takes as one; a wider one is
 * split into accesses of that width at the following ports, as a PC's bus does for 8-bit devices.
 */
export interface PortRange {
  readonly name: string;
  /** First port. */
  readonly base: number;
  /** Number of ports. */
  readonly length: number;
  readonly width: BusSize;
  /** `offset`: port - base. Returns the value zero-extended. */
  read(offset: number, size: BusSize): number;
  write(offset: number, size: BusSize, value: number): void;
}

/**
 * A device's registers in memory space. Accesses arrive in the size the processor made them. `base` and `length` may
 * change while the machine runs; of two ranges that then overlap the one registered first answers.
 */
export interface MemoryRange {
  readonly name: string;
  /** First physical address, outside RAM. */
  readonly base: number;
  /** Bytes. */
  readonly length: number;
  read(offset: number, size: BusSize): number;
  write(offset: number, size: BusSize, value: number): void;
}

/** What the bus asks of the interrupt controllers and the clock. */
export interface BusOwner {
  acknowledgeInterrupt(): number;
  taskPriorityWritten(priorityClass: number): void;
  apicBaseWritten(low: number, high: number): void;
  /** Guest time in ns at a position of the processor. */
  timeAt(position: number): number;
}

/** All ones of a size: what a read returns when nobody answers. */
function allOnes(size: BusSize): number {
  return size === 4 ? 0xffff_ffff : (1 << (8 * size)) - 1;
}

const TWO_32 = 2 ** 32;

/** Port space, memory space outside RAM, interrupt acknowledge and the time-stamp counter. */
export class MachineBus implements Bus {
  readonly #owner: BusOwner;
  readonly #ports: (PortRange | undefined)[] = new Array(PORT_COUNT).fill(undefined);
  readonly #memory: MemoryRange[] = [];

  constructor(owner: BusOwner) {
    this.#owner = owner;
  }

  /** Registers ports. Throws MachineError 'busConflict' when another device has one of them. */
  addPorts(range: PortRange): void {
    for (let port = range.base; port < range.base + range.length; port++) {
      const other = this.#ports[port];
      if (other !== undefined) {
        throw new MachineError(
          'busConflict',
          `port 0x${port.toString(16)} of ${range.name} belongs to ${other.name} already`,
        );
      }
    }
    this.#ports.fill(range, range.base, range.base + range.length);
  }

  /** Registers a memory range. Throws MachineError 'busConflict' when it overlaps another one. */
  addMemory(range: MemoryRange): void {
    for (const other of this.#memory) {
      if (range.base < other.base + other.length && other.base < range.base + range.length) {
        throw new MachineError(
          'busConflict',
          `address 0x${range.base.toString(16)} of ${range.name} lies in the range of ${other.name}`,
        );
      }
    }
    this.#memory.push(range);
  }

  portRead(port: number, size: BusSize): number {
    const range = this.#ports[port];
    // A wide access may begin at one device and end at the next: byte-wide registers side by side.
    const width = range === undefined ? 1 : range.width;
    if (size <= width) {
      return range === undefined ? allOnes(size) : range.read(port - range.base, size) >>> 0;
    }
    let value = 0;
    for (let at = 0; at < size; at += width) {
      value |= this.portRead((port + at) & 0xffff, width) << (8 * at);
    }
    return value >>> 0;
  }

  portWrite(port: number, size: BusSize, value: number): void {
    const range = this.#ports[port];
    const width = range === undefined ? 1 : range.width;
    if (size <= width) {
      range?.write(port - range.base, size, (value & allOnes(size)) >>> 0);
      return;
    }
    for (let at = 0; at < size; at += width) {
      this.portWrite((port + at) & 0xffff, width, value >>> (8 * at));
    }
  }

  memoryRead(address: number, size: BusSize): number {
    const range = this.#find(address);
    return range === undefined ? allOnes(size) : range.read(address - range.base, size) >>> 0;
  }

  memoryWrite(address: number, size: BusSize, value: number): void {
    const range = this.#find(address);
    range?.write(address - range.base, size, (value & allOnes(size)) >>> 0);
  }

  acknowledgeInterrupt(): number {
    return this.#owner.acknowledgeInterrupt();
  }

  taskPriorityWritten(priorityClass: number): void {
    this.#owner.taskPriorityWritten(priorityClass);
  }

  apicBaseWritten(low: number, high: number): void {
    this.#owner.apicBaseWritten(low, high);
  }

  /** The TSC runs at 1 GHz: it is the guest time in ns. */
  timeStampCounter(position: number): readonly [number, number] {
    const time = this.#owner.timeAt(position);
    const high = Math.floor(time / TWO_32);
    return [time - high * TWO_32, high];
  }

  #find(address: number): MemoryRange | undefined {
    for (const range of this.#memory) {
      const offset = address - range.base;
      if (offset >= 0 && offset < range.length) return range;
    }
    return undefined;
  }
}
