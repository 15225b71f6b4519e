import type { MachineBus } from '../bus.ts';
import type { VirtualClock } from '../clock.ts';
import type { Device, DeviceState, InterruptLine } from '../device.ts';
import { StateReader } from '../device-state.ts';
import { Rtc } from './rtc.ts';

const BASE_PORT = 0x70;
/** Bit 7 masks the NMI of a PC, which nothing here raises. */
const INDEX_MASK = 0x7f;
const SIZE = 128;

/** Equipment: an x87. */
const EQUIPMENT = 0x14;
const EQUIPMENT_VALUE = 0x02;
/** Conventional memory, and memory above 1 MiB as far as 16 bits reach (at two places), in KiB. */
const BASE_MEMORY = 0x15;
const BASE_MEMORY_KIB = 640;
const EXTENDED_MEMORY = [0x17, 0x30] as const;
const MAXIMUM_KIB = 0xffff;
/** Memory between 16 MiB and 4 GiB in units of 64 KiB. */
const MEMORY_ABOVE_16_MIB = 0x34;
const KIB = 0x400;
const MIB = 0x10_0000;

export interface CmosConfig {
  readonly bus: MachineBus;
  readonly clock: VirtualClock;
  /** The clock's interrupt. */
  readonly line: InterruptLine;
  /** Seconds since 1970 at guest time 0. */
  readonly bootTime: number;
  /** Bytes of RAM. */
  readonly memorySize: number;
}

/** CMOS memory with the real-time clock in it, behind an index and a data port. */
export class Cmos implements Device {
  readonly name = 'cmos';
  readonly #rtc: Rtc;
  readonly #memorySize: number;
  readonly #bytes: number[] = new Array<number>(SIZE).fill(0);
  #index = 0;

  constructor(config: CmosConfig) {
    this.#rtc = new Rtc(config);
    this.#memorySize = config.memorySize;
    config.bus.addPorts({
      name: this.name,
      base: BASE_PORT,
      length: 2,
      width: 1,
      read: (offset) => (offset === 0 ? 0xff : (this.#rtc.read(this.#index) ?? this.#byte(this.#index))),
      write: (offset, _size, value) => {
        if (offset === 0) this.#index = value & INDEX_MASK;
        else if (!this.#rtc.write(this.#index, value)) this.#bytes[this.#index] = value;
      },
    });
    this.reset();
  }

  #byte(index: number): number {
    return this.#bytes[index] as number;
  }

  reset(): void {
    this.#rtc.reset();
    this.#index = 0;
    this.#bytes.fill(0);
    this.#bytes[EQUIPMENT] = EQUIPMENT_VALUE;
    this.#word(BASE_MEMORY, BASE_MEMORY_KIB);
    const extended = Math.min(MAXIMUM_KIB, (this.#memorySize - MIB) / KIB);
    for (const index of EXTENDED_MEMORY) this.#word(index, extended);
    this.#word(MEMORY_ABOVE_16_MIB, Math.max(0, Math.floor((this.#memorySize - 16 * MIB) / (64 * KIB))));
  }

  #word(index: number, value: number): void {
    this.#bytes[index] = value & 0xff;
    this.#bytes[index + 1] = (value >>> 8) & 0xff;
  }

  save(): DeviceState {
    return { index: this.#index, bytes: [...this.#bytes], rtc: this.#rtc.save() };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#index = reader.number('index');
    reader.numbers('bytes').forEach((byte, at) => {
      this.#bytes[at] = byte;
    });
    this.#rtc.restore(reader.part('rtc'));
  }
}
