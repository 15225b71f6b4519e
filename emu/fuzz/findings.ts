/** What an oracle has to say about a program. */
export interface Finding {
  /** Which oracle: `panic`, `hang`, `leak`, `unkillable`, or the kind of an inconsistency. */
  readonly oracle: string;
  /** The same for the same defect, as far as one can tell: what crashes are sorted by. */
  readonly key: string;
  /** For a person. */
  readonly message: string;
}

/** Numbers say where and how often, not what. */
export function withoutNumbers(text: string): string {
  return text.replaceAll(/0x[0-9a-f]+|\b[0-9]+\b/g, 'N');
}
