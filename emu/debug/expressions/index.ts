/** Expressions of C over the guest's program: parsed, evaluated and shown. */
export type { ExpressionContext } from './context.ts';
export { ExpressionError, type ExpressionErrorCode } from './errors.ts';
export { Evaluator, evaluate, typeOf, typeOfConstant } from './evaluate.ts';
export { FORMAT_LETTERS, type FormatLetter, type FormatOptions, formatValue, hexadecimal } from './format.ts';
export { parseExpression, programsIn, type TypeNames } from './parser.ts';
export type { BinaryOperator, Expression, TypeSyntax } from './syntax.ts';
export {
  CHAR,
  CValue,
  INT,
  integerFromBytes,
  integerOf,
  LONG,
  type Place,
  pointerTo,
  scalarOf,
  UNSIGNED_INT,
  UNSIGNED_LONG,
} from './values.ts';
