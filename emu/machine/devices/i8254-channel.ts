import { NEVER } from '../clock.ts';
import type { DeviceState } from '../device.ts';
import { StateReader } from '../device-state.ts';
import { nanosecondsFor, ticksIn } from './i8254-time.ts';

/** Counter modes (control word bits 1–3; 6 and 7 mean 2 and 3). */
const INTERRUPT_ON_TERMINAL_COUNT = 0;
const ONE_SHOT = 1;
const RATE_GENERATOR = 2;
const SQUARE_WAVE = 3;
const HARDWARE_STROBE = 5;

/** Which bytes of the count are read and written (control word bits 4–5). */
const LOW_BYTE = 1;
const HIGH_BYTE = 2;

const STATUS_OUT = 0x80;
const STATUS_NULL_COUNT = 0x40;

const MAXIMUM_BINARY = 0x1_0000;
const MAXIMUM_DECIMAL = 10_000;

/**
 * One counter of an Intel 8254 (data sheet 231164). Its input clock starts anew whenever a count is loaded, and a
 * count written while one is running is loaded at once in every mode, as under QEMU (on the chip modes 2 and 3
 * finish the period first). Nothing ticks: every question is answered from the time of the last load.
 */
export class I8254Channel {
  readonly #now: () => number;
  #mode = INTERRUPT_ON_TERMINAL_COUNT;
  #access = 3;
  #decimal = false;
  /** The count in input clocks, 1 … 65536. */
  #count = MAXIMUM_BINARY;
  /** A count has been written since the control word. */
  #loaded = false;
  /** Modes 1 and 5: the gate has risen since the control word. */
  #triggered = false;
  #gate: boolean;
  /** Guest time at which the counter started, or null while it stands still. */
  #since: number | null = null;
  /** Clocks counted before `since`. */
  #before = 0;
  /** The low byte of a two-byte count, until its high byte is written. */
  #halfWritten: number | null = null;
  #readHigh = false;
  /** Latched bytes, waiting to be read. */
  #latched: number[] = [];
  #latchedStatus: number | null = null;

  /** `now`: guest time in ns. `gate`: the level of the gate input at power-on. */
  constructor(now: () => number, gate: boolean) {
    this.#now = now;
    this.#gate = gate;
  }

