import type { Program } from '../programs/program.ts';
import { attempt } from '../programs/programs.ts';
import { type DebugSession, isLookError } from '../session/session.ts';
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
      return location(session, line, word);
    case 'type':
    case 'expression':
      return expression(session, line);
    default:
      return matching(kind, word);
  }
}

/** A place, with a program before it or not; after `if` what the place sees. */
function location(session: DebugSession, line: string, word: string): Completions {
  const [, place] = /^\s*\S+\s+(?:(.*?)\s+)?if\s/.exec(line) ?? [];
  if (place !== undefined) return expression(session, line, localsAt(session, place));
  const [, scope, name] = SCOPED.exec(word) ?? [];
  if (scope !== undefined && name === undefined) return matching(scopes(session), word);
  const program = scope === undefined ? undefined : session.debuggee.programs.byName(scope);
  if (scope !== undefined && program === undefined) return NOTHING;
  const prefix = word.slice(0, word.length - (name ?? word).length);
  const names =
    program === undefined
      ? [...functionNames(session), ...files(session.selection.scope.program)]
      : [...functionsOf(program), ...files(program)];
  return matching(
    names.map((one) => prefix + one),
    word,
  );
}

/** `prog:` and a program's name, and behind another colon the name of something in it. */
const SCOPED = /^prog:([^:]*)(?::(.*))?$/;

/** The programs that processes run. */
function scopes({ debuggee: { kernel, programs } }: DebugSession): string[] {
  const running = attempt(() => [...kernel.processes()]) ?? [];
  return running.flatMap((process) => {
    const program = programs.of(process);
    return program === undefined ? [] : [`prog:${program.name}:`];
  });
}

/** The variables of the places that a breakpoint's location names. */
function localsAt(session: DebugSession, place: string): string[] {
  try {
    return session
      .locations(place)
      .flatMap(({ program, address }) => program.image.debug.locals(address).map(({ name }) => name));
  } catch (error) {
    if (isLookError(error)) return [];
    throw error;
  }
}

function expression(session: DebugSession, line: string, others: readonly string[] = []): Completions {
  const register = /\$(\w*)$/.exec(line)?.[1];
  if (register !== undefined) return matching([...REGISTER_NAMES, ...session.values.variableNames], register);
  const [, object, member] = /([A-Za-z_$][\w$.>[\]-]*?)(?:\.|->)(\w*)$/.exec(line) ?? [];
  if (object !== undefined && member !== undefined) return matching(session.values.membersOf(object), member);
  const tag = /\b(?:struct|union)\s+(\w*)$/.exec(line)?.[1];
  const [, owner] = /\bprog:([^:\s]+):\w*$/.exec(line) ?? [];
  const own = owner === undefined ? session.selection.scope.program : session.debuggee.programs.byName(owner);
  if (own === undefined) return NOTHING;
  const { debug } = own.image;
  if (tag !== undefined) return matching(debug.structNames(), tag);
  const word = /[A-Za-z_]\w*$/.exec(line)?.[0] ?? '';
  if (owner !== undefined) return matching(debug.names(), word);
  const locals = [...others, ...session.selection.scope.locals().map(({ name }) => name)];
  return matching([...locals, 'curproc', 'curpcb', 'curcpu', ...debug.names()], word);
}

function functionNames(session: DebugSession): string[] {
  const { program } = session.selection.scope;
  const programs = new Set([session.debuggee.programs.kernel, program]);
  return [...programs].flatMap(functionsOf);
}

function functionsOf({ image }: Program): string[] {
  return image.symbols.symbols.filter(({ kind }) => kind === 'function').map(({ name }) => name);
}

function files({ image }: Program): string[] {
  return image.lines.files().map((file) => file.slice(file.lastIndexOf('/') + 1));
}

function matching(words: readonly string[], beginning: string): Completions {
  const found = [...new Set(words.filter((word) => word.startsWith(beginning)))].sort();
  return { words: found.slice(0, LIMIT), replaces: beginning };
}
