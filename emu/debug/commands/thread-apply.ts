import { DebugError } from '../session/errors.ts';
import { type DebugSession, isLookError } from '../session/session.ts';
import { type Answer, answer, type Command } from './command.ts';

/** `thread apply all COMMAND`, `thread apply TID… COMMAND`. */
const APPLY = /^\s*t(?:hread)?\s+apply\b\s*(.*)$/s;
const WHICH = /^(all|\d+(?:\s+\d+)*)\s+(\D.*)$/s;

/** Runs a command line that does not move the machine. */
export type RunLine = (line: string) => { readonly command: Command; run(): Answer | Promise<Answer> };

/** What `thread apply` asks for; undefined for any other line. Throws DebugError 'usage'. */
export function threadApply(
  line: string,
): { readonly tids: readonly number[] | undefined; readonly line: string } | undefined {
  const [, rest] = APPLY.exec(line) ?? [];
  if (rest === undefined) return undefined;
  const [, which, command] = WHICH.exec(rest) ?? [];
  if (which === undefined || command === undefined)
    throw new DebugError('usage', 'thread apply all COMMAND, or thread apply TID… COMMAND');
  return { tids: which === 'all' ? undefined : which.split(/\s+/).map(Number), line: command };
}

/** Looks at threads one after the other; what one of them refuses is told, and the next one's turn comes. */
export async function applyToThreads(
  session: DebugSession,
  { tids, line }: { readonly tids: readonly number[] | undefined; readonly line: string },
  parse: RunLine,
): Promise<Answer> {
  const { command } = parse(line);
  if (command.section === 'running' || command.section === 'time')
    throw new DebugError('usage', `${command.names[0]} moves the whole machine: it is for no single thread`);
  const { selection, debuggee } = session;
  const before = { thread: selection.thread, index: selection.index };
  const threads = [...debuggee.kernel.threads()].filter((one) => tids?.includes(one.number('p_tid')) ?? true);
  const known = threads.map((one) => one.number('p_tid'));
  const missing = tids?.find((tid) => !known.includes(tid));
  if (missing !== undefined)
    throw new DebugError('not-found', `there is no thread ${missing}; info threads shows them`);
  const texts: string[] = [];
  const values: { tid: number; value: unknown }[] = [];
  try {
    for (const thread of threads) {
      const tid = thread.number('p_tid');
      selection.selectThread(thread);
      const who = `pid ${thread.number('p_p.ps_pid')} ${thread.text('p_p.ps_comm') ?? ''}`;
      try {
        const { text, value } = await parse(line).run();
        texts.push(`\nThread ${tid} (${who}):\n${text}`);
        values.push({ tid, value });
      } catch (error) {
        if (!isLookError(error)) throw error;
        texts.push(`\nThread ${tid} (${who}):\n${error.message}\n`);
      }
    }
  } finally {
    selection.selectThread(before.thread);
    if (before.index > 0) selection.selectLevel(before.index);
  }
  return answer(texts.join(''), values);
}
