import type { FuzzArgument, Pointer } from './program.ts';
import type { Random } from './random.ts';

/** What a call may return that others can use. */
export type Resource = 'fd' | 'kqueue' | 'pid' | 'pgid' | 'tid' | 'address';

/** What is at hand when an argument is made up. */
export interface ArgumentContext {
  readonly random: Random;
  /** References to what earlier calls return, the latest last. */
  results(resource: Resource): readonly FuzzArgument[];
}

/** How an argument of one kind is made up. */
export type ArgumentType = (context: ArgumentContext) => FuzzArgument;

/** Values at which something changes, whatever the call. */
const EDGES: readonly FuzzArgument[] = [
  0,
  1,
  -1,
  0x7fff_ffff,
  -0x8000_0000,
  '0x7fffffffffffffff',
  '0x8000000000000000',
  0x1_0000_0000,
];
const BUFFER_SIZES = [1, 8, 64, 512, 3000];
/** What is written instead of a sensible argument, once in so many. */
const RARELY = 24;

/** One of some values, seldom an edge. */
export function oneOf(...values: readonly FuzzArgument[]): ArgumentType {
  return ({ random }) => (random.oneIn(RARELY) ? random.pick(EDGES) : random.pick(values));
}

/** One of some values, never another. */
export function only(...values: readonly FuzzArgument[]): ArgumentType {
  return ({ random }) => random.pick(values);
}

/** Some flags or'ed together, seldom a bit that is none. */
export function flags(...values: readonly number[]): ArgumentType {
  return ({ random }) => {
    let sum = 0;
    while (random.below(5) > 1) sum |= random.pick(values);
    return random.oneIn(RARELY) ? sum | (1 << random.below(31)) : sum;
  };
}

/** One of some values or'ed with some flags. */
export function modeAndFlags(modes: readonly number[], values: readonly number[]): ArgumentType {
  const some = flags(...values);
  return (context) => context.random.pick(modes) | Number(some(context));
}

/** One of several types. */
export function either(...types: readonly ArgumentType[]): ArgumentType {
  return (context) => context.random.pick(types)(context);
}

/** What an earlier call returned, or else another argument. */
export function resource(kind: Resource, otherwise: ArgumentType): ArgumentType {
  return (context) => {
    const known = context.results(kind);
    if (known.length === 0 || context.random.oneIn(6)) return otherwise(context);
    // The latest is the likeliest.
    const back = Math.min(context.random.below(known.length), context.random.below(known.length));
    return known[known.length - 1 - back] as FuzzArgument;
  };
}

/** A descriptor: what was opened, one of the first, or none. */
export const fd: ArgumentType = resource('fd', ({ random }) =>
  random.oneIn(4) ? random.pick([-1, 19, 20, 21, 63, 127, 128, 1000, -100]) : random.below(10),
);

/** A descriptor in a structure, where only a number can stand: one of the first. */
export const fdNumber: ArgumentType = oneOf(0, 1, 2, 3, 4, 4, 5, 5, 6, 7);

/** A process: a child, the process itself (0), or none. */
export const pid: ArgumentType = resource('pid', only(0, 0, 99_999, 100_001));

/** A process group. */
export const pgid: ArgumentType = resource('pgid', resource('pid', only(0, 99_999)));

/** A signal's number. */
export const signal: ArgumentType = ({ random }) =>
  random.oneIn(RARELY) ? random.pick([0, -1, 33, 64, 1000]) : 1 + random.below(32);

/** A set of signals. */
export const signalSet: ArgumentType = ({ random }) =>
  random.oneIn(3) ? random.pick([0, 0xffff_ffff]) : (1 << random.below(32)) >>> 0;

/** A pointer that nobody can use. */
export const badPointer: ArgumentType = only(
  { bad: 'unmapped' },
  { bad: 'kernel' },
  0,
  1,
  '0xfffffffffffff000',
  '0x00007f7fffffc000',
  '0x0000800000000000',
);

/** Now and then a bad pointer instead of a good one. */
export function pointer(good: ArgumentType): ArgumentType {
  return (context) => (context.random.oneIn(12) ? badPointer(context) : good(context));
}

/** A pointer that may be null. */
export function optional(good: ArgumentType): ArgumentType {
  return (context) => (context.random.oneIn(3) ? 0 : good(context));
}

/** Memory of some size; the kernel may read and write it. */
export const buffer: ArgumentType = pointer(({ random }) => {
  const bytes = '5a'.repeat(random.pick(BUFFER_SIZES));
  return random.oneIn(8) ? { bytes, at: random.pick(['end', 'readOnly'] as const) } : { bytes };
});

/** How many bytes of a buffer. */
export const length: ArgumentType = oneOf(0, 1, 8, 64, 512, 3000, 4096, 65_536);

/** Memory for a structure of so many bytes that the kernel fills. */
export function room(size: number): ArgumentType {
  return pointer(({ random }) => {
    const bytes = '00'.repeat(size);
    return random.oneIn(10) ? { bytes, at: random.pick(['end', 'readOnly'] as const) } : { bytes };
  });
}

/** The members of a structure, one after the other: so many bytes each. */
export function structure(
  ...members: readonly { readonly size: number; readonly type: ArgumentType }[]
): ArgumentType {
  return pointer((context) => {
    let bytes = '';
    const pointers: Pointer[] = [];
    for (const { size, type } of members) {
      const value = type(context);
      if (typeof value === 'object') {
        pointers.push({ offset: bytes.length / 2, to: value });
        bytes += '00'.repeat(size);
      } else bytes += littleEndian(BigInt(value), size);
    }
    return { bytes, ...(pointers.length > 0 && { pointers }) };
  });
}

/** Structures one after the other. */
export function array(element: ArgumentType, most: number): ArgumentType {
  return (context) => {
    let bytes = '';
    const pointers: Pointer[] = [];
    for (let left = context.random.below(most) + 1; left > 0; left--) {
      const one = element(context);
      if (typeof one !== 'object' || !('bytes' in one)) return one;
      for (const each of one.pointers ?? [])
        pointers.push({ ...each, offset: each.offset + bytes.length / 2 });
      bytes += one.bytes;
    }
    return { bytes, ...(pointers.length > 0 && { pointers }) };
  };
}

export function int(type: ArgumentType): { readonly size: number; readonly type: ArgumentType } {
  return { size: 4, type };
}

export function short(type: ArgumentType): { readonly size: number; readonly type: ArgumentType } {
  return { size: 2, type };
}

export function long(type: ArgumentType): { readonly size: number; readonly type: ArgumentType } {
  return { size: 8, type };
}

/** A number's bytes in hexadecimal, the lowest first. */
function littleEndian(value: bigint, size: number): string {
  const digits = BigInt.asUintN(8 * size, value)
    .toString(16)
    .padStart(2 * size, '0');
  return (digits.match(/../g) ?? []).reverse().join('');
}
