import { type OperandPattern, parseOperand } from './form.ts';
import type { Row } from './row.ts';

/** A row's encoding, taken apart for the decoder. */
export interface Encoding {
  readonly row: Row;
  /** Opcode map: 0 one-byte, 1 0F, 2 0F 38, 3 0F 3A. */
  readonly map: number;
  /** First opcode byte in its map; `+r` encodings stand for eight. */
  readonly opcode: number;
  readonly registerInOpcode: boolean;
  /** Mandatory prefix: undefined when 66/F2/F3 keep their usual meaning. */
  readonly prefix: 'NP' | '66' | 'F2' | 'F3' | undefined;
  readonly hasModrm: boolean;
  /** ModRM.reg of `/0`…`/7`. */
  readonly digit: number | undefined;
  /** A whole ModRM byte. */
  readonly modrm: number | undefined;
  /** ModRM.mod: register only, memory only, or both. */
  readonly form: 'register' | 'memory' | 'both';
  readonly operands: readonly OperandPattern[];
}

/** Parses `Row.encoding`; throws RangeError for a row that is written wrongly. */
export function parseEncoding(row: Row): Encoding {
  const words: string[] = row.encoding.split(' ');
  const prefix =
    ['NP', '66', 'F2', 'F3'].includes(words[0] as string) && words.length > 1 ? words.shift() : undefined;
  let map = 0;
  if (words[0] === '0F') {
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
  let hasModrm = operands.some(({ where }) => 'ERMGSCDVWUPQN'.includes(where));
  for (const word of words) {
    if (word.startsWith('/')) {
      hasModrm = true;
      if (word !== '/r') digit = Number(word.slice(1));
    } else {
      hasModrm = true;
      modrm = Number.parseInt(word, 16);
    }
  }
  const form = operands.some(({ where }) => where === 'M')
    ? 'memory'
    : operands.some(({ where }) => where === 'R' || where === 'U' || where === 'N')
      ? 'register'
      : 'both';
  return {
    row,
    map,
    opcode,
    registerInOpcode,
    prefix: prefix as Encoding['prefix'],
    hasModrm,
    digit,
    modrm,
    form,
    operands,
  };
}
