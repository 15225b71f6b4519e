/** What an oracle has to say about a program. */
export interface Finding {
  /** Which oracle: `panic`, `hang`, `leak`, `unkillable`, or the kind of an inconsistency. */
  readonly oracle: string;
  /** The same for the same defect, as far as one can tell: what crashes are sorted by. */
  readonly key: string;
  /** For a person. */
  readonly message: string;
  /** The calls of the kernel that it happened in, innermost first, as `fork1+0x12 (guest/sys/kern/kern_fork.c:270)`. */
  readonly stack?: readonly string[];
}

/** A finding as a text: its oracle, its message, and its stack. */
export function describeFinding({ oracle, message, stack = [] }: Finding): string {
  return [`${oracle}: ${message}`, ...stack.map((frame) => `  in ${frame}`)].join('\n');
}

/** A finding in so few words that a name can hold it. */
export function titleOf({ oracle, key }: Finding): string {
  const [title = ''] = (key.startsWith(oracle) ? key : `${oracle}: ${key}`).split('\n');
  return title.length <= LONGEST_TITLE ? title : `${title.slice(0, LONGEST_TITLE - 1)}…`;
}

const LONGEST_TITLE = 100;

/** Numbers say where and how often, not what. */
export function withoutNumbers(text: string): string {
  return text.replaceAll(/0x[0-9a-f]+|\b[0-9]+\b/g, 'N');
}
