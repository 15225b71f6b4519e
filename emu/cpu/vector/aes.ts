import { type Block, type BlockOperation, rotateLeft } from './block.ts';

/** The AES instructions' steps (FIPS 197; Intel SDM volume 1, 12.13). A block is 16 bytes, column by column. */

const FIELD_POLYNOMIAL = 0x11b;
const ROWS = 4;

/** The product of two elements of GF(2^8). */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    if (((b >> bit) & 1) !== 0) product ^= a << bit;
  }
  for (let bit = 14; bit >= 8; bit--) {
    if (((product >> bit) & 1) !== 0) product ^= FIELD_POLYNOMIAL << (bit - 8);
  }
  return product;
}

const AFFINE_CONSTANT = 0x63;

/** SubBytes: the inverse in the field, then an affine transformation (FIPS 197, 5.1.1). */
function substitution(): Uint8Array {
  const box = new Uint8Array(256);
  for (let value = 0; value < 256; value++) {
    let inverse = 0;
    while (value !== 0 && multiply(value, inverse) !== 1) inverse++;
    const twice = inverse | (inverse << 8);
    box[value] = inverse ^ (twice >> 4) ^ (twice >> 5) ^ (twice >> 6) ^ (twice >> 7) ^ AFFINE_CONSTANT;
  }
  return box;
}

const SUBSTITUTE = substitution();
const INVERSE = new Uint8Array(256);
SUBSTITUTE.forEach((substituted, value) => {
  INVERSE[substituted] = value;
});

/** What a byte of row 0 adds to its column when the columns are mixed, by the column's coefficients; row r adds the same 8r bits further up. */
function mixing(box: Uint8Array, coefficients: readonly number[]): Int32Array {
  return Int32Array.from(box, (value) =>
    coefficients.reduce((word, coefficient, row) => word | (multiply(value, coefficient) << (8 * row)), 0),
  );
}

const MIXED = mixing(SUBSTITUTE, [2, 1, 1, 3]);
const INVERSE_MIXED = mixing(INVERSE, [14, 9, 13, 11]);

/** Row r of column c comes from this column: rows turn to the left when encrypting and to the right when decrypting. */
const turned = (column: number, row: number, direction: 1 | -1): number =>
  (column + direction * row) & (ROWS - 1);

/** The words of the result's columns. */
const columns = (word: (column: number) => number): number[] => [word(0), word(1), word(2), word(3)];

function round(state: Block, key: Block, table: Int32Array, direction: 1 | -1): number[] {
  return columns((column) => {
    let word = key.words[column] as number;
    for (let row = 0; row < ROWS; row++) {
      const byte = state.bytes[ROWS * turned(column, row, direction) + row] as number;
      word ^= rotateLeft(table[byte] as number, 8 * row);
    }
    return word;
  });
}

/** The last round mixes no columns. */
function lastRound(state: Block, key: Block, box: Uint8Array, direction: 1 | -1): number[] {
  return columns((column) => {
    let word = key.words[column] as number;
    for (let row = 0; row < ROWS; row++) {
      const byte = state.bytes[ROWS * turned(column, row, direction) + row] as number;
      word ^= (box[byte] as number) << (8 * row);
    }
    return word;
  });
}

function substituteWord(word: number): number {
  let result = 0;
  for (let bits = 0; bits < 32; bits += 8) {
    result |= (SUBSTITUTE[(word >>> bits) & 0xff] as number) << bits;
  }
  return result;
}

/** AESKEYGENASSIST: words 1 and 3 substituted, and the same rotated by a byte with the round constant added. */
function assistKey(source: Block, constant: number): number[] {
  const [first, third] = [
    substituteWord(source.words[1] as number),
    substituteWord(source.words[3] as number),
  ];
  return [first, rotateLeft(first, 24) ^ constant, third, rotateLeft(third, 24) ^ constant];
}

/** InvMixColumns of a round key. The table undoes the substitution, which is therefore done first. */
function unmixKey(source: Block): number[] {
  return columns((column) => {
    let word = 0;
    for (let row = 0; row < ROWS; row++) {
      const byte = SUBSTITUTE[source.bytes[ROWS * column + row] as number] as number;
      word ^= rotateLeft(INVERSE_MIXED[byte] as number, 8 * row);
    }
    return word;
  });
}

export const AES_OPERATIONS: Readonly<Record<string, BlockOperation>> = {
  AESENC: ({ first, second }) => round(first, second, MIXED, 1),
  AESENCLAST: ({ first, second }) => lastRound(first, second, SUBSTITUTE, 1),
  AESDEC: ({ first, second }) => round(first, second, INVERSE_MIXED, -1),
  AESDECLAST: ({ first, second }) => lastRound(first, second, INVERSE, -1),
  AESIMC: ({ second }) => unmixKey(second),
  AESKEYGENASSIST: ({ second, immediate }) => assistKey(second, immediate),
};
