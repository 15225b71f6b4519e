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

/** How many values a format takes. */
export function conversionCount(format: string): number {
  return [...format.matchAll(CONVERSION)].filter(([text]) => text !== '%%').length;
}

/** A printf with values of the guest. Throws ExpressionError when one of them has no value here. */
export function formatMessage({ format, expressions }: PrintPlan, values: Values): string {
  const evaluator = new Evaluator(values);
  let next = 0;
  return format.replace(CONVERSION, (text, flags = '', width = '0', conversion = '') => {
    if (text === '%%') return '%';
    const expression = expressions[next++];
    if (expression === undefined) throw new DebugError('usage', `the format wants ${next} values`);
    const shown = converted(
      values.format(evaluator.value(expression.syntax), LETTERS[conversion]),
      conversion,
      flags,
    );
    return flags.includes('-')
      ? shown.padEnd(Number(width))
      : shown.padStart(Number(width), flags.includes('0') ? '0' : ' ');
  });
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
