import { KernelError } from '../../kernel/index.ts';
import { ExpressionError } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import { type DebugSession, isLookError } from '../session/session.ts';
import { catchHelp } from '../stops/catch.ts';
import type { StopPoint } from '../stops/stop-points.ts';
import { BREAKPOINT_COMMANDS, INFO_BREAKPOINTS } from './breakpoints.ts';
import { type Answer, answer, type Command, type Section } from './command.ts';
import { DATA_COMMANDS, INFO_DISPLAY } from './data.ts';
import { pagingHint } from './hints.ts';
import { KERNEL_COMMANDS, KERNEL_INFO } from './kernel.ts';
import { OTHER_WAYS } from './other-ways.ts';
import { PRINTF, unescaped } from './printing.ts';
import { REGISTER_INFO } from './registers.ts';
import { RUNNING_COMMANDS } from './running.ts';
import { SOURCE_COMMANDS, SOURCE_INFO } from './source.ts';
import { STACK_COMMANDS } from './stack.ts';
import { INFO_SYMBOLS } from './symbol-lists.ts';
import { applyToThreads, threadApply } from './thread-apply.ts';
import { TIME_COMMANDS } from './time.ts';

export const INFO_COMMANDS: readonly Command[] = [
  ...REGISTER_INFO,
  ...KERNEL_INFO,
  ...INFO_BREAKPOINTS,
  INFO_DISPLAY,
  ...INFO_SYMBOLS,
  ...SOURCE_INFO,
];

const INFO: Command = {
  names: ['info', 'i'],
  section: 'session',
  usage: 'info WHAT',
  help: `what is known: ${INFO_COMMANDS.map(({ names }) => names[0]).join(', ')}`,
  completes: INFO_COMMANDS.map(({ names }) => names[0] ?? ''),
  run(session, { argument }) {
    const { word, rest } = firstWord(argument);
    if (word === '')
      throw new DebugError(
        'usage',
        `info needs a word: ${INFO_COMMANDS.map(({ names }) => names[0]).join(', ')}`,
      );
    return findCommand(INFO_COMMANDS, word, 'info ').run(session, { modifiers: '', argument: rest });
  },
};

const SECTIONS: readonly (readonly [section: Section, title: string])[] = [
  ['running', 'Running'],
  ['time', 'Going back'],
  ['breakpoints', 'Stopping'],
  ['data', 'Data'],
  ['stack', 'The stack'],
  ['kernel', 'The kernel'],
  ['source', 'Source'],
  ['session', 'The session'],
];

const HELP: Command = {
  names: ['help', 'h'],
  section: 'session',
  usage: 'help [COMMAND]',
  help: 'this list, or a command',
  completes: 'command',
  run(_session, { argument }) {
    if (argument !== '') {
      const { word, rest } = firstWord(argument);
      const kind = word === 'catch' ? catchHelp(rest) : undefined;
      if (kind !== undefined)
        return answer(`catch ${rest}\n  ${kind}\n`, { usage: `catch ${rest}`, help: kind });
      const command =
        word === 'info' && rest !== ''
          ? findCommand(INFO_COMMANDS, rest, 'info ')
          : findCommand(COMMANDS, word);
      return answer(`${command.usage}\n  ${command.help}\n`, {
        usage: command.usage,
        help: command.help,
        names: command.names,
      });
    }
    const text = SECTIONS.map(([section, title]) => {
      const own = COMMANDS.filter((command) => command.section === section);
      const width = 34;
      const lines = own.map(({ usage, help, names }) => {
        const short = names
          .slice(1)
          .filter((name) => name.length <= 3)
          .join(', ');
        return `  ${`${usage}${short === '' ? '' : `  (${short})`}`.padEnd(width)}  ${help}\n`;
      });
      return lines.length === 0 ? '' : `${title}\n${lines.join('')}`;
    }).join('\n');
    return answer(
      `${text}\nquit leaves. A command may be shortened as long as it is unique. An empty line repeats a step.\n`,
      {
        commands: COMMANDS.map(({ names, usage, help, section }) => ({ names, usage, help, section })),
      },
    );
  },
};

const ECHO: Command = {
  names: ['echo'],
  section: 'session',
  usage: 'echo TEXT',
  help: 'print a text: for scripts and breakpoint commands',
  completes: 'none',
  run: (_session, { argument }) => answer(unescaped(argument), { text: unescaped(argument) }),
};

/** Every command of the debugger but those of its host: `quit`. */
export const COMMANDS: readonly Command[] = [
  ...RUNNING_COMMANDS,
  ...TIME_COMMANDS,
  ...BREAKPOINT_COMMANDS,
  ...DATA_COMMANDS,
  PRINTF,
  ...STACK_COMMANDS,
  ...KERNEL_COMMANDS,
  ...SOURCE_COMMANDS,
  INFO,
  HELP,
  ECHO,
];

