import type { DebugSession } from '../session/session.ts';
import { REGISTER_NAMES } from '../session/values.ts';
import type { Completion } from './command.ts';
import { COMMANDS, INFO_COMMANDS, parseCommandLine } from './interpreter.ts';

const LIMIT = 200;

/** What may follow at the end of a line: the words, and how much of the line they replace. */
export interface Completions {
  readonly words: readonly string[];
  readonly replaces: string;
}

const NOTHING: Completions = { words: [], replaces: '' };

/** Completes commands, symbols, files, members of structures, registers, marks. */
export function complete(session: DebugSession, line: string): Completions {
  const [, command = ''] = /^\s*([A-Za-z][\w-]*)?$/.exec(line) ?? [];
  if (/^\s*\S*$/.test(line) && !line.includes('/')) return matching(commandNames(), command);
  const [, info] = /^\s*i(?:nfo)?\s+(\w*)$/.exec(line) ?? [];
  if (info !== undefined)
    return matching(
      INFO_COMMANDS.map(({ names }) => names[0] ?? ''),
      info,
    );
  try {
    const { command: known } = parseCommandLine(line);
    return byKind(session, known.completes ?? 'none', line);
  } catch {
    return NOTHING;
  }
}

function commandNames(): string[] {
  return COMMANDS.map(({ names }) => names[0] ?? '');
}

function byKind(session: DebugSession, kind: Completion, line: string): Completions {
  const word = /[\w$.:/-]*$/.exec(line)?.[0] ?? '';
  switch (kind) {
    case 'none':
      return NOTHING;
    case 'command':
      return matching(commandNames(), word);
    case 'location':
      return matching([...functionNames(session), ...files(session)], word);
    case 'type':
    case 'expression':
      return expression(session, line);
    default:
      return matching(kind, word);
  }
}

function expression(session: DebugSession, line: string): Completions {
  const register = /\$(\w*)$/.exec(line)?.[1];
  if (register !== undefined) return matching([...REGISTER_NAMES, ...session.values.variableNames], register);
  const [, object, member] = /([A-Za-z_$][\w$.>[\]-]*?)(?:\.|->)(\w*)$/.exec(line) ?? [];
  if (object !== undefined && member !== undefined) return matching(session.values.membersOf(object), member);
  const tag = /\b(?:struct|union)\s+(\w*)$/.exec(line)?.[1];
  const { debug } = session.selection.scope.program.image;
  if (tag !== undefined) return matching(debug.structNames(), tag);
  const word = /[A-Za-z_]\w*$/.exec(line)?.[0] ?? '';
  const locals = session.selection.scope.locals().map(({ name }) => name);
  return matching([...locals, 'curproc', 'curpcb', 'curcpu', ...debug.names()], word);
}

function functionNames(session: DebugSession): string[] {
  const { program } = session.selection.scope;
  const programs = new Set([session.debuggee.programs.kernel, program]);
  return [...programs].flatMap(({ image }) =>
    image.symbols.symbols.filter(({ kind }) => kind === 'function').map(({ name }) => name),
  );
}

function files(session: DebugSession): string[] {
  const { image } = session.selection.scope.program;
  return image.lines.files().map((file) => file.slice(file.lastIndexOf('/') + 1));
}

function matching(words: readonly string[], beginning: string): Completions {
  const found = [...new Set(words.filter((word) => word.startsWith(beginning)))].sort();
  return { words: found.slice(0, LIMIT), replaces: beginning };
}
