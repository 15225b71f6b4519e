export type MutateErrorCode = 'bad-usage' | 'tests-fail' | 'no-result' | 'no-mutants';

/** A campaign that cannot go on: `bad-usage` is the caller's, the others say what the tests or the compiler did. */
export class MutateError extends Error {
  override readonly name = 'MutateError';
  readonly code: MutateErrorCode;

  constructor(code: MutateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
