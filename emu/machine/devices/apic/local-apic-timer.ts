import { NEVER, type Timer, type VirtualClock } from '../../clock.ts';
import type { DeviceState } from '../../device.ts';
import { StateReader, savedDeadline } from '../../device-state.ts';

/** The divide register's bits 3, 1 and 0 say by which power of two; 7 means by one. */
const DIVIDE_BITS = 0x0b;
const DIVIDE_BY_ONE = 7;

/**
 * The timer of a local APIC. Its clock is the bus at 1 GHz, as QEMU's: one tick is one guest ns before the divider.
 * Nothing ticks: every question is answered from the time at which the count began.
 */
export class LocalApicTimer {
  readonly #clock: VirtualClock;
  readonly #timer: Timer;
  readonly #expired: () => void;
  #initial = 0;
  #divide = 0;
  #periodic = false;
  /** Its expiry is wanted: the local vector is not masked. Without it the counter runs all the same. */
  #wanted = false;
  /** Guest time at which the count began at its initial value, or null while there is none. */
  #since: number | null = null;

  /** `source`: what the clock calls the interrupt. `expired` is called at each expiry that is wanted. */
  constructor(clock: VirtualClock, source: number, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
    this.#timer = clock.timer('local APIC', source, (deadline) => {
      this.#follow(deadline);
      this.#expired();
    });
  }

  get initialCount(): number {
    return this.#initial;
  }

  /** Starts the count; 0 stops it. */
  set initialCount(count: number) {
    this.#initial = count;
    this.#since = count === 0 ? null : this.#clock.now;
    this.#follow(this.#clock.now);
  }

  get currentCount(): number {
    if (this.#since === null) return 0;
    const ticks = Math.floor((this.#clock.now - this.#since) / this.#divisor);
    if (this.#periodic) return this.#initial - (ticks % this.#initial);
    return Math.max(0, this.#initial - ticks);
  }

  get divide(): number {
    return this.#divide;
  }

  /** The divide register. The count goes on from where it is. */
  set divide(value: number) {
    const current = this.currentCount;
    this.#divide = value & DIVIDE_BITS;
    if (this.#since !== null) {
      this.#since = current === 0 ? null : this.#clock.now - (this.#initial - current) * this.#divisor;
    }
    this.#follow(this.#clock.now);
  }

  /** What the local vector says. A one-shot count that has ended does not come back to life. */
  configure(periodic: boolean, wanted: boolean): void {
    if (periodic !== this.#periodic && this.currentCount === 0) this.#since = null;
    this.#periodic = periodic;
    this.#wanted = wanted;
    this.#follow(this.#clock.now);
  }

  get #divisor(): number {
    const code = (this.#divide & 3) | ((this.#divide & 8) >>> 1);
    return code === DIVIDE_BY_ONE ? 1 : 2 << code;
  }

  /** Waits for the first expiry after `time`. */
  #follow(time: number): void {
    this.#timer.schedule(this.#wanted ? this.#nextExpiry(time) : NEVER);
  }

  #nextExpiry(time: number): number {
    if (this.#since === null) return NEVER;
    const period = this.#initial * this.#divisor;
    if (this.#periodic) return this.#since + (Math.floor((time - this.#since) / period) + 1) * period;
    const end = this.#since + period;
    return end > time ? end : NEVER;
  }

  reset(): void {
    this.#initial = 0;
    this.#divide = 0;
    this.#periodic = false;
    this.#wanted = false;
    this.#since = null;
    this.#timer.cancel();
  }

  save(): DeviceState {
    return {
      initial: this.#initial,
      divide: this.#divide,
      periodic: this.#periodic,
      wanted: this.#wanted,
      since: this.#since,
      deadline: savedDeadline(this.#timer.deadline),
    };
  }

  restore(state: DeviceState): void {
    const reader = new StateReader('local APIC timer', state);
    this.#initial = reader.number('initial');
    this.#divide = reader.number('divide');
    this.#periodic = reader.boolean('periodic');
    this.#wanted = reader.boolean('wanted');
    this.#since = reader.numberOrNull('since');
    this.#timer.schedule(reader.deadline('deadline'));
  }
}
