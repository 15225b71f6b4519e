/** What can be wrong with coverage. */
export type CoverageErrorCode =
  /** Counts of two builds of a program were to be added. */
  | 'other-build'
  /** Stored data cannot be read. */
  | 'bad-data'
  /** The processor keeps no counts. */
  | 'not-counting'
  /** Nothing that ran has the name that was asked for. */
  | 'unknown-name';

/** Coverage cannot be measured, added or shown as asked. */
export class CoverageError extends Error {
  readonly code: CoverageErrorCode;

  constructor(code: CoverageErrorCode, message: string) {
    super(message);
    this.name = 'CoverageError';
    this.code = code;
  }
}
