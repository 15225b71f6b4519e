/** What can be wrong with what a fuzzing run was given, or with its guest. */
export type FuzzErrorCode =
  /** A program (of a corpus, or given) is none. */
  | 'bad-program'
  /** A corpus cannot be read or written. */
  | 'bad-corpus'
  /** The guest cannot be fuzzed: it does not come to where programs are run, or is not in order before any has. */
  | 'bad-guest';

/** A fuzzing run cannot go on. */
export class FuzzError extends Error {
  readonly code: FuzzErrorCode;

  constructor(code: FuzzErrorCode, message: string) {
    super(message);
    this.name = 'FuzzError';
    this.code = code;
  }
}
