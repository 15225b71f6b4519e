import type { KeyName, Machine } from '../machine/index.ts';

const ESCAPE = 0x1b;
const CARRIAGE_RETURN = 0x0d;
const DELETE = 0x7f;

/** What terminals send for keys that type nothing (xterm's control sequences), after the escape character. */
const SEQUENCES: readonly (readonly [sequence: string, key: KeyName])[] = [
  ['OP', 'F1'],
  ['OQ', 'F2'],
  ['OR', 'F3'],
  ['OS', 'F4'],
  ['[15~', 'F5'],
  ['[17~', 'F6'],
  ['[18~', 'F7'],
  ['[19~', 'F8'],
  ['[20~', 'F9'],
  ['[21~', 'F10'],
  ['[23~', 'F11'],
  ['[24~', 'F12'],
  ['[A', 'Up'],
  ['[B', 'Down'],
  ['[C', 'Right'],
  ['[D', 'Left'],
  ['[H', 'Home'],
  ['[F', 'End'],
  ['[2~', 'Insert'],
  ['[3~', 'Delete'],
  ['[5~', 'PageUp'],
  ['[6~', 'PageDown'],
];

/** A character of a US keyboard, or a key by its name. */
export type Stroke = { readonly text: string } | { readonly key: KeyName };

/** The keys of a PC that a person at a terminal has pressed, by the bytes that the terminal sends. What is on no key is left out. */
export function keysOf(bytes: Uint8Array): Stroke[] {
  const strokes: Stroke[] = [];
  for (let at = 0; at < bytes.length; ) {
    const rest = String.fromCharCode(...bytes.subarray(at + 1, at + 5));
    const sequence = bytes[at] === ESCAPE ? SEQUENCES.find(([text]) => rest.startsWith(text)) : undefined;
    if (sequence !== undefined) {
      strokes.push({ key: sequence[1] });
      at += 1 + sequence[0].length;
      continue;
    }
    const stroke = strokeOf(bytes[at] as number);
    if (stroke !== undefined) strokes.push(stroke);
    at++;
  }
  return strokes;
}

function strokeOf(byte: number): Stroke | undefined {
  if (byte === ESCAPE) return { key: 'Escape' };
  if (byte === CARRIAGE_RETURN || byte === 0x0a) return { key: 'Enter' };
  if (byte === DELETE || byte === 0x08) return { key: 'Backspace' };
  if (byte === 0x09) return { key: 'Tab' };
  return byte >= 0x20 && byte < DELETE ? { text: String.fromCharCode(byte) } : undefined;
}

/** Types on the machine's keyboard what a person types at the terminal. */
export function typeOnKeyboard(machine: Machine, bytes: Uint8Array): void {
  for (const stroke of keysOf(bytes)) {
    if ('key' in stroke) machine.pressKey(stroke.key);
    else machine.typeKeys(stroke.text);
  }
}
