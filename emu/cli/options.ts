import { InvalidArgumentError } from 'commander';

/** Parsers of option values for commander; each throws InvalidArgumentError, which commander shows with the option's name. */

const SUFFIXES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** A count of steps: a positive integer, with k, m or g for thousands, millions, thousand millions; `10m`. */
export function parseSteps(text: string): number {
  const match = /^(\d+)([kmg]?)$/i.exec(text);
  const value =
    match === null ? Number.NaN : Number(match[1]) * (SUFFIXES[match[2]?.toLowerCase() ?? ''] ?? 1);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError(
      `'${text}' is no number of steps: give a positive integer, such as 5000 or 10m.`,
    );
  }
  return value;
}

/** A memory size in MiB, or with a unit: 64, 64M, 1G. Returns bytes. */
export function parseMemory(text: string): number {
  const match = /^(\d+)(m|g|mib|gib)?$/i.exec(text);
  const unit = match?.[2]?.toLowerCase().startsWith('g') === true ? 2 ** 30 : 2 ** 20;
  const value = match === null ? Number.NaN : Number(match[1]) * unit;
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError(
      `'${text}' is no memory size: give MiB, such as 64, or a unit, such as 1G.`,
    );
  }
  return value;
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}
