import type { MachineBus } from '../bus.ts';
import { NANOSECONDS, type VirtualClock } from '../clock.ts';
import type { Device, DeviceState } from '../device.ts';
import { StateReader } from '../device-state.ts';

const BASE_PORT = 0x70;
const INDEX_MASK = 0x7f;
const SIZE = 128;

/** Registers of the MC146818 real-time clock. */
const SECONDS = 0x00;
const MINUTES = 0x02;
const HOURS = 0x04;
const DAY_OF_WEEK = 0x06;
const DAY_OF_MONTH = 0x07;
const MONTH = 0x08;
const YEAR = 0x09;
const STATUS_A = 0x0a;
const STATUS_B = 0x0b;
const STATUS_C = 0x0c;
const STATUS_D = 0x0d;
const CENTURY = 0x32;
/** 32.768 kHz time base, 1.024 kHz rate; an update is never in progress. */
const STATUS_A_VALUE = 0x26;
/** 24-hour mode, BCD. */
const STATUS_B_VALUE = 0x02;
/** The battery is good. */
const STATUS_D_VALUE = 0x80;
/** Memory between 16 MiB and 4 GiB in units of 64 KiB, as firmware leaves it. */
const MEMORY_ABOVE_16_MIB_LOW = 0x34;
const MEMORY_ABOVE_16_MIB_HIGH = 0x35;
const MIB = 0x10_0000;

/** CMOS memory and the time of day, which follows guest time from `bootTime` on. It raises no interrupts. */
export class Cmos implements Device {
  readonly name = 'cmos';
  readonly #clock: VirtualClock;
  #bootTime: number;
  readonly #memorySize: number;
  readonly #bytes: number[] = new Array<number>(SIZE).fill(0);
  #index = 0;

  /** `bootTime`: seconds since 1970 at guest time 0. `memorySize`: bytes of RAM. */
  constructor(config: { bus: MachineBus; clock: VirtualClock; bootTime: number; memorySize: number }) {
    this.#clock = config.clock;
    this.#bootTime = config.bootTime;
    this.#memorySize = config.memorySize;
    config.bus.addPorts({
      name: this.name,
      base: BASE_PORT,
      length: 2,
      width: 1,
      read: (offset) => (offset === 0 ? 0xff : this.#read()),
      write: (offset, _size, value) => {
        if (offset === 0) this.#index = value & INDEX_MASK;
        else this.#bytes[this.#index] = value;
      },
    });
    this.reset();
  }

  #read(): number {
    const seconds = this.#bootTime + Math.floor(this.#clock.now / NANOSECONDS);
    const date = new Date(seconds * 1000);
    switch (this.#index) {
      case SECONDS:
        return decimal(date.getUTCSeconds());
      case MINUTES:
        return decimal(date.getUTCMinutes());
      case HOURS:
        return decimal(date.getUTCHours());
      case DAY_OF_WEEK:
        return date.getUTCDay() + 1;
      case DAY_OF_MONTH:
        return decimal(date.getUTCDate());
      case MONTH:
        return decimal(date.getUTCMonth() + 1);
      case YEAR:
        return decimal(date.getUTCFullYear() % 100);
      case CENTURY:
        return decimal(Math.floor(date.getUTCFullYear() / 100));
      default:
        return this.#bytes[this.#index] as number;
    }
  }

  reset(): void {
    this.#index = 0;
    this.#bytes.fill(0);
    this.#bytes[STATUS_A] = STATUS_A_VALUE;
    this.#bytes[STATUS_B] = STATUS_B_VALUE;
    this.#bytes[STATUS_C] = 0;
    this.#bytes[STATUS_D] = STATUS_D_VALUE;
    const above16Mib = Math.max(0, Math.floor((this.#memorySize - 16 * MIB) / 0x1_0000));
    this.#bytes[MEMORY_ABOVE_16_MIB_LOW] = above16Mib & 0xff;
    this.#bytes[MEMORY_ABOVE_16_MIB_HIGH] = (above16Mib >>> 8) & 0xff;
  }

  save(): DeviceState {
    return { bootTime: this.#bootTime, index: this.#index, bytes: [...this.#bytes] };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#bootTime = reader.number('bootTime');
    this.#index = reader.number('index');
    reader.numbers('bytes').forEach((byte, at) => {
      this.#bytes[at] = byte;
    });
  }
}

/** Two binary-coded decimal digits. */
function decimal(value: number): number {
  return (Math.floor(value / 10) << 4) | (value % 10);
}
