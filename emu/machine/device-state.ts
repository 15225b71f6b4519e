import type { DeviceState } from './device.ts';
import { MachineError } from './errors.ts';

/** Reads fields out of a saved state and says precisely which one does not fit. */
export class StateReader {
  readonly #device: string;
  readonly #state: DeviceState;

  constructor(device: string, state: DeviceState) {
    this.#device = device;
    this.#state = state;
  }

  /** Throws MachineError 'badDeviceState' when the field is not a number; so do the others for their types. */
  number(field: string): number {
    const value = this.#state[field];
    if (typeof value !== 'number') this.#fail(field, 'a number');
    return value as number;
  }

  numberOrNull(field: string): number | null {
    return this.#state[field] === null ? null : this.number(field);
  }

  boolean(field: string): boolean {
    const value = this.#state[field];
    if (typeof value !== 'boolean') this.#fail(field, 'true or false');
    return value as boolean;
  }

  text(field: string): string {
    const value = this.#state[field];
    if (typeof value !== 'string') this.#fail(field, 'text');
    return value as string;
  }

  /** Guest time in ns, or Infinity, which a saved state keeps as null. */
  deadline(field: string): number {
    return this.#state[field] === null ? Number.POSITIVE_INFINITY : this.number(field);
  }

  numbers(field: string): number[] {
    const value = this.#state[field];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) {
      this.#fail(field, 'a list of numbers');
    }
    return [...(value as readonly number[])];
  }

  /** The state of a part of the device. */
  part(field: string): DeviceState {
    const value = this.#state[field];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.#fail(field, 'a record');
    return value as DeviceState;
  }

  #fail(field: string, expected: string): never {
    throw new MachineError(
      'badDeviceState',
      `state of ${this.#device}: field '${field}' should be ${expected}; the snapshot is of another version or damaged`,
    );
  }
}

/** A deadline as a saved state holds it: Infinity (no deadline) becomes null. */
export function savedDeadline(deadline: number): number | null {
  return Number.isFinite(deadline) ? deadline : null;
}
