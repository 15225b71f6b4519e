import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { type Answer, answer } from './command.ts';
import { pagingHint } from './hints.ts';

/** A line of a source file. */
interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

const LIST_LINES = 10;
/** A line of the present file, or of one that is named. */
const LINE = /^(?:(.+):)?(\d+)$/;
/** Where a listing begins when nothing else is known. */
const BEGINNING = 'main';

/** What was listed last: the next list goes on there, as long as nobody has moved. */
const listed = new WeakMap<DebugSession, SourcePlace & { readonly next: number; readonly at: string }>();

/**
 * `list`, `list -`, `list PLACE`, `list FIRST,LAST` and its halves, as in gdb: ten lines around a place, after a first line, or before a
 * last one. Throws DebugError 'not-found'.
 */
export function list(session: DebugSession, argument: string): Answer {
  if (argument === '' || argument === '-') return again(session, argument === '-');
  const [, from, to] = /^([^,]*),([^,]*)$/.exec(argument) ?? [];
  if (from === undefined || to === undefined) {
    const { file, line } = placeOf(session, argument, presentFile(session));
    return show(session, file, Math.max(1, line - LIST_LINES / 2));
  }
  const [first, last] = [from.trim(), to.trim()];
  if (first === '' && last === '')
    throw new DebugError('usage', 'list: a line is missing before or after the comma');
  if (first === '') {
    const { file, line } = placeOf(session, last, presentFile(session));
    const begin = Math.max(1, line - LIST_LINES + 1);
    return show(session, file, begin, line - begin + 1);
  }
  const start = placeOf(session, first, presentFile(session));
  if (last === '') return show(session, start.file, start.line);
  const [, count] = /^\+(\d+)$/.exec(last) ?? [];
  if (count !== undefined) return show(session, start.file, start.line, Number(count) + 1);
  const end = placeOf(session, last, () => start.file);
  if (end.file !== start.file)
    throw new DebugError('usage', `list: ${first} is in ${start.file} and ${last} in ${end.file}`);
  return show(session, start.file, start.line, Math.max(0, end.line - start.line + 1));
}

/** The lines after those listed last, or before; of a place that has just been reached, those around it. */
function again(session: DebugSession, backwards: boolean): Answer {
  const last = listed.get(session);
  if (last?.at === whereNow(session)) {
    if (!backwards) return show(session, last.file, last.next);
    if (last.line <= 1)
      throw new DebugError('not-found', `the first line of ${last.file} was listed already`);
    const first = Math.max(1, last.line - LIST_LINES);
    return show(session, last.file, first, last.line - first);
  }
  const { file, line } = presentPlace(session);
  const middle = Math.max(1, line - LIST_LINES / 2);
  if (!backwards) return show(session, file, middle);
  return show(session, file, Math.max(1, middle - LIST_LINES), Math.min(LIST_LINES, middle - 1));
}

/** What a listing belongs to: at another place, or in another frame, `list` begins anew. */
function whereNow({ position, selection }: DebugSession): string {
  return `${position} ${selection.index} ${selection.thread?.address ?? ''}`;
}

/** The selected frame's line; before there is any source the kernel's main(). */
function presentPlace(session: DebugSession): SourcePlace {
  const { level } = session.selection;
  if (level?.file !== undefined && level.line !== undefined) return { file: level.file, line: level.line };
  if (level?.program !== undefined)
    throw new DebugError(
      'not-found',
      `no source line is known for this place: disassemble shows the instructions${pagingHint(session)}`,
    );
  return placeOf(session, BEGINNING, () => '');
}

const presentFile = (session: DebugSession) => (): string =>
  listed.get(session)?.file ?? presentPlace(session).file;

/** A line number, FILE:LINE, or whatever has code. */
function placeOf(session: DebugSession, text: string, file: () => string): SourcePlace {
  const [whole, named, number] = LINE.exec(text) ?? [];
  if (whole !== undefined && named === undefined) return { file: file(), line: Number(number) };
  if (whole !== undefined && named !== undefined) {
    const known = session.debuggee.programs.kernel.image.lines.matchingFiles(named)[0];
    const own = session.selection.scope.program.image.lines.matchingFiles(named)[0] ?? known;
    if (own !== undefined) return { file: own, line: Number(number) };
  }
  const [location] = session.locations(text);
  const place = location?.program.place(location.address);
  if (place?.file === undefined || place.line === undefined)
    throw new DebugError(
      'not-found',
      `no source line is known for ${text}: disassemble shows the instructions`,
    );
  return { file: place.file, line: place.line };
}

function show(session: DebugSession, file: string, first: number, count = LIST_LINES): Answer {
  const lines = session.sources.lines(file);
  if (lines === undefined) throw new DebugError('not-found', `the source file ${file} is not here`);
  if (first > lines.length)
    throw new DebugError('not-found', `line ${first} is out of range: ${file} has ${lines.length} lines`);
  const { level } = session.selection;
  const shown = lines
    .slice(first - 1, first - 1 + count)
    .map((text, index) => ({ line: first + index, text }));
  listed.set(session, { file, line: first, next: first + shown.length, at: whereNow(session) });
  const text = shown
    .map(
      ({ line, text: source }) =>
        `${level?.file === file && level.line === line ? '>' : ' '}${line}\t${source}\n`,
    )
    .join('');
  return answer(text, { file, lines: shown });
}
