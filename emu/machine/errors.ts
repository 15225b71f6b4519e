/** What went wrong with a request to the machine itself. */
export type MachineErrorCode =
  /** The memory size is not one the machine can have. */
  | 'memorySize'
  /** A budget, position or time that is not a sensible number. */
  | 'badArgument'
  /** An address range that is not RAM. */
  | 'notRam'
  /** `run` or `step` before a kernel was loaded or a snapshot restored. */
  | 'nothingLoaded'
  /** Two devices claim the same port or address. */
  | 'busConflict'
  /** A device's saved state does not fit the device. */
  | 'badDeviceState';

/** A request the machine cannot carry out; nothing was changed. */
export class MachineError extends Error {
  readonly code: MachineErrorCode;

  constructor(code: MachineErrorCode, message: string) {
    super(message);
    this.name = 'MachineError';
    this.code = code;
  }
}
