import type { ArgumentType, Resource } from '../arguments.ts';

/** A system call as the fuzzer knows it. */
export interface CallDescription {
  readonly name: string;
  readonly arguments: readonly ArgumentType[];
  /** What it returns that others can use. */
  readonly result?: Resource;
  /** It stores two descriptors where its first argument points. */
  readonly pipe?: boolean;
  /** It makes a child with calls of its own. */
  readonly child?: boolean;
  /** How often it is taken, against 4 of others. */
  readonly weight?: number;
}

/** What a call is besides its name and arguments. */
export type CallTraits = Omit<CallDescription, 'name' | 'arguments'>;

/** A row of the table. */
export function row(
  name: string,
  args: readonly ArgumentType[] = [],
  traits: CallTraits = {},
): CallDescription {
  return { name, arguments: args, ...traits };
}

/** The weight of a call whose row names none. */
export const USUAL_WEIGHT = 4;
