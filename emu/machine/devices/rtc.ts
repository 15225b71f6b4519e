import { NANOSECONDS, NEVER, type Timer, type VirtualClock } from '../clock.ts';
import type { Device, DeviceState, InterruptLine } from '../device.ts';
import { StateReader, savedDeadline } from '../device-state.ts';
import { Oscillator } from '../oscillator.ts';
import {
  ALARM,
  B_24_HOURS,
  B_SET,
  INTERRUPT_REQUEST,
  PERIODIC,
  RtcRegister,
  TIME_REGISTERS,
  UPDATE_ENDED,
} from './rtc-registers.ts';
import { decodeTime, encodeTime, nextAlarm } from './rtc-time.ts';

/** Register A: update in progress; divider (two of its settings hold the chip in reset); rate of the periodic interrupt. */
const A_UPDATE_IN_PROGRESS = 0x80;
const A_DIVIDER_RESET = 0x60;
const A_RATE = 0x0f;
/** 32.768 kHz time base, 1.024 kHz rate. */
const A_INITIAL = 0x26;
/** The battery is good. */
const D_VALUE = 0x80;

const ENABLES = PERIODIC | ALARM | UPDATE_ENDED;
const TIME_BASE = new Oscillator(32_768);
/** Update in progress is shown for this long before the time changes. */
const UPDATE_NANOSECONDS = 244_000;
/** The first update after the divider's reset comes half a second later. */
const HALF_SECOND = NANOSECONDS / 2;

export interface RtcConfig {
  readonly clock: VirtualClock;
  readonly line: InterruptLine;
  /** Seconds since 1970 at guest time 0. */
  readonly bootTime: number;
}

/**
 * The MC146818's clock: time of day, alarm, and three interrupts. Nothing ticks: the time follows from guest time, and
 * flags are found when they are asked for or when one of them interrupts.
 */
export class Rtc implements Device {
  readonly name = 'rtc';
  readonly #clock: VirtualClock;
  readonly #line: InterruptLine;
  readonly #timer: Timer;
  readonly #bootTime: number;
  #a = A_INITIAL;
  #b = B_24_HOURS;
  #flags = 0;
  /** Guest time up to which the flags are known. */
  #seen = 0;
  /** Seconds since 1970 at guest time `#epoch`. */
  #start = 0;
  #epoch = 0;
  /** The time registers while software sets them or the divider is in reset, else undefined. */
  #stopped: number[] | undefined;
  readonly #alarm = { seconds: 0, minutes: 0, hours: 0 };

  constructor(config: RtcConfig) {
    this.#clock = config.clock;
    this.#line = config.line;
    this.#bootTime = config.bootTime;
    this.#timer = config.clock.timer(this.name, config.line.irq, () => this.#follow());
    this.reset();
  }

  /** Reads a register of the clock; reading C has effects. undefined for an index that is memory. */
  read(register: number): number | undefined {
    const time = TIME_REGISTERS.indexOf(register);
    if (time >= 0) return this.#stopped?.[time] ?? encodeTime(register, this.#seconds, this.#b);
    switch (register) {
      case RtcRegister.SecondsAlarm:
        return this.#alarm.seconds;
      case RtcRegister.MinutesAlarm:
        return this.#alarm.minutes;
      case RtcRegister.HoursAlarm:
        return this.#alarm.hours;
      case RtcRegister.A:
        return this.#a | (this.#updating ? A_UPDATE_IN_PROGRESS : 0);
      case RtcRegister.B:
        return this.#b;
      case RtcRegister.C:
        return this.#acknowledge();
      case RtcRegister.D:
        return D_VALUE;
      default:
        return undefined;
    }
  }

  /** Writes a register of the clock. False for an index that is memory. */
  write(register: number, value: number): boolean {
    const time = TIME_REGISTERS.indexOf(register);
    if (time < 0 && this.read(register === RtcRegister.C ? RtcRegister.D : register) === undefined)
      return false;
    this.#settle();
    if (time >= 0) this.#setTime(time, value);
    else if (register === RtcRegister.SecondsAlarm) this.#alarm.seconds = value;
    else if (register === RtcRegister.MinutesAlarm) this.#alarm.minutes = value;
    else if (register === RtcRegister.HoursAlarm) this.#alarm.hours = value;
    else if (register === RtcRegister.A) this.#setMode(value & ~A_UPDATE_IN_PROGRESS, this.#b);
    // Setting the time takes the update-ended interrupt away.
    else if (register === RtcRegister.B) {
      this.#setMode(this.#a, (value & B_SET) !== 0 ? value & ~UPDATE_ENDED : value);
    }
    this.#follow();
    return true;
  }

