/** Why an expression has no value. */
export type ExpressionErrorCode =
  /** It is no expression of C. */
  | 'syntax'
  /** A name that nothing in scope has. */
  | 'unknown-name'
  /** The operands' types do not allow the operation. */
  | 'type'
  /** The guest has no memory there. */
  | 'unmapped'
  /** The compiler kept no value of the variable at this place. */
  | 'optimised-out'
  /** Something that cannot be written. */
  | 'read-only'
  /** Division by zero, or a shift that C does not define. */
  | 'arithmetic'
  /** Valid C that is not evaluated here: calls of guest functions. */
  | 'unsupported';

/** An expression could not be evaluated; nothing in the guest was changed. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly code: ExpressionErrorCode;
  /** Where in the text, counted from 0; undefined when no single place is wrong. */
  readonly at: number | undefined;

  constructor(code: ExpressionErrorCode, message: string, at?: number) {
    super(message);
    this.code = code;
    this.at = at;
  }
}
