import type { DebugSession } from '../session/session.ts';
import { isLookError } from '../session/session.ts';
import { examineAside } from './examine.ts';
import { printValue } from './print.ts';

/** A count, instructions, or a size: such a format is one of x, as in gdb. */
const OF_MEMORY = /[\dibhwg]/;

/** What is displayed, without its number. Throws ExpressionError and DebugError. */
export function displayText(session: DebugSession, expression: string, modifiers: string): string {
  if (!OF_MEMORY.test(modifiers))
    return `${expression} = ${printValue(session, expression, modifiers).text}\n`;
  const { text } = session.values.inSpaceOf(expression, () => examineAside(session, modifiers, expression));
  return `x/${modifiers} ${expression}\n${text}`;
}

/** What `display` has asked to be shown at every stop; what has no value here is passed over, as in gdb. */
export function showDisplays(session: DebugSession): string {
  return session.displays
    .map(({ number, expression, modifiers }) => {
      try {
        return `${number}: ${displayText(session, expression, modifiers)}`;
      } catch (error) {
        if (isLookError(error)) return '';
        throw error;
      }
    })
    .join('');
}
