import type { Device, DeviceState } from './device.ts';
import { StateReader } from './device-state.ts';

/** Nanoseconds in a second. */
export const NANOSECONDS = 1_000_000_000;

/** No deadline. */
export const NEVER = Number.POSITIVE_INFINITY;

/** The end of a slice when none is in progress: no deadline lies before it. */
const NO_SLICE = Number.NEGATIVE_INFINITY;

/** One deadline of one device. It belongs to the device, which saves and restores it with its own state. */
export class Timer {
  readonly name: string;
  /** The interrupt that its expiry can lead to: idle time is skipped for the sake of those alone. */
  readonly irq: number;
  readonly #clock: VirtualClock;
  readonly #expire: (deadline: number) => void;
  #deadline = NEVER;

  constructor(clock: VirtualClock, name: string, irq: number, expire: (deadline: number) => void) {
    this.#clock = clock;
    this.name = name;
    this.irq = irq;
    this.#expire = expire;
  }

  /** Guest time of the next expiry in ns, or `NEVER`. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Sets the deadline (guest ns; one in the past expires at the end of the step in progress), or `NEVER`. */
  schedule(deadline: number): void {
    if (deadline === this.#deadline) return;
    this.#deadline = deadline;
    this.#clock.deadlineChanged(deadline);
  }

  cancel(): void {
    this.#deadline = NEVER;
  }

  /** For the clock alone: the deadline has come. */
  expire(): void {
    const deadline = this.#deadline;
    this.#deadline = NEVER;
    this.#expire(deadline);
  }
}

/**
 * Virtual time. Guest time in ns = steps × 1 ns + the idle time skipped at HLT, and never the host's clock.
 * The position comes from the processor, so that a device asking for the time in the middle of a slice gets
 * the exact answer.
 */
export class VirtualClock implements Device {
  readonly name = 'clock';
  readonly #position: () => number;
  readonly #timers: Timer[] = [];
  #idle = 0;
  /** Guest time at which the slice in progress ends. */
  #sliceEnd = NO_SLICE;
  #endSlice: () => void = () => {};

  /** `position`: steps since power-on, exact at any time. */
  constructor(position: () => number) {
    this.#position = position;
  }

  /** Guest time in ns. */
  get now(): number {
    return this.#position() + this.#idle;
  }

  /** Idle time skipped so far, in ns. */
  get idle(): number {
    return this.#idle;
  }

  /** A new timer. Timers that expire at the same time do so in the order of their creation. */
  timer(name: string, irq: number, expire: (deadline: number) => void): Timer {
    const timer = new Timer(this, name, irq, expire);
    this.#timers.push(timer);
    return timer;
  }

  /** The earliest deadline among the timers that `matters` accepts, or `NEVER`. */
  nextDeadline(matters: (timer: Timer) => boolean = () => true): number {
    let next = NEVER;
    for (const timer of this.#timers) {
      if (timer.deadline < next && matters(timer)) next = timer.deadline;
    }
    return next;
  }

  /** Lets every timer expire whose deadline has come, the earliest first. */
  expireDue(): void {
    const now = this.now;
    for (;;) {
      let due: Timer | undefined;
      for (const timer of this.#timers) {
        if (timer.deadline <= now && (due === undefined || timer.deadline < due.deadline)) due = timer;
      }
      if (due === undefined) return;
      due.expire();
    }
  }

  /** Skips idle time: the processor is halted and `nanoseconds` pass. */
  skip(nanoseconds: number): void {
    this.#idle += nanoseconds;
  }

  /** A slice begins: from now on a deadline that is set before `end` calls `endSlice`. */
  beginSlice(end: number, endSlice: () => void): void {
    this.#sliceEnd = end;
    this.#endSlice = endSlice;
  }

  /** The slice is over. */
  finishSlice(): void {
    this.#sliceEnd = NO_SLICE;
  }

  /** For timers alone. */
  deadlineChanged(deadline: number): void {
    if (deadline < this.#sliceEnd) this.#endSlice();
  }

  reset(): void {
    this.#idle = 0;
  }

  save(): DeviceState {
    return { idle: this.#idle };
  }

  restore(state: DeviceState): void {
    this.#idle = new StateReader(this.name, state).number('idle');
  }
}
