/** A run of foreign software cannot begin or did not come to its end: the message says what to do. */
export class ForeignError extends Error {
  override readonly name = 'ForeignError';
  readonly code = 'foreign-software';
}
