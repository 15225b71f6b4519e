import { LEFT_OUT } from './console-blocks.ts';

/**
 * When a line of output is the one that a document shows.
 *
 * The kernel is edited, and with each edit addresses, positions, line numbers and process ids move. These are compared
 * by shape, everything else literally:
 *
 * - FILE:LINE: the file is literal, the line any number; so is a number after `"line":`;
 * - `+0x…` after a function's name: any offset;
 * - `0x` with five or more digits, eight or more hexadecimal digits, and five or more after `=`: any hexadecimal number;
 * - five or more decimal digits, and what follows `pid` or `tid` unless it is 0 or 1 (swapper, init), here and wherever
 *   the same number stands in the block, also in hexadecimal: any number;
 * - two or more blanks: two or more blanks; blanks at the beginning: any;
 * - `…` inside the line: anything.
 *
 * What moves must move together: a number that a block shows twice is one number in the output, and two that differ
 * differ there.
 */
export class Shape {
  readonly #regex: RegExp;
  /** For each capture of the regex, the shown number and its kind; undefined for one that stands alone. */
  readonly #captures: readonly (string | undefined)[];

  constructor(shown: string, ids: ReadonlySet<string>) {
    const captures: (string | undefined)[] = [];
    const parts = shown
      .split(LEFT_OUT)
      .map((piece, index) => pieceShape(index === 0 ? piece.trimStart() : piece, ids, captures));
    this.#regex = new RegExp(`^ *${parts.join('(?:.*?)')}$`, 'd');
    this.#captures = captures;
  }

  /** Whether a line has this shape and agrees with what is known; if so what it says is known from then on. */
  matches(line: string, known: Correspondence): boolean {
    const match = this.#regex.exec(line);
    if (match === null) return false;
    return known.add(
      this.#captures.flatMap((shown, index) =>
        shown === undefined ? [] : [{ shown, real: match[index + 1] ?? '' }],
      ),
    );
  }
}

/** Which number of the output stands for which number of the document. */
export class Correspondence {
  readonly #real: Map<string, string>;
  readonly #shown: Map<string, string>;

  constructor(from?: Correspondence) {
    this.#real = new Map(from === undefined ? [] : from.#real);
    this.#shown = new Map(from === undefined ? [] : from.#shown);
  }

  /** Adds pairs, all or none: false when one contradicts what is known. */
  add(pairs: readonly { readonly shown: string; readonly real: string }[]): boolean {
    const next = new Correspondence(this);
    for (const { shown, real } of pairs) {
      if ((next.#real.get(shown) ?? real) !== real) return false;
      if ((next.#shown.get(real) ?? shown) !== shown) return false;
      next.#real.set(shown, real);
      next.#shown.set(real, shown);
    }
    this.take(next);
    return true;
  }

  /** Becomes what another is. */
  take(other: Correspondence): void {
    for (const [shown, real] of other.#real) this.#real.set(shown, real);
    for (const [real, shown] of other.#shown) this.#shown.set(real, shown);
  }
}

const PROCESS_ID = /(?<=\b(?:\w+_)?(?:pid|tid)"?:? ?)\d+/gi;
const FIXED_IDS = new Set(['0', '1']);

/** The process and thread ids that lines show, in decimal and in hexadecimal. */
export function idsIn(lines: readonly string[]): Set<string> {
  const ids = lines.flatMap((line) => line.match(PROCESS_ID) ?? []).filter((id) => !FIXED_IDS.has(id));
  return new Set(ids.flatMap((id) => [id, `0x${Number(id).toString(16)}`]));
}

const FILE_AND_LINE = String.raw`(?<file>[\w.-]+\.(?:c|S|h|ts):)(?<line>\d+)`;
const LINE_FIELD = String.raw`(?<field>"line":)(?<fieldLine>\d+)`;
const OFFSET = String.raw`\+0x(?<offset>[0-9a-f]+)`;
const HEXADECIMAL = String.raw`0x(?<hexadecimal>[0-9a-f]+)|(?<=\w=)(?<register>[0-9a-f]{5,})\b|\b(?<address>[0-9a-f]{8,})\b`;
const DECIMAL = String.raw`(?<![\w.-])(?<decimal>\d+)\b`;
const TOKEN = new RegExp(`${FILE_AND_LINE}|${LINE_FIELD}|${OFFSET}|${HEXADECIMAL}|${DECIMAL}`, 'g');
const SHORTEST_MOVING = 5;

const escaped = (text: string): string =>
  text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ {2,}/g, ' {2,}');

/** The regular expression of a piece of a line; notes the number behind each of its captures. */
function pieceShape(piece: string, ids: ReadonlySet<string>, captures: (string | undefined)[]): string {
  let source = '';
  let at = 0;
  for (const match of piece.matchAll(TOKEN)) {
    const token = tokenShape(match, ids);
    if (token === undefined) continue;
    source += escaped(piece.slice(at, match.index)) + token.source;
    captures.push(token.bound);
    at = match.index + match[0].length;
  }
  return source + escaped(piece.slice(at));
}

function tokenShape(
  match: RegExpExecArray,
  ids: ReadonlySet<string>,
): { source: string; bound: string | undefined } | undefined {
  const [token] = match;
  const { file, field, offset, hexadecimal, register, address, decimal } = match.groups ?? {};
  if (file !== undefined) return { source: `(${escaped(file)}\\d+)`, bound: token };
  if (field !== undefined) return { source: `${escaped(field)}(\\d+)`, bound: undefined };
  if (offset !== undefined) return { source: '\\+0x([0-9a-f]+)', bound: undefined };
  if (hexadecimal !== undefined) {
    const moves = hexadecimal.length >= SHORTEST_MOVING || ids.has(token);
    return moves ? { source: '(0x[0-9a-f]+)', bound: token } : undefined;
  }
  if (register !== undefined) return { source: '([0-9a-f]+)', bound: register };
  if (address !== undefined) return { source: '([0-9a-f]{8,})', bound: address };
  const moves = decimal !== undefined && (decimal.length >= SHORTEST_MOVING || ids.has(decimal));
  return moves ? { source: '(\\d+)', bound: token } : undefined;
}