  /** The OUT pin. */
  get out(): boolean {
    const mode = this.#mode;
    if (!this.#loaded) return mode !== INTERRUPT_ON_TERMINAL_COUNT;
    if ((mode === RATE_GENERATOR || mode === SQUARE_WAVE) && !this.#gate) return true;
    const ticks = this.#ticks();
    switch (mode) {
      case INTERRUPT_ON_TERMINAL_COUNT:
        return ticks >= this.#count;
      case ONE_SHOT:
        return !this.#triggered || ticks >= this.#count;
      case RATE_GENERATOR:
        // Low for the last clock of each period.
        return ticks % this.#count !== this.#count - 1;
      case SQUARE_WAVE:
        return ticks % this.#count < (this.#count + 1) >>> 1;
      case HARDWARE_STROBE:
        return !this.#triggered || ticks !== this.#count;
      default:
        return ticks !== this.#count;
    }
  }

  /** Guest time of the first rising edge of OUT after `time`, or `NEVER`. */
  nextRise(time: number): number {
    if (!this.#loaded || this.#since === null) return NEVER;
    const ticks = this.#before + ticksIn(time - this.#since);
    let rise: number;
    switch (this.#mode) {
      case RATE_GENERATOR:
      case SQUARE_WAVE:
        rise = (Math.floor(ticks / this.#count) + 1) * this.#count;
        break;
      case INTERRUPT_ON_TERMINAL_COUNT:
      case ONE_SHOT:
        rise = this.#count;
        break;
      default:
        // The strobe is low for one clock.
        rise = this.#count + 1;
    }
    return rise > ticks ? this.#since + nanosecondsFor(rise - this.#before) : NEVER;
  }

  /** Control word for this counter, other than a latch command. */
  configure(controlWord: number): void {
    const mode = (controlWord >>> 1) & 7;
    this.#mode = mode > HARDWARE_STROBE ? mode - 4 : mode;
    this.#access = (controlWord >>> 4) & 3;
    this.#decimal = (controlWord & 1) !== 0;
    this.#loaded = false;
    this.#triggered = false;
    this.#since = null;
    this.#before = 0;
    this.#halfWritten = null;
    this.#readHigh = false;
    this.#latched = [];
    this.#latchedStatus = null;
  }

  /** Latches the count; while an earlier latch has not been read, nothing. */
  latchCount(): void {
    if (this.#latched.length > 0) return;
    const value = this.#counter();
    if (this.#access !== HIGH_BYTE) this.#latched.push(value & 0xff);
    if (this.#access !== LOW_BYTE) this.#latched.push(value >>> 8);
  }

  /** Latches the status byte; while an earlier one has not been read, nothing. */
  latchStatus(): void {
    this.#latchedStatus ??=
      (this.out ? STATUS_OUT : 0) |
      (this.#loaded && this.#halfWritten === null ? 0 : STATUS_NULL_COUNT) |
      (this.#access << 4) |
      (this.#mode << 1) |
      (this.#decimal ? 1 : 0);
  }

  read(): number {
    if (this.#latchedStatus !== null) {
      const status = this.#latchedStatus;
      this.#latchedStatus = null;
      return status;
    }
    const latched = this.#latched.shift();
    if (latched !== undefined) return latched;
    const value = this.#counter();
    if (this.#access === LOW_BYTE) return value & 0xff;
    if (this.#access === HIGH_BYTE) return value >>> 8;
    this.#readHigh = !this.#readHigh;
    return this.#readHigh ? value & 0xff : value >>> 8;
  }

  /** Writes a byte of the count. Returns true when a count was loaded. */
  write(value: number): boolean {
    if (this.#access === LOW_BYTE) return this.#load(value);
    if (this.#access === HIGH_BYTE) return this.#load(value << 8);
    if (this.#halfWritten === null) {
      this.#halfWritten = value;
      return false;
    }
    const count = this.#halfWritten | (value << 8);
    this.#halfWritten = null;
    return this.#load(count);
  }

  get gate(): boolean {
    return this.#gate;
  }

  /** Drives the gate input: it stops and continues modes 0 and 4, starts modes 1 and 5, and restarts modes 2 and 3. */
  set gate(high: boolean) {
    if (high === this.#gate) return;
    this.#gate = high;
    if (!this.#loaded) return;
    const mode = this.#mode;
    if (mode === ONE_SHOT || mode === HARDWARE_STROBE) {
      if (high) this.#trigger();
    } else if (high) {
      if (mode === RATE_GENERATOR || mode === SQUARE_WAVE) this.#before = 0;
      this.#since = this.#now();
    } else {
      this.#before = this.#ticks();
      this.#since = null;
    }
  }

  #load(written: number): boolean {
    const value = this.#decimal ? fromDecimal(written) : written;
    this.#count = value === 0 ? (this.#decimal ? MAXIMUM_DECIMAL : MAXIMUM_BINARY) : value;
    this.#loaded = true;
    this.#before = 0;
    this.#triggered = false;
    const waitsForGate = this.#mode === ONE_SHOT || this.#mode === HARDWARE_STROBE || !this.#gate;
    this.#since = waitsForGate ? null : this.#now();
    return true;
  }

  #trigger(): void {
    this.#triggered = true;
    this.#before = 0;
    this.#since = this.#now();
  }

  /** Input clocks counted since the count was loaded. */
  #ticks(): number {
    return this.#since === null ? this.#before : this.#before + ticksIn(this.#now() - this.#since);
  }

  /** The counting element as software reads it. */
  #counter(): number {
    const ticks = this.#ticks();
    const count = this.#count;
    let value: number;
    if (this.#mode === RATE_GENERATOR) value = count - (ticks % count);
    else if (this.#mode === SQUARE_WAVE) value = count - ((2 * ticks) % count);
    else value = count - ticks;
    if (!this.#decimal) return value & 0xffff;
    return toDecimal(((value % MAXIMUM_DECIMAL) + MAXIMUM_DECIMAL) % MAXIMUM_DECIMAL);
  }

  reset(gate: boolean): void {
    this.#gate = gate;
    this.#count = MAXIMUM_BINARY;
    this.configure(0x30);
  }

  save(): DeviceState {
    return {
      mode: this.#mode,
      access: this.#access,
      decimal: this.#decimal,
      count: this.#count,
      loaded: this.#loaded,
      triggered: this.#triggered,
      gate: this.#gate,
      since: this.#since,
      before: this.#before,
      halfWritten: this.#halfWritten,
      readHigh: this.#readHigh,
      latched: [...this.#latched],
      latchedStatus: this.#latchedStatus,
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader('i8254 channel', state);
    this.#mode = reader.number('mode');
    this.#access = reader.number('access');
    this.#decimal = reader.boolean('decimal');
    this.#count = reader.number('count');
    this.#loaded = reader.boolean('loaded');
    this.#triggered = reader.boolean('triggered');
    this.#gate = reader.boolean('gate');
    this.#since = reader.numberOrNull('since');
    this.#before = reader.number('before');
    this.#halfWritten = reader.numberOrNull('halfWritten');
    this.#readHigh = reader.boolean('readHigh');
    this.#latched = reader.numbers('latched');
    this.#latchedStatus = reader.numberOrNull('latchedStatus');
  }
}

/** Four decimal digits, one per four bits, to a number. */
function fromDecimal(digits: number): number {
  return (
    (digits & 0xf) +
    ((digits >>> 4) & 0xf) * 10 +
    ((digits >>> 8) & 0xf) * 100 +
    ((digits >>> 12) & 0xf) * 1000
  );
}

function toDecimal(value: number): number {
  return (
    (value % 10) |
    ((Math.floor(value / 10) % 10) << 4) |
    ((Math.floor(value / 100) % 10) << 8) |
    ((Math.floor(value / 1000) % 10) << 12)
  );
}
