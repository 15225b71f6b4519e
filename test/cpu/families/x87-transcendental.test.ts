import type { Random } from '../../oracles/user-case-random.ts';
import { describeFamily } from './family.ts';
import { x87Spec } from './x87-specs.ts';
import type { ExtendedBits } from './x87-values.ts';

/** The manuals' bound for these instructions, in units in the last place (AMD APM volume 1, 6.4.5; Intel SDM volume 1, 8.3.10). */
const ULPS = 1;

const BIAS = 16383;
const INTEGER_BIT = 1n << 63n;
const QUIET_BIT = 1n << 62n;
/** Of pi, and of as many bits as angles are reduced by. */
const PI = 0xc90f_daa2_2168_c235n;
const SQUARE_ROOT_OF_2 = 0xb504_f333_f9de_6484n;
/** FYL2XP1 is defined below 1 - sqrt(2)/2: a little more than a quarter. */
const LARGEST_NEAR_ONE = BIAS - 2;

const number = (exponent: number, low = INTEGER_BIT): ExtendedBits => ({ high: BIAS + exponent, low });

/** What has an exact result, or an exception instead of one. */
const SPECIAL: readonly ExtendedBits[] = [
  { high: 0, low: 0n },
  { high: 0x7fff, low: INTEGER_BIT },
  { high: 0x7fff, low: INTEGER_BIT | QUIET_BIT },
  { high: 0x7fff, low: INTEGER_BIT | QUIET_BIT | 5n },
  { high: 0x7fff, low: INTEGER_BIT | 7n },
  // Unsupported: a pseudo-NaN, a pseudo-infinity and an unnormal.
  { high: 0x7fff, low: 9n },
  { high: 0x7fff, low: 0n },
  { high: BIAS, low: QUIET_BIT },
];
/** Angles that are refused, and the numbers at which the logarithm is a whole one. */
const TOO_LARGE: readonly ExtendedBits[] = [
  number(63),
  number(63, INTEGER_BIT | 1n),
  number(64),
  number(16383),
];
const POWERS_OF_2: readonly ExtendedBits[] = [number(0), number(1), number(-1), number(10), number(-16382)];

const signed = (random: Random, { high, low }: ExtendedBits): ExtendedBits => ({
  high: high | (random.below(2) << 15),
  low,
});

type Values = (random: Random, index: number) => ExtendedBits;

const anyOf =
  (...lists: readonly (readonly ExtendedBits[])[]): Values =>
  (random) =>
    signed(random, random.pick(lists.flat()));

/** Any significand, with an exponent from a range. */
const between =
  (from: number, to: number): Values =>
  (random) =>
    signed(random, number(from + random.below(to - from + 1), INTEGER_BIT | random.u64()));
const positive =
  (values: Values): Values =>
  (random, index) => {
    const { high, low } = values(random, index);
    return { high: high & 0x7fff, low };
  };

/** Angles next to a multiple of pi/2 (by doublings), where nearly all digits of the difference cancel. */
const nearPi: Values = (random) =>
  signed(random, number(random.below(60) - 1, PI + BigInt(random.below(5)) - 2n));
/** Next to one and to the middle between two powers of two. */
const nearOne: Values = (random) => {
  const distance = BigInt(random.below(1 << 20));
  return random.pick([
    number(0, INTEGER_BIT + distance),
    number(-1, (1n << 64n) - 1n - distance),
    number(random.below(3) - 1, SQUARE_ROOT_OF_2 + BigInt(random.below(5)) - 2n),
  ]);
};
/** Denormals and pseudo-denormals. */
const tiny: Values = (random) =>
  signed(random, { high: 0, low: (random.u64() >> BigInt(random.below(64))) | 1n });
const oneOf =
  (...kinds: readonly Values[]): Values =>
  (random, index) =>
    random.pick(kinds)(random, index);
/** ST(0) from one kind, the others from another. */
const topAnd =
  (top: Values, others: Values): Values =>
  (random, index) =>
    (index === 0 ? top : others)(random, index);

const everyAngle = oneOf(between(-8, 62), between(-70, 0), between(-16382, -60), nearPi, tiny);
const everyNumber = oneOf(between(-8, 8), between(-70, 70), between(-16382, 16383), tiny);

/** Instructions, and the numbers for which their results are approximations. */
const INSTRUCTIONS: readonly (readonly [string, Values])[] = [
  ['fsin', everyAngle],
  ['fcos', everyAngle],
  ['fsincos', everyAngle],
  ['fptan', everyAngle],
  ['fpatan', everyNumber],
  ['f2xm1', oneOf(between(-8, -1), between(-70, -1), between(-16382, -60), tiny)],
  ['fyl2x', topAnd(positive(oneOf(nearOne, between(-4, 4), between(-16382, 16383), tiny)), everyNumber)],
  [
    'fyl2xp1',
    topAnd(
      oneOf(between(-9, LARGEST_NEAR_ONE - BIAS), between(-70, -2), between(-16382, -60), tiny),
      everyNumber,
    ),
  ],
];

/** Room for a push. */
const ROOM = () => 0x7f;

const specs = INSTRUCTIONS.flatMap(([code, values]) => {
  const name = code.toUpperCase();
  const special = anyOf(SPECIAL, TOO_LARGE, POWERS_OF_2);
  return [
    x87Spec(
      `should give ${name} within one unit in the last place, whatever the rounding and precision`,
      code,
      {
        values: { register: values, full: ROOM },
        random: 400,
        ulps: ULPS,
      },
    ),
    x87Spec(`should give ${name} of special values and of any others`, code, {
      values: { register: topAnd(special, oneOf(special, values)), full: ROOM },
      random: 200,
      ulps: ULPS,
    }),
    x87Spec(`should give ${name} of any value where a special one follows`, code, {
      values: { register: topAnd(values, special), full: ROOM },
      random: 100,
      ulps: ULPS,
    }),
    x87Spec(`should give ${name} of zeros, infinities, NaNs and what is no number exactly`, code, {
      values: { register: anyOf(SPECIAL), full: ROOM },
      random: 200,
    }),
    x87Spec(`should meet faults of the stack with ${name} like any other instruction`, code, {
      values: { register: anyOf(SPECIAL), full: (random) => random.below(256) },
      random: 100,
    }),
    x87Spec(`should raise #MF after ${name} for what is not masked`, `${code}; fwait`, {
      values: { register: oneOf(special, values), control: (random) => 0x340 | random.below(64) },
      random: 200,
      ulps: ULPS,
    }),
  ];
});

const refused = ['fsin', 'fcos', 'fsincos', 'fptan'].map((code) =>
  x87Spec(`should set C2 and leave the angle where ${code.toUpperCase()} does not take it`, code, {
    values: { register: anyOf(TOO_LARGE) },
    random: 40,
  }),
);
const wholeLogarithms = x87Spec('should give FYL2X of one exactly', 'fyl2x', {
  values: { register: topAnd(positive(anyOf([number(0)])), anyOf(SPECIAL, POWERS_OF_2)), full: ROOM },
  random: 60,
});

describeFamily('x87 transcendental functions', [...specs, ...refused, wholeLogarithms]);
