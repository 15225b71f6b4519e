/** What was asked to be traced is not there. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly code: 'unknown-function' | 'no-log';

  constructor(code: 'unknown-function' | 'no-log', message: string) {
    super(message);
    this.code = code;
  }
}
