import type { DebugSession } from '../session/session.ts';
import { isLookError } from '../session/session.ts';
import { printValue } from './print.ts';

/** What `display` has asked to be shown at every stop; what has no value here is passed over, as in gdb. */
export function showDisplays(session: DebugSession): string {
  return session.displays
    .map(({ number, expression, modifiers }) => {
      try {
        return `${number}: ${expression} = ${printValue(session, expression, modifiers).text}\n`;
      } catch (error) {
        if (isLookError(error)) return '';
        throw error;
      }
    })
    .join('');
}
