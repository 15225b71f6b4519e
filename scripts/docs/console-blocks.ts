/**
 * The commands that a Markdown document shows, with the output it says they have.
 *
 * A fence marked `console` holds one or more commands. A line `$ COMMAND` begins one; when it ends in `<<WORD`, the lines
 * `> TEXT` up to `> WORD` are its standard input. What follows is output, up to the next command or the end of the
 * fence. In output, a line `…` stands for any number of lines that are left out, and `…` inside a line for text that is.
 */

/** What stands for left-out output. */
export const LEFT_OUT = '…';

/** A line of a document; `line` counts from 1. */
export interface ShownLine {
  readonly line: number;
  readonly text: string;
}

export interface ShownCommand {
  /** Where the command stands. */
  readonly line: number;
  /** As written, without `$ ` and without the here-document. */
  readonly text: string;
  /** What it reads: the here-document, or nothing. */
  readonly input: string;
  /** The output shown, without trailing blank lines. */
  readonly output: readonly ShownLine[];
}

export class DocumentError extends Error {
  readonly code = 'document';

  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
    this.name = 'DocumentError';
  }
}

const FENCE = '```';
const OPENING = '```console';

/** The commands of a document in order. Throws DocumentError for a fence or here-document that does not end. */
export function shownCommands(markdown: string): ShownCommand[] {
  const lines = markdown.split('\n').map((text, index) => ({ line: index + 1, text }));
  const commands: ShownCommand[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = lines[at];
    if (opening === undefined || opening.text.trimEnd() !== OPENING) continue;
    const end = lines.findIndex(({ text }, index) => index > at && text.trimEnd() === FENCE);
    if (end < 0) throw new DocumentError(opening.line, 'this fence is never closed');
    commands.push(...commandsOf(lines.slice(at + 1, end)));
    at = end;
  }
  return commands;
}

function commandsOf(block: readonly ShownLine[]): ShownCommand[] {
  const starts = block.flatMap(({ text }, index) => (text.startsWith('$ ') ? [index] : []));
  const first = block[0];
  if (first !== undefined && starts[0] !== 0) {
    throw new DocumentError(first.line, "a console fence begins with '$ ' and a command");
  }
  return starts.map((start, index) => commandOf(block.slice(start, starts[index + 1])));
}

function commandOf([head, ...rest]: readonly ShownLine[]): ShownCommand {
  if (head === undefined) throw new DocumentError(0, 'no command');
  const { line } = head;
  const [, text = '', word] = /^\$ (.*?)(?:\s*<<(\w+))?$/.exec(head.text.trimEnd()) ?? [];
  if (word === undefined) return { line, text, input: '', output: trimmed(rest) };
  const end = rest.findIndex((one) => one.text === `> ${word}`);
  if (end < 0) throw new DocumentError(line, `the here-document has no line '> ${word}'`);
  const input = rest.slice(0, end).map((one) => {
    if (!one.text.startsWith('> ')) throw new DocumentError(one.line, "input lines begin with '> '");
    return `${one.text.slice(2)}\n`;
  });
  return { line, text, input: input.join(''), output: trimmed(rest.slice(end + 1)) };
}

function trimmed(lines: readonly ShownLine[]): ShownLine[] {
  const last = lines.findLastIndex(({ text }) => text.trim() !== '');
  return lines.slice(0, last + 1).map(({ line, text }) => ({ line, text: text.trimEnd() }));
}

/**
 * The arguments of a shown `npx puffer …`; undefined for another command. Words may be quoted. Throws DocumentError for
 * what only a shell could do.
 */
export function pufferArguments({ line, text }: ShownCommand): string[] | undefined {
  const words = shellWords(line, text);
  return words[0] === 'npx' && words[1] === 'puffer' ? words.slice(2) : undefined;
}

function shellWords(line: number, text: string): string[] {
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const match = /^(?:'[^']*'|"[^"\\$`]*"|[^\s'"\\$`|&;<>()#*?]+)+(?=\s|$)/.exec(rest);
    if (match === null) throw new DocumentError(line, `this needs a shell, which the check has not: ${rest}`);
    words.push(match[0].replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
    rest = rest.slice(match[0].length).trimStart();
  }
  return words;
}
