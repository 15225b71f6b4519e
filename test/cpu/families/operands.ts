/** Names of the registers by operand size, and small helpers to write the same spec for every size. */

export type Width = 8 | 16 | 32 | 64;
export const widths: readonly Width[] = [8, 16, 32, 64];
export const wordWidths: readonly Width[] = [16, 32, 64];

const names = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'];

/** `register(32, 'ax')` is `eax`; `register(8, 'r9')` is `r9b`. Names: ax cx dx bx sp bp si di r8 … r15. */
export function register(width: Width, name: string): string {
  if (!names.includes(name)) return { 8: `${name}b`, 16: `${name}w`, 32: `${name}d`, 64: name }[width];
  if (width === 8) return name.endsWith('x') ? `${name[0]}l` : `${name}l`;
  return { 16: name, 32: `e${name}`, 64: `r${name}` }[width];
}

/** `word ptr` and so on. */
export function pointer(width: Width): string {
  return { 8: 'byte ptr', 16: 'word ptr', 32: 'dword ptr', 64: 'qword ptr' }[width];
}

/** Largest unsigned value of a width. */
export function ones(width: Width): bigint {
  return (1n << BigInt(width)) - 1n;
}

/** The sign bit of a width. */
export function signBit(width: Width): bigint {
  return 1n << BigInt(width - 1);
}

/** The sixteen conditions of Jcc, SETcc and CMOVcc in encoding order. */
export const conditions = [
  'o',
  'no',
  'b',
  'ae',
  'e',
  'ne',
  'be',
  'a',
  's',
  'ns',
  'p',
  'np',
  'l',
  'ge',
  'le',
  'g',
];
