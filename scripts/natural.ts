import { InvalidArgumentError } from 'commander';

/** The value of an option that counts: a natural number. Throws InvalidArgumentError, which commander shows. */
export function natural(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError(`'${text}' is not a natural number.`);
}

/** The value of an option of which there is at least one. Throws InvalidArgumentError, which commander shows. */
export function positive(text: string): number {
  const value = natural(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('At least one is needed.');
}
