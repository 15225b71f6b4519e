/**
 * What the keyboard controller makes of the keyboard's scan code set 2 when it translates (IBM PS/2 technical reference):
 * the code of set 1 by the code of set 2, below 0x80.
 */
const SET_1_BY_SET_2: readonly number[] = [
  0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59, 0x65, 0x38,
  0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a, 0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b, 0x67, 0x2e, 0x2d, 0x20,
  0x12, 0x05, 0x04, 0x5c, 0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d, 0x69, 0x31, 0x30, 0x23, 0x22, 0x15,
  0x07, 0x5e, 0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f, 0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60,
  0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61, 0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e, 0x3a, 0x36,
  0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76, 0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b, 0x7c, 0x4f, 0x7d, 0x4b,
  0x47, 0x7e, 0x7f, 0x6f, 0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45, 0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49,
  0x46, 0x54,
];
/** Codes of set 2 beyond the table that change; all others stay as they are, the keyboard's answers among them. */
const F7_SET_2 = 0x83;
const F7_SET_1 = 0x41;
const SYSTEM_REQUEST_SET_2 = 0x84;
const SYSTEM_REQUEST_SET_1 = 0x54;

/** Before the code of a key that is released, in set 2; set 1 sets bit 7 instead. */
export const RELEASE = 0xf0;
/** Before the codes of keys that the first PC did not have. */
const EXTENDED = 0xe0;

/** A code of set 2 as a code of set 1. */
export function translate(code: number): number {
  if (code === F7_SET_2) return F7_SET_1;
  if (code === SYSTEM_REQUEST_SET_2) return SYSTEM_REQUEST_SET_1;
  return SET_1_BY_SET_2[code] ?? code;
}

/** Keys of a US keyboard that are in a row in set 1: the first one's code, and what they type without and with shift. */
const ROWS: readonly (readonly [first: number, plain: string, shifted: string])[] = [
  [0x01, '\x1b1234567890-=\b\tqwertyuiop[]\n', '\x1b!@#$%^&*()_+\b\tQWERTYUIOP{}\n'],
  [0x1e, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
  [0x2b, '\\zxcvbnm,./', '|ZXCVBNM<>?'],
  [0x39, ' ', ' '],
];
const LEFT_SHIFT = 0x2a;

/** Keys that type nothing: code of set 1, and whether it is one that the first PC did not have. */
const NAMED = {
  Escape: [0x01, false],
  Backspace: [0x0e, false],
  Tab: [0x0f, false],
  Enter: [0x1c, false],
  F1: [0x3b, false],
  F2: [0x3c, false],
  F3: [0x3d, false],
  F4: [0x3e, false],
  F5: [0x3f, false],
  F6: [0x40, false],
  F7: [0x41, false],
  F8: [0x42, false],
  F9: [0x43, false],
  F10: [0x44, false],
  F11: [0x57, false],
  F12: [0x58, false],
  Home: [0x47, true],
  Up: [0x48, true],
  PageUp: [0x49, true],
  Left: [0x4b, true],
  Right: [0x4d, true],
  End: [0x4f, true],
  Down: [0x50, true],
  PageDown: [0x51, true],
  Insert: [0x52, true],
  Delete: [0x53, true],
} as const satisfies Record<string, readonly [code: number, extended: boolean]>;

/** A key by its name. */
export type KeyName = keyof typeof NAMED;

/** The codes (set 2) of a key that is pressed and released. */
export function keyCodes(name: KeyName): number[] {
  const [code, extended] = NAMED[name];
  return stroke(code, extended);
}

/** The codes (set 2) of typing a character on a US keyboard; undefined when there is no key for it. */
export function characterCodes(character: string): number[] | undefined {
  for (const [first, plain, shifted] of ROWS) {
    const at = plain.indexOf(character);
    if (at >= 0) return stroke(first + at, false);
    const shiftedAt = shifted.indexOf(character);
    if (shiftedAt < 0) continue;
    const shift = set2(LEFT_SHIFT);
    return [shift, ...stroke(first + shiftedAt, false), RELEASE, shift];
  }
  return undefined;
}

function stroke(code: number, extended: boolean): number[] {
  const key = set2(code);
  const prefix = extended ? [EXTENDED] : [];
  return [...prefix, key, ...prefix, RELEASE, key];
}

function set2(code: number): number {
  return code === F7_SET_1 ? F7_SET_2 : SET_1_BY_SET_2.indexOf(code);
}
