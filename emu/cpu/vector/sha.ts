import { type Block, type BlockOperation, rotateLeft } from './block.ts';

/** The SHA extensions' steps (FIPS 180-4; Intel SDM volume 2, SHA1RNDS4 and following). */

const word = ({ words }: Block, index: number): number => words[index] as number;

/** Ch, Parity and Maj of three words. */
const choose = (x: number, y: number, z: number): number => (x & y) ^ (~x & z);
const parity = (x: number, y: number, z: number): number => x ^ y ^ z;
const majority = (x: number, y: number, z: number): number => (x & y) ^ (x & z) ^ (y & z);

/** By the immediate's two low bits: the function and the constant of a quarter of SHA-1's rounds. */
const SHA1_ROUNDS = [
  [choose, 0x5a82_7999],
  [parity, 0x6ed9_eba1],
  [majority, 0x8f1b_bcdc],
  [parity, 0xca62_c1d6],
] as const;

/** Four rounds: A–D in the first operand from the top, in the second the message's words, E already in the first of them. */
const sha1Rounds: BlockOperation = ({ first, second, immediate }) => {
  const [mix, constant] = SHA1_ROUNDS[immediate & 3] as (typeof SHA1_ROUNDS)[number];
  let [a, b, c, d, e] = [word(first, 3), word(first, 2), word(first, 1), word(first, 0), 0];
  for (let i = 3; i >= 0; i--) {
    const next = (mix(b, c, d) + rotateLeft(a, 5) + word(second, i) + e + constant) | 0;
    [a, b, c, d, e] = [next, a, rotateLeft(b, 30), c, d];
  }
  return [d, c, b, a];
};

const sha1NextE: BlockOperation = ({ first, second }) => [
  word(second, 0),
  word(second, 1),
  word(second, 2),
  (word(second, 3) + rotateLeft(word(first, 3), 30)) | 0,
];

const sha1Message1: BlockOperation = ({ first, second }) => [
  word(second, 2) ^ word(first, 0),
  word(second, 3) ^ word(first, 1),
  word(first, 0) ^ word(first, 2),
  word(first, 1) ^ word(first, 3),
];

const sha1Message2: BlockOperation = ({ first, second }) => {
  const w16 = rotateLeft(word(first, 3) ^ word(second, 2), 1);
  const w17 = rotateLeft(word(first, 2) ^ word(second, 1), 1);
  const w18 = rotateLeft(word(first, 1) ^ word(second, 0), 1);
  return [rotateLeft(word(first, 0) ^ w16, 1), w18, w17, w16];
};

/** The functions Σ0, Σ1, σ0 and σ1 of SHA-256: rotations to the right, the last of σ a shift. */
const rotateRight = (value: number, bits: number): number => rotateLeft(value, 32 - bits);
const bigSigma0 = (x: number): number => rotateRight(x, 2) ^ rotateRight(x, 13) ^ rotateRight(x, 22);
const bigSigma1 = (x: number): number => rotateRight(x, 6) ^ rotateRight(x, 11) ^ rotateRight(x, 25);
const sigma0 = (x: number): number => rotateRight(x, 7) ^ rotateRight(x, 18) ^ (x >>> 3);
const sigma1 = (x: number): number => rotateRight(x, 17) ^ rotateRight(x, 19) ^ (x >>> 10);

/** Two rounds: C, D, G, H in the first operand from the top, A, B, E, F in the second, the message's words with their constants in XMM0. */
const sha256Rounds: BlockOperation = ({ first, second, xmm0 }) => {
  let [a, b, c, d] = [word(second, 3), word(second, 2), word(first, 3), word(first, 2)];
  let [e, f, g, h] = [word(second, 1), word(second, 0), word(first, 1), word(first, 0)];
  for (let i = 0; i < 2; i++) {
    const temporary = (h + bigSigma1(e) + choose(e, f, g) + word(xmm0, i)) | 0;
    const sum = (temporary + bigSigma0(a) + majority(a, b, c)) | 0;
    [a, b, c, d, e, f, g, h] = [sum, a, b, c, (d + temporary) | 0, e, f, g];
  }
  return [f, e, b, a];
};

const sha256Message1: BlockOperation = ({ first, second }) => {
  const words = [0, 1, 2, 3].map((i) => word(first, i)).concat(word(second, 0));
  return [0, 1, 2, 3].map((i) => ((words[i] as number) + sigma0(words[i + 1] as number)) | 0);
};

const sha256Message2: BlockOperation = ({ first, second }) => {
  const w16 = (word(first, 0) + sigma1(word(second, 2))) | 0;
  const w17 = (word(first, 1) + sigma1(word(second, 3))) | 0;
  return [w16, w17, (word(first, 2) + sigma1(w16)) | 0, (word(first, 3) + sigma1(w17)) | 0];
};

export const SHA_OPERATIONS: Readonly<Record<string, BlockOperation>> = {
  SHA1RNDS4: sha1Rounds,
  SHA1NEXTE: sha1NextE,
  SHA1MSG1: sha1Message1,
  SHA1MSG2: sha1Message2,
  SHA256RNDS2: sha256Rounds,
  SHA256MSG1: sha256Message1,
  SHA256MSG2: sha256Message2,
};
