import type { Device, DeviceState } from './device.ts';
import { StateReader } from './device-state.ts';

/**
 * Stands between the interrupt controllers and the processor's INTR pin, so that a debugger can hold interrupts off while somebody steps: what
 * is requested meanwhile stays pending. No part of a PC; held or not, it is state of the machine like any other.
 */
export class InterruptGate implements Device {
  readonly name = 'interruptGate';
  readonly #output: (high: boolean) => void;
  #requested = false;
  #held = false;

  constructor(output: (high: boolean) => void) {
    this.#output = output;
  }

  get held(): boolean {
    return this.#held;
  }

  hold(held: boolean): void {
    this.#held = held;
    this.#drive();
  }

  /** The controllers' output. */
  request(high: boolean): void {
    this.#requested = high;
    this.#drive();
  }

  reset(): void {
    this.#requested = false;
    this.#held = false;
    this.#drive();
  }

  save(): DeviceState {
    return { held: this.#held };
  }

  restore(state: DeviceState): void {
    this.#held = new StateReader(this.name, state).boolean('held');
    this.#drive();
  }

  #drive(): void {
    this.#output(this.#requested && !this.#held);
  }
}
