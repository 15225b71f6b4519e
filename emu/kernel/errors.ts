/** What could not be found or read in the guest's kernel. */
export type KernelErrorCode =
  /** The kernel has no symbol of that name. */
  | 'no-symbol'
  /** The debugging information knows no such structure or variable. */
  | 'no-type'
  /** A structure has no such member, or a path does not fit its types. */
  | 'no-member'
  /** A path leads through a null pointer. */
  | 'null-pointer'
  /** Guest memory is not mapped there. */
  | 'unmapped'
  /** A list in guest memory runs in a circle or does not end. */
  | 'bad-list'
  /** A value is not of the kind that was asked for. */
  | 'wrong-kind';

/** The guest's kernel does not have, or does not show, what was asked for. Nothing was changed. */
export class KernelError extends Error {
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, message: string) {
    super(message);
    this.name = 'KernelError';
    this.code = code;
  }
}