  get #seconds(): number {
    return this.#secondsAt(this.#clock.now);
  }

  #secondsAt(time: number): number {
    return this.#start + Math.floor((time - this.#epoch) / NANOSECONDS);
  }

  get #updating(): boolean {
    if (this.#stopped !== undefined) return false;
    return this.#nextUpdate(this.#clock.now) - this.#clock.now <= UPDATE_NANOSECONDS;
  }

  get #dividerRuns(): boolean {
    return (this.#a & A_DIVIDER_RESET) !== A_DIVIDER_RESET;
  }

  #setTime(index: number, value: number): void {
    if (this.#stopped !== undefined) {
      this.#stopped[index] = value;
      return;
    }
    const registers = this.#timeRegisters();
    registers[index] = value;
    this.#startAt(decodeTime(registers, this.#b), this.#epoch);
  }

  #timeRegisters(): number[] {
    return TIME_REGISTERS.map((register) => encodeTime(register, this.#seconds, this.#b));
  }

  /** The time is `seconds` now; its seconds go on in the phase of `epoch`. */
  #startAt(seconds: number, epoch: number): void {
    this.#epoch = epoch + Math.floor((this.#clock.now - epoch) / NANOSECONDS) * NANOSECONDS;
    this.#start = seconds;
  }

  /** Registers A and B. The time stands still while B says so or the divider is in reset. */
  #setMode(a: number, b: number): void {
    const wasReset = !this.#dividerRuns;
    if (this.#stopped === undefined) {
      const registers = this.#timeRegisters();
      this.#a = a;
      this.#b = b;
      if ((b & B_SET) !== 0 || !this.#dividerRuns) this.#stopped = registers;
      return;
    }
    this.#a = a;
    if (wasReset && this.#dividerRuns) this.#epoch = this.#clock.now - HALF_SECOND;
    const before = this.#b;
    this.#b = b;
    if ((b & B_SET) !== 0 || !this.#dividerRuns) return;
    this.#startAt(decodeTime(this.#stopped, before), this.#epoch);
    this.#stopped = undefined;
  }

  /** Reading C clears its flags and takes the interrupt back. */
  #acknowledge(): number {
    this.#settle();
    const flags = this.#flags;
    const value = flags | ((flags & this.#b & ENABLES) !== 0 ? INTERRUPT_REQUEST : 0);
    this.#flags = 0;
    this.#follow();
    return value;
  }

  /** Raises the flags of all that has happened since they were looked at last. */
  #settle(): void {
    const { now } = this.#clock;
    for (const flag of [PERIODIC, ALARM, UPDATE_ENDED]) {
      if (this.#next(flag, this.#seen) <= now) this.#flags |= flag;
    }
    this.#seen = now;
  }

  /** Guest time of the next event of a kind after `time`. */
  #next(flag: number, time: number): number {
    if (flag === PERIODIC) return this.#nextPeriod(time);
    if (this.#stopped !== undefined) return NEVER;
    return flag === ALARM ? this.#nextAlarm(time) : this.#nextUpdate(time);
  }

  #nextUpdate(time: number): number {
    return this.#epoch + (Math.floor((time - this.#epoch) / NANOSECONDS) + 1) * NANOSECONDS;
  }

  #nextAlarm(time: number): number {
    const at = nextAlarm(this.#alarm, this.#secondsAt(time), this.#b);
    return at === undefined ? NEVER : this.#epoch + (at - this.#start) * NANOSECONDS;
  }

  #nextPeriod(time: number): number {
    const rate = this.#a & A_RATE;
    if (rate === 0 || !this.#dividerRuns) return NEVER;
    // The two fastest rates are slow ones again: the time base has no faster taps.
    const cycles = rate < 3 ? 64 << rate : 1 << (rate - 1);
    return TIME_BASE.nanosecondsFor((Math.floor(TIME_BASE.ticksIn(time) / cycles) + 1) * cycles);
  }

  /** Drives the interrupt, and waits for the next event that would raise it. */
  #follow(): void {
    this.#settle();
    const pending = (this.#flags & this.#b & ENABLES) !== 0;
    this.#line.set(pending);
    let deadline = NEVER;
    if (!pending) {
      for (const flag of [PERIODIC, ALARM, UPDATE_ENDED]) {
        if ((this.#b & flag) !== 0) deadline = Math.min(deadline, this.#next(flag, this.#seen));
      }
    }
    this.#timer.schedule(deadline);
  }

  reset(): void {
    this.#a = A_INITIAL;
    this.#b = B_24_HOURS;
    this.#flags = 0;
    this.#seen = 0;
    this.#start = this.#bootTime;
    this.#epoch = 0;
    this.#stopped = undefined;
    this.#alarm.seconds = 0;
    this.#alarm.minutes = 0;
    this.#alarm.hours = 0;
    this.#timer.cancel();
    this.#line.set(false);
  }

  save(): DeviceState {
    return {
      a: this.#a,
      b: this.#b,
      flags: this.#flags,
      seen: this.#seen,
      start: this.#start,
      epoch: this.#epoch,
      stopped: this.#stopped === undefined ? null : [...this.#stopped],
      alarm: { ...this.#alarm },
      deadline: savedDeadline(this.#timer.deadline),
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader(this.name, state);
    this.#a = reader.number('a');
    this.#b = reader.number('b');
    this.#flags = reader.number('flags');
    this.#seen = reader.number('seen');
    this.#start = reader.number('start');
    this.#epoch = reader.number('epoch');
    this.#stopped = state.stopped === null ? undefined : reader.numbers('stopped');
    const alarm = new StateReader(`${this.name} alarm`, reader.part('alarm'));
    this.#alarm.seconds = alarm.number('seconds');
    this.#alarm.minutes = alarm.number('minutes');
    this.#alarm.hours = alarm.number('hours');
    this.#timer.schedule(reader.deadline('deadline'));
  }
}
