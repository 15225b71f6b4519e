import { parseAddress, parseNumber } from '../hexadecimal.ts';
import { malformed } from '../packet-error.ts';
import type { PacketFamily, PacketHandler } from '../packet-family.ts';
import type { Session } from '../session.ts';
import { type ExitStatus, stopReply } from '../stop-reply.ts';
import type { Resume, TargetStop } from '../target.ts';
import { parseThread } from './threads.ts';

/** `c C s S vCont`: running. A signal is taken and not delivered: a machine has interrupts, not signals. */
export function resumePackets(exitStatus: ExitStatus): PacketFamily {
  const plain =
    (how: Resume): PacketHandler =>
    (session, argument) => {
      if (argument !== '') session.target.run.jump(parseAddress(argument));
      return run(session, () => session.target.run.resume(how), exitStatus);
    };
  const withSignal =
    (how: Resume): PacketHandler =>
    (session, argument) => {
      const [signal, address] = argument.split(';');
      parseNumber(signal);
      return plain(how)(session, address ?? '');
    };
  return {
    features: () => ['vContSupported+'],
    exact: () => ({ 'vCont?': () => 'vCont;c;C;s;S;r' }),
    prefixed: () => ({
      c: plain({ kind: 'continue' }),
      s: plain({ kind: 'step' }),
      C: withSignal({ kind: 'continue' }),
      S: withSignal({ kind: 'step' }),
      'vCont;': (session, argument) => {
        const how = chooseAction(argument);
        return run(session, () => session.target.run.resume(how), exitStatus);
      },
    }),
  };
}

/** Runs the target and answers with its stop. */
export async function run(
  session: Session,
  start: () => Promise<TargetStop>,
  exitStatus: ExitStatus,
): Promise<string> {
  const stop = await session.actions.run(start);
  return stopReply(session, stop, exitStatus);
}

/**
 * One processor runs one thread: of several actions, the one that steps decides, as gdb means it (`vCont;s:THREAD;c`). An action
 * without a thread is for all that no other names.
 */
function chooseAction(text: string): Resume {
  const actions = text.split(';').map(parseAction);
  return actions.find(({ kind }) => kind !== 'continue') ?? { kind: 'continue' };
}

function parseAction(text: string): Resume {
  const [action = '', id] = text.split(':');
  const thread = id === undefined ? undefined : parseThread(id);
  const step: Resume = { kind: 'step', thread: thread !== undefined && thread > 0 ? thread : undefined };
  if (action === 'c') return { kind: 'continue' };
  if (action === 's') return step;
  if (/^C[0-9a-fA-F]{2}$/.test(action)) return { kind: 'continue' };
  if (/^S[0-9a-fA-F]{2}$/.test(action)) return step;
  if (action.startsWith('r')) {
    const [start, end, ...rest] = action.slice(1).split(',');
    if (rest.length > 0) throw malformed('rSTART,END');
    return { kind: 'range', start: parseAddress(start), end: parseAddress(end) };
  }
  throw malformed('an action');
}
