/** A device's state as plain data: what JSON can hold, so that it can be compared, hashed and written to a file. */
export type DeviceState = { readonly [field: string]: DeviceValue };
export type DeviceValue = number | string | boolean | null | readonly DeviceValue[] | DeviceState;

/** Whatever in the machine has state of its own. A device that cannot be saved is unfinished. */
export interface Device {
  /** Names the state in a snapshot; unique in a machine. */
  readonly name: string;
  /** Power-on state. */
  reset(): void;
  /** The whole state. Never shares arrays with the device. */
  save(): DeviceState;
  /** Puts back what `save` returned, deadlines included. */
  restore(state: DeviceState): void;
}

/** An interrupt request line as the device that drives it sees it. */
export interface InterruptLine {
  /** The line's number at the interrupt controller. */
  readonly irq: number;
  /** Drives the line high or low. Driving it to the level it has changes nothing. */
  set(high: boolean): void;
}
