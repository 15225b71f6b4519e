import { formatType, stripType } from '../../symbols/index.ts';
import { parseExpression, typeOf } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import { conversionCount, formatMessage, piecesOf, unknownConversion } from '../session/message.ts';
import type { DebugSession } from '../session/session.ts';
import type { PrintPlan } from '../stops/stop-points.ts';
import { answer, type Command } from './command.ts';

/** `"FORMAT",EXPRESSION…`, understood. Throws DebugError 'usage' with `usage`, and ExpressionError 'syntax'. */
export function printPlan(session: DebugSession, text: string, usage: string): PrintPlan {
  const [whole, format = '', rest = ''] = /^\s*"((?:\\.|[^"\\])*)"\s*(?:,(.*))?$/s.exec(text) ?? [];
  if (whole === undefined) throw new DebugError('usage', usage);
  const expressions = splitExpressions(rest).map((one) => ({
    text: one,
    syntax: parseExpression(one, session.values),
  }));
  const unknown = unknownConversion(format);
  if (unknown !== undefined)
    throw new DebugError(
      'usage',
      `'${unknown}' is no conversion: there are %d %i %u %x %X %o %c %s %p, and %% for a percent sign`,
    );
  const wanted = conversionCount(format);
  if (wanted !== expressions.length)
    throw new DebugError('usage', `the format takes ${wanted} values, and ${expressions.length} are given`);
  return { format: unescaped(format), expressions };
}

export const PRINTF: Command = {
  names: ['printf'],
  section: 'data',
  usage: 'printf "FORMAT",EXPRESSION…',
  help: 'print values as printf(3) does',
  completes: 'expression',
  run(session, { argument }) {
    const plan = printPlan(session, argument, PRINTF.usage);
    refuseNumbersAsStrings(session, plan);
    const text = formatMessage(plan, session.values);
    return answer(text, { text });
  },
};

/**
 * What commands of a breakpoint print before they go on: `silent`, one or more `printf`, `continue`. Such a breakpoint is a dprintf by
 * another name. Undefined for commands that do anything else.
 */
export function printsAndContinues(
  session: DebugSession,
  commands: readonly string[],
): PrintPlan | undefined {
  const [first, ...rest] = commands;
  if (first !== 'silent' || !/^c(?:ont(?:inue)?)?$/.test(rest.pop() ?? '') || rest.length === 0)
    return undefined;
  const plans: PrintPlan[] = [];
  for (const command of rest) {
    const [, text] = /^printf\b(.*)$/s.exec(command) ?? [];
    if (text === undefined) return undefined;
    plans.push(printPlan(session, text, PRINTF.usage));
  }
  return {
    format: plans.map(({ format }) => format).join(''),
    expressions: plans.flatMap(({ expressions }) => expressions),
  };
}

/** Splits at commas outside of parentheses, brackets and quotes. */
function splitExpressions(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const [token] of text.matchAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|./gs)) {
    if ('([{'.includes(token)) depth++;
    if (')]}'.includes(token)) depth--;
    if (token === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += token;
  }
  parts.push(part);
  return parts.map((one) => one.trim()).filter((one) => one !== '');
}

/** %s of a number would show the number, and hide the mistake. Throws DebugError 'usage'. */
function refuseNumbersAsStrings(session: DebugSession, { format, expressions }: PrintPlan): void {
  const conversions = piecesOf(format).filter((piece) => typeof piece !== 'string');
  for (const [index, { letter }] of conversions.entries()) {
    const text = expressions[index]?.text;
    if (letter !== 's' || text === undefined) continue;
    const type = session.values.inSpaceOf(text, () => typeOf(text, session.values));
    if (stripType(type).kind === 'base')
      throw new DebugError('usage', `%s takes a string, and ${text} has the type ${formatType(type)}`);
  }
}

/** A text with its escapes replaced. */
export function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => ({ n: '\n', t: '\t' })[letter] ?? letter);
}
