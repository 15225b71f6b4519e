/** What can go wrong between a test and its guest. */
export type GuestTestErrorCode =
  /** The guest did not come back to its prompt, or not to the place that was awaited. */
  | 'not-reached'
  /** A system call does not return, or the process that made it is gone. */
  | 'not-returned'
  /** The kernel panics. */
  | 'panic'
  /** A matcher was given something it cannot answer about. */
  | 'bad-expectation';

/** A test cannot go on: the guest did not do what the test waits for, or was asked about what it does not have. */
export class GuestTestError extends Error {
  readonly code: GuestTestErrorCode;

  constructor(code: GuestTestErrorCode, message: string) {
    super(message);
    this.name = 'GuestTestError';
    this.code = code;
  }
}
