/** A conversion of printf: `%d`, `%#lx`, `%-8.3s`; `%%` stands for a percent sign (C11, 7.21.6.1). */
const CONVERSION =
  /%(?:%|([-#0+ ]*)(\d+)?(?:\.(\d*))?(?:(hh|h|ll|[lzjt])?([diuxXoc])|[lL]?([eEfgG])|([sp])))/g;

/** Bytes of the C type that an integer of a length modifier has. */
const SIZES: Readonly<Record<string, number>> = { hh: 1, h: 2, l: 8, ll: 8, z: 8, j: 8, t: 8 };
const INT_SIZE = 4;

/** A conversion, taken apart. */
export interface Conversion {
  readonly letter: string;
  readonly flags: string;
  /** The least characters it takes. */
  readonly width: number;
  /** Digits of a number, or the most characters of a string; undefined when it is left to the letter. */
  readonly precision: number | undefined;
  /** Bytes of the integer that it takes. */
  readonly size: number;
}

/** What a format is made of: text as it is, and conversions. */
export type Piece = string | Conversion;

/** The pieces of a format, in order. */
export function piecesOf(format: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of format.matchAll(CONVERSION)) {
    const [text, flags = '', width = '0', precision, length = '', integer, floating, other] = match;
    if (match.index > done) pieces.push(format.slice(done, match.index));
    pieces.push(
      text === '%%'
        ? '%'
        : {
            letter: integer ?? floating ?? other ?? '',
            flags,
            width: Number(width),
            precision: precision === undefined ? undefined : Number(precision),
            size: SIZES[length] ?? INT_SIZE,
          },
    );
    done = match.index + text.length;
  }
  if (done < format.length) pieces.push(format.slice(done));
  return pieces;
}

/** The first thing that begins as a conversion and is none. */
export function unknownConversion(format: string): string | undefined {
  return piecesOf(format)
    .filter((piece) => typeof piece === 'string' && piece !== '%')
    .map((piece) => /%[-#0+ '\d.*hlLqzjt]*[a-zA-Z%]?/.exec(piece as string)?.[0])
    .find((text) => text !== undefined);
}

/** Wider than anything that is read by people. */
const WIDEST = 10_000;

/** The first conversion that asks for more characters than are printed. */
export function wideConversion(format: string): number | undefined {
  const widths = piecesOf(format).flatMap((piece) =>
    typeof piece === 'string' ? [] : [piece.width, piece.precision ?? 0],
  );
  return widths.find((width) => width > WIDEST);
}

/** How many values a format takes. */
export function conversionCount(format: string): number {
  return piecesOf(format).filter((piece) => typeof piece !== 'string').length;
}

/** A text, as wide as a conversion wants it. */
export function padded(text: string, { flags, width }: Conversion): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

/** A number's sign or prefix and its digits, as wide as a conversion wants them: zeros go between the two. */
export function paddedNumber(prefix: string, digits: string, { flags, width }: Conversion): string {
  const isFilled = flags.includes('0') && !flags.includes('-');
  const filled = isFilled ? digits.padStart(width - prefix.length, '0') : digits;
  return flags.includes('-') ? `${prefix}${filled}`.padEnd(width) : `${prefix}${filled}`.padStart(width);
}
