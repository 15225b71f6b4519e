import type { Machine } from '../machine/index.ts';

type TextScreen = ReturnType<Machine['textScreen']>;

/** Control sequences of ECMA-48 that every terminal knows. */
const CLEAR = '\x1b[2J';
const ERASE_TO_END_OF_LINE = '\x1b[K';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const place = (row: number, column: number): string => `\x1b[${row + 1};${column + 1}H`;

/** The text screen as lines for a file or a pipe: without the empty ones at its end. */
export function renderScreen(screen: TextScreen): string {
  const lines = [...screen.lines];
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\n`).join('');
}

/** The text screen on a person's terminal, drawn anew where it has changed. */
export class ScreenView {
  readonly #machine: Machine;
  readonly #write: (text: string) => void;
  #shown: TextScreen | undefined;

  constructor(machine: Machine, write: (text: string) => void) {
    this.#machine = machine;
    this.#write = write;
  }

  /** Draws what has changed since the last time. */
  draw(): void {
    const screen = this.#machine.textScreen();
    const before = this.#shown;
    let text = before === undefined ? CLEAR : '';
    screen.lines.forEach((line, row) => {
      if (line !== before?.lines[row]) text += `${place(row, 0)}${line}${ERASE_TO_END_OF_LINE}`;
    });
    const { cursor } = screen;
    const moved = cursor?.row !== before?.cursor?.row || cursor?.column !== before?.cursor?.column;
    if (text === '' && !moved) return;
    this.#shown = screen;
    this.#write(
      cursor === undefined
        ? `${HIDE_CURSOR}${text}`
        : `${text}${place(cursor.row, cursor.column)}${SHOW_CURSOR}`,
    );
  }

  /** Leaves the screen as it is, the cursor below it. */
  leave(): void {
    const rows = this.#shown?.lines.length ?? 0;
    this.#write(`${place(rows, 0)}${SHOW_CURSOR}`);
  }
}
