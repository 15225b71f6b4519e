/** Why a guest build did not happen; see `exitStatusOf` for what the command line makes of it. */
export type GuestBuildErrorCode =
  | 'missing-tool'
  | 'bad-usage'
  | 'bad-source-tree'
  | 'bad-image'
  | 'unwritable'
  | 'compile-failed';

/** Building the guest failed. `message` says what was wrong, where, and what to do about it. */
export class GuestBuildError extends Error {
  override readonly name = 'GuestBuildError';
  readonly code: GuestBuildErrorCode;

  constructor(code: GuestBuildErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Exit status of the command line: 1 when the guest's sources are wrong, 2 when the call or the host is. */
export function exitStatusOf(code: GuestBuildErrorCode): 1 | 2 {
  return code === 'missing-tool' || code === 'bad-usage' || code === 'unwritable' ? 2 : 1;
}
