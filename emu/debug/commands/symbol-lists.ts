import type { ElfSymbol } from '../../symbols/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { type Answer, answer, type Command } from './command.ts';

/** Symbols that are shown. */
const LIMIT = 200;

/** The symbols of the kernel, and of the program of the selected frame, whose names a regular expression matches. */
function symbolsAnswer(
  session: DebugSession,
  pattern: string,
  isWanted: (symbol: ElfSymbol) => boolean,
): Answer {
  const matching = regularExpression(pattern);
  const { programs } = session.debuggee;
  const own = session.selection.scope.program;
  const found = [...new Set([programs.kernel, own])].flatMap((program) =>
    program.image.symbols.symbols
      .filter((symbol) => isWanted(symbol) && matching.test(symbol.name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, address }) => ({ program: program.name, name, address, ...placeOf(program, address) })),
  );
  const lines = found.slice(0, LIMIT).map(({ program, name, address, file, line }) => {
    const scope = program === programs.kernel.name ? '' : `prog:${program}:`;
    const place = file === undefined ? '' : `  ${file}${line === undefined ? '' : `:${line}`}`;
    return `0x${address.toString(16).padStart(16, '0')}  ${scope}${name}${place}\n`;
  });
  if (found.length > LIMIT)
    lines.push(`… ${found.length - LIMIT} more: a regular expression after the command chooses\n`);
  return answer(lines.length === 0 ? `No name matches ${pattern}.` : lines.join(''), found);
}

function placeOf(program: DebugSession['debuggee']['programs']['kernel'], address: bigint) {
  const { file, line } = program.place(address);
  return { file, line };
}

/** Throws DebugError 'usage'. */
function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw new DebugError('usage', `'${pattern}' is no regular expression`);
  }
}

export const INFO_SYMBOLS: readonly Command[] = [
  {
    names: ['functions'],
    section: 'source',
    usage: 'info functions [REGEXP]',
    help: 'functions of the kernel and of the selected program by name',
    run: (session, { argument }) => symbolsAnswer(session, argument, ({ kind }) => kind === 'function'),
  },
  {
    names: ['variables'],
    section: 'source',
    usage: 'info variables [REGEXP]',
    help: 'global variables of the kernel and of the selected program by name',
    run: (session, { argument }) => symbolsAnswer(session, argument, ({ kind }) => kind === 'object'),
  },
];
