import { Evaluator } from '../expressions/index.ts';
import { piecesOf } from '../printf/conversions.ts';
import { converted } from '../printf/converted.ts';
import type { PrintPlan } from '../stops/stop-points.ts';
import { DebugError } from './errors.ts';
import type { Values } from './values.ts';

/** A printf with values of the guest. Throws ExpressionError when one of them has no value here. */
export function formatMessage({ format, expressions }: PrintPlan, values: Values): string {
  const evaluator = new Evaluator(values);
  const { readSome } = values.formatOptions;
  let next = 0;
  const texts = piecesOf(format).map((piece) => {
    if (typeof piece === 'string') return piece;
    const expression = expressions[next++];
    if (expression === undefined) throw new DebugError('usage', `the format wants ${next} values`);
    const { text, syntax } = expression;
    return values.inSpaceOf(text, () => converted(evaluator.value(syntax), piece, readSome));
  });
  return texts.join('');
}
