import type { LocalVariable } from '../../symbols/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { DEFAULT_STACK_LIMIT, type StackLevel } from '../stack/call-stack.ts';
import { type Answer, answer, type Command } from './command.ts';
import { frameData, frameLine, valueText } from './frame-text.ts';
import { noStackYet } from './hints.ts';
import { placeText } from './stop-report.ts';

function backtraceAnswer(session: DebugSession, argument: string, withLocals: boolean): Answer {
  const count = argument === '' ? DEFAULT_STACK_LIMIT : Number(argument);
  if (!Number.isSafeInteger(count) || count === 0)
    throw new DebugError('usage', `'${argument}' is no number of frames`);
  // So many of the outermost, when it is negative.
  const limit = count < 0 ? WHOLE_STACK : count;
  const stack = session.selection.stack(limit);
  const first = count < 0 ? Math.max(0, stack.length + count) : 0;
  const width = Math.max(2, String(stack.length - 1).length);
  const lines = stack
    .slice(first)
    .map(
      (level, index) =>
        frameLine(session, level, first + index, width) +
        (withLocals ? localsOf(session, first + index) : ''),
    );
  const missing = noStackYet(session);
  if (missing !== undefined) lines.push(`(${missing})\n`);
  else if (stack.length === limit) lines.push(`(more frames follow: bt ${limit * 2})\n`);
  return answer(
    lines.join(''),
    stack.slice(first).map((level, index) => frameData(session, level, first + index)),
  );
}

/** Deeper stacks are taken for damage. */
const WHOLE_STACK = 4096;

function localsOf(session: DebugSession, index: number): string {
  const before = session.selection.index;
  session.selection.selectLevel(index);
  const text = variablesAnswer(session, (local) => !local.isParameter).text;
  session.selection.selectLevel(before);
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `        ${line}\n`))
    .join('');
}

/** The variables of the selected frame, innermost scope first; a hidden one is left out. */
export function variablesAnswer(session: DebugSession, isWanted: (local: LocalVariable) => boolean): Answer {
  const { scope } = session.selection;
  const seen = new Set<string>();
  const found: [string, string][] = [];
  for (const local of scope.locals()) {
    if (seen.has(local.name)) continue;
    seen.add(local.name);
    if (isWanted(local)) found.push([local.name, valueText(session, scope, local)]);
  }
  const text = found.map(([name, value]) => `${name} = ${value}\n`).join('');
  const missing = noStackYet(session);
  const none = missing === undefined ? 'None.' : `None: ${missing}.`;
  return answer(text === '' ? none : text, Object.fromEntries(found));
}

function select(session: DebugSession, index: number): Answer {
  const missing = index === 0 ? undefined : noStackYet(session);
  if (missing !== undefined) throw new DebugError('not-now', missing);
  const level: StackLevel = session.selection.selectLevel(index);
  return answer(placeText(session, level), frameData(session, level, index));
}

function stepped(names: readonly string[], help: string, sign: 1 | -1): Command {
  return {
    names,
    section: 'stack',
    usage: `${names[0]} [COUNT]`,
    help,
    repeats: true,
    run(session, { argument }) {
      const count = argument === '' ? 1 : Number(argument);
      if (!Number.isSafeInteger(count) || count < 1)
        throw new DebugError('usage', `'${argument}' is no number of frames`);
      const { index } = session.selection;
      const last = session.selection.stack(index + count + 1).length - 1;
      if (sign < 0 && index === 0) throw new DebugError('not-found', 'this is the innermost frame already');
      if (sign > 0 && index >= last && noStackYet(session) === undefined)
        throw new DebugError('not-found', 'this is the outermost frame already');
      // As far as there are frames, as in gdb.
      return select(
        session,
        sign > 0 ? Math.max(index + 1, Math.min(last, index + count)) : Math.max(0, index - count),
      );
    },
  };
}

export const STACK_COMMANDS: readonly Command[] = [
  {
    names: ['backtrace', 'bt', 'where'],
    section: 'stack',
    usage: 'backtrace [full] [COUNT | -COUNT]',
    help: 'the calls that led here, through the kernel’s trapframe into the program; full: with local variables; -COUNT: the outermost',
    run(session, { argument }) {
      const [, full, count = ''] = /^(full)?\s*(.*)$/.exec(argument) ?? [];
      return backtraceAnswer(session, count, full !== undefined);
    },
  },
  {
    names: ['frame', 'f'],
    section: 'stack',
    usage: 'frame [NUMBER | function NAME]',
    help: 'select a frame of the backtrace, or show the selected one',
    run(session, { argument }) {
      if (argument === '') return select(session, session.selection.index);
      const [, named] = /^function\s+(\S+)$/.exec(argument) ?? [];
      if (named !== undefined) {
        const found = session.selection.stack(WHOLE_STACK).findIndex((one) => one.function === named);
        if (found < 0) throw new DebugError('not-found', `no frame is one of ${named}`);
        return select(session, found);
      }
      const [, level = argument] = /^level\s+(\S+)$/.exec(argument) ?? [];
      if (!/^\d+$/.test(level))
        throw new DebugError('usage', `there is no frame ${argument}: frames are counted from 0`);
      return select(session, Number(level));
    },
  },
  stepped(['up'], 'select the frame that called this one', 1),
  stepped(['down', 'dow'], 'select the frame that this one called', -1),
  {
    names: ['thread', 't'],
    section: 'stack',
    usage: 'thread [TID] | thread apply all COMMAND',
    help: 'look at a thread of the guest by its tid (info threads), without moving the machine; without one, at the running thread',
    run(session, { argument }) {
      const { kernel } = session.debuggee;
      if (argument === '') session.selection.selectThread(undefined);
      else {
        const tid = Number(argument);
        const found = [...kernel.threads()].find((thread) => thread.number('p_tid') === tid);
        if (found === undefined)
          throw new DebugError('not-found', `there is no thread ${argument}; info threads shows them`);
        session.selection.selectThread(found);
      }
      const level = session.selection.level;
      if (level === undefined) throw new DebugError('not-now', 'the thread has no stack yet');
      return answer(placeText(session, level), frameData(session, level, 0));
    },
  },
];