/** The command that a word names: its name, an abbreviation, or a beginning that only one has. Throws DebugError 'usage'. */
export function findCommand(commands: readonly Command[], word: string, prefix = ''): Command {
  const exact = commands.find(({ names }) => names.includes(word));
  if (exact !== undefined) return exact;
  const matching = commands.filter(({ names }) => names[0]?.startsWith(word));
  const [only, another] = matching;
  if (only !== undefined && another === undefined) return only;
  if (only !== undefined) {
    const candidates = matching.map(({ names }) => `${prefix}${names[0]}`).join(', ');
    throw new DebugError('usage', `'${prefix}${word}' may be ${candidates}`);
  }
  const other = OTHER_WAYS.get(`${prefix}${word}`);
  throw new DebugError(
    'usage',
    `there is no command '${prefix}${word}'${other === undefined ? '; help shows all of them' : `: ${other}`}`,
  );
}

function firstWord(text: string): { word: string; rest: string } {
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text.trim()) ?? [];
  return { word, rest };
}

/** A command line, understood. */
export interface CommandLine {
  readonly command: Command;
  readonly modifiers: string;
  readonly argument: string;
}

/** Throws DebugError 'usage'. */
export function parseCommandLine(line: string): CommandLine {
  const [, name = '', rest = ''] = /^\s*([A-Za-z][\w-]*)(.*?)\s*$/s.exec(line) ?? [];
  if (name === '' || /^[^\s/*$&(]/.test(rest))
    throw new DebugError('usage', `'${line.trim()}' is no command; help shows all of them`);
  const command = findCommand(COMMANDS, name);
  // Elsewhere a slash begins a file's name.
  const [whole = '', modifiers = ''] = command.usage.includes('[/') ? (/^\s*\/(\w*)/.exec(rest) ?? []) : [];
  return { command, modifiers, argument: rest.slice(whole.length).trim() };
}

/** Whether an empty line after this one repeats it. */
export function isRepeatable(line: string): boolean {
  try {
    return parseCommandLine(line).command.repeats === true;
  } catch (error) {
    if (error instanceof DebugError) return false;
    throw error;
  }
}

/** What a command line came to. */
export type Result =
  | { readonly ok: true; readonly command: string; readonly answer: Answer }
  | {
      readonly ok: false;
      readonly command: string;
      readonly code: string;
      readonly message: string;
      readonly at: number | undefined;
    };

/**
 * Runs a command line, and at the stop points that it came to their commands. What is wrong with it, or cannot be seen in the guest, is part
 * of the results, and ends them; only defects are thrown.
 */
export async function* resultsOf(session: DebugSession, line: string): AsyncGenerator<Result, void> {
  const { host } = session;
  let left = [line];
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const result = await runOne(session, next);
    const points = result.ok ? pointsReached(session, result.answer) : [];
    yield result.ok && points.length > 0 && points.every(isSilent) ? untold(result) : result;
    if (!result.ok) return;
    // A new stop has commands of its own: what was left of those of the one before is over.
    if (points.length > 0) left = points.flatMap(({ commands }) => commands.filter((one) => one !== SILENT));
    if (left.length === 0) return;
    await host.breathe();
    if (host.interrupted) return;
  }
}

/** All that a command line comes to. */
export async function runCommandLine(session: DebugSession, line: string): Promise<Result[]> {
  const results: Result[] = [];
  for await (const result of resultsOf(session, line)) results.push(result);
  return results;
}

/** Whether the lines after this one, up to `end`, belong to it: `commands` or `commands NUMBER` for a stop point that is there. */
export function opensBlock(session: DebugSession, line: string): boolean {
  try {
    const { command, argument } = parseCommandLine(line);
    if (command.names[0] !== 'commands' || !/^\d*$/.test(argument)) return false;
    return (argument === '' ? session.stops.last : session.stops.get(Number(argument))) !== undefined;
  } catch (error) {
    if (error instanceof DebugError) return false;
    throw error;
  }
}

async function runOne(session: DebugSession, line: string): Promise<Result> {
  const parse = (text: string) => {
    const { command, modifiers, argument } = parseCommandLine(text);
    return { command, run: () => command.run(session, { modifiers, argument }) };
  };
  try {
    const applied = threadApply(line);
    if (applied !== undefined)
      return { ok: true, command: line.trim(), answer: await applyToThreads(session, applied, parse) };
    const { command, modifiers, argument } = parseCommandLine(line);
    return { ok: true, command: line.trim(), answer: await command.run(session, { modifiers, argument }) };
  } catch (error) {
    if (!isLookError(error)) throw error;
    const at = error instanceof ExpressionError ? error.at : undefined;
    const code = 'code' in error ? String(error.code) : 'error';
    const hint = error instanceof KernelError ? pagingHint(session) : '';
    return { ok: false, command: line.trim(), code, message: `${error.message}${hint}`, at };
  }
}

/** The stop points that a command has led to. */
function pointsReached(session: DebugSession, { value }: Answer): StopPoint[] {
  const arrivals = (value as { arrivals?: readonly { number: number }[] } | null)?.arrivals ?? [];
  return session.reached.filter((point) => arrivals.some(({ number }) => number === point.number));
}

const SILENT = 'silent';
const isSilent = ({ commands }: StopPoint): boolean => commands[0] === SILENT;

/** As data it is the same. */
function untold(result: Extract<Result, { ok: true }>): Result {
  return { ...result, answer: { ...result.answer, text: '' } };
}
