/** Text memory of a VGA: cells of a character (code page 437) and an attribute. It is ordinary memory and takes part in snapshots as such. */
export const TEXT_MEMORY = 0xb_8000;
/** Bytes. */
export const TEXT_MEMORY_SIZE = 0x8000;
export const TEXT_COLUMNS = 80;
export const TEXT_ROWS = 25;
/** Bytes that one screen takes of the memory, as the BIOS counts. */
export const TEXT_PAGE_SIZE = 0x1000;
/** A space in light grey on black. */
export const BLANK_CELL = 0x0720;

const CELL_SIZE = 2;
const CELL_COUNT = TEXT_MEMORY_SIZE / CELL_SIZE;

/** Code page 437 where it differs from ASCII: 0x00–0x1f, 0x7f, 0x80–0xff. */
const LOW_CHARACTERS = ' ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼';
const DELETE = '⌂';
const HIGH_CHARACTERS =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** The screen as a person in front of it sees it. */
export interface TextScreen {
  /** One string per row, without the blanks at its end. */
  readonly lines: readonly string[];
  /** Where the cursor stands; undefined when it is off or elsewhere. */
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

/** Which part of text memory is shown, in cells. */
export interface TextView {
  readonly start: number;
  /** undefined when the cursor is off. */
  readonly cursor: number | undefined;
}

/** Reads the screen out of RAM. */
export function readTextScreen(ram: Uint8Array, view: TextView): TextScreen {
  const lines = Array.from({ length: TEXT_ROWS }, (_, row) => {
    let line = '';
    for (let column = 0; column < TEXT_COLUMNS; column++) {
      const cell = (view.start + row * TEXT_COLUMNS + column) % CELL_COUNT;
      line += character(ram[TEXT_MEMORY + CELL_SIZE * cell] as number);
    }
    return line.trimEnd();
  });
  const at = view.cursor === undefined ? -1 : view.cursor - view.start;
  const visible = at >= 0 && at < TEXT_ROWS * TEXT_COLUMNS;
  const cursor = visible ? { row: Math.floor(at / TEXT_COLUMNS), column: at % TEXT_COLUMNS } : undefined;
  return { lines, cursor };
}

function character(code: number): string {
  if (code < 0x20) return LOW_CHARACTERS.charAt(code);
  if (code < 0x7f) return String.fromCharCode(code);
  return code === 0x7f ? DELETE : HIGH_CHARACTERS.charAt(code - 0x80);
}
