/** What can be wrong with what a fuzzing run was given, or with its guest. */
export type FuzzErrorCode =
  /** A program (of a corpus, or given) is none. */
  | 'bad-program'
  /** A corpus cannot be read or written. */
  | 'bad-corpus'
  /** The guest cannot be fuzzed: it does not come to where programs are run. */
  | 'bad-guest'
  /** The kernel contradicts itself before any program has run: what a program breaks could not be told. */
  | 'not-in-order';

/** A fuzzing run cannot go on. */
export class FuzzError extends Error {
  readonly code: FuzzErrorCode;

  constructor(code: FuzzErrorCode, message: string) {
    super(message);
    this.name = 'FuzzError';
    this.code = code;
  }
}
