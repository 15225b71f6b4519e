const DEFAULT_PRECISION = 6;
/** %g writes smaller numbers with an exponent (C11, 7.21.6.1). */
const SMALLEST_EXPONENT = -4;
/** Of a double (IEEE 754): bits of its fraction, and what is added to its exponent. */
const FRACTION_BITS = 52n;
const EXPONENT_BIAS = 1023n;
const EXPONENT_MASK = 0x7ffn;

/** A number as decimal digits: `digits` × 10^`exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/**
 * A finite double that is not negative, as %e, %f and %g of C write it: correctly rounded from its exact value, halves to the even digit.
 * `alternate` keeps what %#g keeps: the point, and the zeros at the end.
 */
export function floatingText(
  value: number,
  letter: string,
  precision: number | undefined,
  alternate: boolean,
): string {
  const digits = precision ?? DEFAULT_PRECISION;
  switch (letter.toLowerCase()) {
    case 'f':
      return fixed(exactly(value), digits, alternate);
    case 'e':
      return exponential(exactly(value), digits, alternate);
    default: {
      const significant = Math.max(1, digits);
      const number = exactly(value);
      const power = rounded(number, significant).power;
      const isFixed = power >= SMALLEST_EXPONENT && power < significant;
      const text = isFixed
        ? fixed(number, significant - 1 - power, alternate)
        : exponential(number, significant - 1, alternate);
      return alternate ? text : withoutZeros(text);
    }
  }
}

/** Every double is a sum of powers of two, each of which ends in decimal. */
function exactly(value: number): Decimal {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const fraction = bits & ((1n << FRACTION_BITS) - 1n);
  const biased = (bits >> FRACTION_BITS) & EXPONENT_MASK;
  const mantissa = biased === 0n ? fraction : fraction | (1n << FRACTION_BITS);
  const power = (biased === 0n ? 1n : biased) - EXPONENT_BIAS - FRACTION_BITS;
  if (power >= 0n) return { digits: mantissa << power, exponent: 0 };
  return { digits: mantissa * 5n ** -power, exponent: Number(power) };
}

/** The multiple of 10^`unit` next to a number, in that unit. */
function inUnits({ digits, exponent }: Decimal, unit: number): bigint {
  if (exponent >= unit) return digits * 10n ** BigInt(exponent - unit);
  const divisor = 10n ** BigInt(unit - exponent);
  const [quotient, rest] = [digits / divisor, digits % divisor];
  const isUp = rest * 2n > divisor || (rest * 2n === divisor && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

function fixed(number: Decimal, precision: number, alternate: boolean): string {
  const text = String(inUnits(number, -precision)).padStart(precision + 1, '0');
  const whole = text.slice(0, text.length - precision);
  return precision === 0 ? `${whole}${alternate ? '.' : ''}` : `${whole}.${text.slice(-precision)}`;
}

/** A number of so many digits, and the power of ten that its first one counts. */
function rounded(number: Decimal, significant: number): { readonly text: string; readonly power: number } {
  if (number.digits === 0n) return { text: '0'.repeat(significant), power: 0 };
  const power = String(number.digits).length - 1 + number.exponent;
  const text = String(inUnits(number, power - significant + 1));
  // 9.99 may have become 10.0.
  return text.length > significant ? { text: text.slice(0, -1), power: power + 1 } : { text, power };
}

function exponential(number: Decimal, precision: number, alternate: boolean): string {
  const { text, power } = rounded(number, precision + 1);
  const fraction = precision === 0 ? (alternate ? '.' : '') : `.${text.slice(1)}`;
  return `${text[0]}${fraction}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function withoutZeros(text: string): string {
  const [mantissa = '', ...exponent] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return [short, ...exponent].join('e');
}
