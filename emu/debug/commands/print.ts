import { type CValue, evaluate, FORMAT_LETTERS, type FormatLetter } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import { queueOf } from '../session/queues.ts';
import type { DebugSession } from '../session/session.ts';

/** Elements of a list that are shown. */
const LIST_LIMIT = 200;

/** A value as print shows it. */
export interface Printed {
  readonly value: CValue;
  readonly text: string;
  /** The addresses of a list's elements. */
  readonly elements: readonly bigint[] | undefined;
}

/** gdb's format letter after a slash. Throws DebugError 'usage'. */
export function formatLetter(modifiers: string): FormatLetter | undefined {
  if (modifiers === '') return undefined;
  const letter = FORMAT_LETTERS.find((one) => one === modifiers);
  if (letter === undefined)
    throw new DebugError(
      'usage',
      `'/${modifiers}' is no format; there are ${FORMAT_LETTERS.map((one) => `/${one}`).join(' ')}`,
    );
  return letter;
}

/** Evaluates and formats. The head of a list of queue(3) is shown with the list's elements. Throws ExpressionError. */
export function printValue(session: DebugSession, expression: string, modifiers: string): Printed {
  return session.values.inSpaceOf(expression, () => printed(session, expression, modifiers));
}

function printed(session: DebugSession, expression: string, modifiers: string): Printed {
  const letter = formatLetter(modifiers);
  const value = evaluate(expression, session.values);
  const text = session.values.format(value, letter);
  const queue = letter === undefined ? queueOf(value, session.values) : undefined;
  if (queue === undefined) return { value, text, elements: undefined };
  const lines = queue.elements
    .slice(0, LIST_LIMIT)
    .map((element, index) => `  [${index}] ${elementText(session, element)}`);
  if (queue.elements.length > LIST_LIMIT) lines.push(`  … ${queue.elements.length - LIST_LIMIT} more`);
  if (queue.damage !== undefined) lines.push(`  the list ${queue.damage}`);
  const count = `${queue.elements.length} element${queue.elements.length === 1 ? '' : 's'} linked by ${queue.link}`;
  return {
    value,
    text: [`${text}, ${count}`, ...lines].join('\n'),
    elements: queue.elements.map(({ address }) => address ?? 0n),
  };
}

/** Members that say which element it is, where it has them. */
const IDENTITIES = ['ps_pid', 'ps_comm', 'p_tid', 'p_stat', 'pr_wchan', 'pg_id', 'start', 'end', 'name'];

function elementText(session: DebugSession, element: CValue): string {
  const address = `0x${(element.address ?? 0n).toString(16)}`;
  const shown = IDENTITIES.flatMap((name) => {
    try {
      session.values.setVariable('_', element);
      return [`${name} ${session.values.format(evaluate(`$_.${name}`, session.values))}`];
    } catch {
      return [];
    }
  });
  return [address, ...shown].join('  ');
}
