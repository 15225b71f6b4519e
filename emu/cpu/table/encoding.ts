import { type OperandPattern, parseOperand } from './form.ts';
import type { Row } from './row.ts';

/** Opcode maps: those of the legacy encodings, then the same three escapes behind a VEX prefix. */
export const OPCODE_MAPS = ['', '0F', '0F38', '0F3A', 'VEX.0F', 'VEX.0F38', 'VEX.0F3A'] as const;
/** What to add to the map that VEX.mmmmm selects. */
export const VEX_MAPS = 3;

/** A row's encoding, taken apart for the decoder. */
export interface Encoding {
  readonly row: Row;
  /** Index in `OPCODE_MAPS`. */
  readonly map: number;
  /** First opcode byte in its map; `+r` encodings stand for eight. */
  readonly opcode: number;
  readonly registerInOpcode: boolean;
  /** Mandatory prefix: undefined when 66/F2/F3 keep their usual meaning, NFx when 66 does and F2 and F3 are not allowed. */
  readonly prefix: 'NP' | '66' | 'F2' | 'F3' | 'NFx' | 'LOCK' | undefined;
  /** REX.W must be set. */
  readonly wide: boolean;
  /** Behind a VEX prefix. */
  readonly vex: boolean;
  /** VEX.vvvv names an operand; else it must be 1111b. */
  readonly usesVvvv: boolean;
  readonly hasModrm: boolean;
  /** ModRM.reg of `/0`…`/7`. */
  readonly digit: number | undefined;
  /** A whole ModRM byte. */
  readonly modrm: number | undefined;
  /** ModRM.mod: register only, memory only, or both. */
  readonly form: 'register' | 'memory' | 'both';
  /** ModRM.mod does not count: it is a register whatever it says (MOV to and from CRn and DRn). */
  readonly ignoresMod: boolean;
  readonly operands: readonly OperandPattern[];
}

const PREFIXES: readonly string[] = ['NP', '66', 'F2', 'F3', 'NFx', 'LOCK'];

/** `VEX.LZ.F2.0F38`: vector length, mandatory prefix and map. */
function parseVex(row: Row, word: string): { readonly prefix: string; readonly map: number } {
  const [, length, prefix, opcodeMap] = word.split('.');
  const map = OPCODE_MAPS.indexOf(`VEX.${opcodeMap}` as (typeof OPCODE_MAPS)[number]);
  if (length !== 'LZ' || prefix === undefined || !PREFIXES.includes(prefix) || map < 0) {
    throw new RangeError(`${row.mnemonic}: bad VEX prefix "${word}"`);
  }
  return { prefix, map };
}

/** Parses `Row.encoding`; throws RangeError for a row that is written wrongly. */
export function parseEncoding(row: Row): Encoding {
  const words: string[] = row.encoding.split(' ');
  const vex = words[0]?.startsWith('VEX.') ? parseVex(row, words.shift() as string) : undefined;
  let prefix: string | undefined = vex?.prefix;
  if (vex === undefined && PREFIXES.includes(words[0] as string) && words.length > 1) prefix = words.shift();
  const wide = words[0] === 'REX.W';
  if (wide) words.shift();
  let map = vex?.map ?? 0;
  if (vex === undefined && words[0] === '0F') {
    map = words[1] === '38' && words.length > 2 ? 2 : words[1] === '3A' && words.length > 2 ? 3 : 1;
    words.splice(0, map === 1 ? 1 : 2);
  }
  const opcodeWord = words.shift() ?? '';
  const registerInOpcode = opcodeWord.endsWith('+r');
  const opcode = Number.parseInt(opcodeWord, 16);
  if (Number.isNaN(opcode)) throw new RangeError(`${row.mnemonic}: bad encoding "${row.encoding}"`);
  const operands = row.operands === '' ? [] : row.operands.split(',').map(parseOperand);
  let digit: number | undefined;
  let modrm: number | undefined;
  let hasModrm = operands.some(({ where }) => where === 'STi' || 'ERMGSCDVWUPQN'.includes(where));
  const usesVvvv = operands.some(({ where }) => where === 'B');
  for (const word of words) {
    if (word.startsWith('/')) {
      hasModrm = true;
      if (word !== '/r') digit = Number(word.slice(1));
    } else {
      hasModrm = true;
      modrm = Number.parseInt(word, 16);
    }
  }
  const ignoresMod = operands.some(({ where }) => where === 'C' || where === 'D') || prefix === 'LOCK';
  const form = operands.some(({ where }) => where === 'M')
    ? 'memory'
    : operands.some(({ where }) => where === 'STi' || where === 'R' || where === 'U' || where === 'N')
      ? 'register'
      : 'both';
  return {
    row,
    map,
    opcode,
    registerInOpcode,
    prefix: prefix as Encoding['prefix'],
    wide,
    vex: vex !== undefined,
    usesVvvv,
    hasModrm,
    digit,
    modrm,
    form,
    ignoresMod,
    operands,
  };
}
