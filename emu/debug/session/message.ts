import { Evaluator, type FormatLetter } from '../expressions/index.ts';
import type { PrintPlan } from '../stops/stop-points.ts';
import { DebugError } from './errors.ts';
import type { Values } from './values.ts';

/** A conversion of printf: `%d`, `%#lx`, `%-8s`; `%%` stands for a percent sign. */
const CONVERSION = /%(?:%|([-#0]*)(\d+)?(?:hh|h|ll|l|z|j)?([diuxXocsp]))/g;
const LETTERS: Readonly<Record<string, FormatLetter>> = {
  d: 'd',
  i: 'd',
  u: 'u',
  x: 'x',
  X: 'x',
  o: 'o',
  c: 'c',
  p: 'x',
  s: 's',
};

/** A conversion, taken apart. */
export interface Conversion {
  readonly letter: string;
  readonly flags: string;
  /** The least characters it takes. */
  readonly width: number;
}

/** What a format is made of: text as it is, and conversions. */
export type Piece = string | Conversion;

/** The pieces of a format, in order. */
export function piecesOf(format: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of format.matchAll(CONVERSION)) {
    const [text, flags = '', width = '0', letter = ''] = match;
    if (match.index > done) pieces.push(format.slice(done, match.index));
    pieces.push(text === '%%' ? '%' : { letter, flags, width: Number(width) });
    done = match.index + text.length;
  }
  if (done < format.length) pieces.push(format.slice(done));
  return pieces;
}

/** The first thing that begins as a conversion and is none. */
export function unknownConversion(format: string): string | undefined {
  return piecesOf(format)
    .filter((piece) => typeof piece === 'string' && piece !== '%')
    .map((piece) => /%[-#0\d.*hlzj]*[a-zA-Z]?/.exec(piece as string)?.[0])
    .find((text) => text !== undefined);
}

/** How many values a format takes. */
export function conversionCount(format: string): number {
  return piecesOf(format).filter((piece) => typeof piece !== 'string').length;
}

/** A printf with values of the guest. Throws ExpressionError when one of them has no value here. */
export function formatMessage({ format, expressions }: PrintPlan, values: Values): string {
  const evaluator = new Evaluator(values);
  let next = 0;
  const texts = piecesOf(format).map((piece) => {
    if (typeof piece === 'string') return piece;
    const expression = expressions[next++];
    if (expression === undefined) throw new DebugError('usage', `the format wants ${next} values`);
    const { letter, flags } = piece;
    const { text, syntax } = expression;
    const shown = values.inSpaceOf(text, () => values.format(evaluator.value(syntax), LETTERS[letter]));
    return padded(converted(shown, letter, flags), piece);
  });
  return texts.join('');
}

/** A value's text, as wide as a conversion wants it. */
export function padded(text: string, { flags, width }: Conversion): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width, flags.includes('0') ? '0' : ' ');
}

function converted(text: string, conversion: string, flags: string): string {
  switch (conversion) {
    case 'x':
    case 'X':
      return flags.includes('#') ? text : text.replace(/^0x/, '');
    case 's':
      return text.replace(/^0x[0-9a-f]+ (?:<[^>]*> )?/, '').replace(/^"(.*)"$/s, '$1');
    case 'c':
      return /'(.*)'$/.exec(text)?.[1] ?? text;
    default:
      return text;
  }
}
