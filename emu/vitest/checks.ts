import { nearNames } from '../debug/trace/index.ts';
import { GuestTestError } from './errors.ts';

/** Says what a value should have been; undefined when it is that. */
export type Check = (value: unknown) => string | undefined;

/** What a longer value is cut to where an error shows it. */
const SHOWN = 40;

/** A value as an error shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  let text: string | undefined;
  try {
    text =
      typeof value === 'number' || Number.isNaN(value) ? String(value) : (JSON.stringify(value) as string);
  } catch {
    // A structure with itself or a bigint in it.
  }
  text ??= value === undefined ? 'undefined' : `a ${typeof value}`;
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** Whole numbers between two limits, both among them. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Check {
  const limits = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `a whole number ${limits}`;
}

export const text: Check = (value) => (typeof value === 'string' ? undefined : 'text');

export const truth: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');

export const callback: Check = (value) => (typeof value === 'function' ? undefined : 'a function');

/** What a 64-bit register can hold, signed or unsigned. */
export const word: Check = (value) => {
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value);
  const fits = isWhole && fitsWord(BigInt(value as number | bigint));
  return fits ? undefined : 'a whole number of 64 bits, such as 35n';
};

/** One of some names. */
export function oneOf(names: readonly string[]): Check {
  return (value) =>
    names.includes(value as string)
      ? undefined
      : `one of ${names.join(', ')}${typeof value === 'string' ? nearBy(names, value) : ''}`;
}

/** A list whose elements pass. */
export function listOf(element: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return `a list, each of it ${element(undefined)}`;
    const wrong = value.find((one) => element(one) !== undefined);
    return wrong === undefined && !value.includes(undefined)
      ? undefined
      : `a list, each of it ${element(wrong)}`;
  };
}

/** What passes one check or the other. */
export function either(one: Check, other: Check): Check {
  return (value) => {
    const [first, second] = [one(value), other(value)];
    return first === undefined || second === undefined ? undefined : `${first}, or ${second}`;
  };
}

/** An object with these members, all of which may be missing. */
export function members(checks: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (!isPlainObject(value)) return `an object with any of ${Object.keys(checks).join(', ')}`;
    const [name, why] = wrongMember(value, checks) ?? [];
    return name === undefined ? undefined : `an object whose ${name} is ${why}`;
  };
}

/** Checks an argument. Throws GuestTestError 'bad-expectation', which names whom it was given to. */
export function checkArgument(whose: string, value: unknown, check: Check): void {
  const wanted = check(value);
  if (wanted === undefined) return;
  throw new GuestTestError('bad-expectation', `${whose} takes ${wanted}; it was given ${shown(value)}`);
}

/**
 * Checks an object of options, any of which may be missing or undefined: that it has none that nobody would look at, and each is of
 * its kind and in its range. Throws GuestTestError 'bad-expectation', which names the option.
 */
export function checkOptions(whose: string, options: unknown, checks: Readonly<Record<string, Check>>): void {
  const names = Object.keys(checks);
  if (!isPlainObject(options)) {
    throw new GuestTestError(
      'bad-expectation',
      `${whose} takes its options as an object ({ ${names.join(', ')} }); it was given ${shown(options)}`,
    );
  }
  const [name, wanted] = wrongMember(options, checks) ?? [];
  if (name === undefined) return;
  throw new GuestTestError(
    'bad-expectation',
    Object.hasOwn(checks, name)
      ? `${whose}: ${name} must be ${wanted}; it is ${shown(options[name])}`
      : `${whose} has no option ${name}: it has ${names.join(', ')}${nearBy(names, name)}`,
  );
}

/** `; near it: fork1`, when one of some names is near another; else nothing. */
export function nearBy(names: readonly string[], name: string): string {
  const near = nearNames(names, name);
  return near.length === 0 ? '' : `; near it: ${near.join(', ')}`;
}

function wrongMember(
  value: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check>>,
): readonly [string, string] | undefined {
  for (const [name, member] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      const names = Object.keys(checks);
      return [name, `not there: it has ${names.join(', ')}${nearBy(names, name)}`];
    }
    const wanted = member === undefined ? undefined : check(member);
    if (wanted !== undefined) return [name, wanted];
  }
  return undefined;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether 64 bits can hold a number, signed or unsigned. */
export function fitsWord(value: bigint): boolean {
  return value === BigInt.asUintN(64, value) || value === BigInt.asIntN(64, value);
}
