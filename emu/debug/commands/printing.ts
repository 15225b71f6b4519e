import { parseExpression } from '../expressions/index.ts';
import { conversionCount, unknownConversion, wideConversion } from '../printf/conversions.ts';
import { DebugError } from '../session/errors.ts';
import { formatMessage } from '../session/message.ts';
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
      `'${unknown}' is no conversion: there are %d %i %u %x %X %o %c %s %p %e %f %g, and %% for a percent sign`,
    );
  const wide = wideConversion(format);
  if (wide !== undefined)
    throw new DebugError(
      'usage',
      `a conversion ${wide} characters wide is too wide: at most 10,000 are printed`,
    );
  const wanted = conversionCount(format);
  if (wanted !== expressions.length)
    throw new DebugError('usage', `the format takes ${wanted} values, and ${expressions.length} are given`);
  const strange = /^(?:[^\\]|\\[abefnrtv\\"])*/.exec(format)?.[0] ?? '';
  if (strange.length < format.length)
    throw new DebugError(
      'usage',
      `'${format.slice(strange.length, strange.length + 2)}' is no escape: there are ${ESCAPES}`,
    );
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

/** What a backslash and a letter stand for; `\\` and `\"` are the characters themselves. */
const CONTROLS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPES = String.raw`\a \b \e \f \n \r \t \v \\ \"`;

/** A text with its escapes replaced. */
export function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => CONTROLS[letter] ?? letter);
}
