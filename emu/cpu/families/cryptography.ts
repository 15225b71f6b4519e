import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { blockOperationIndex } from '../vector/block-unit.ts';
import { type I32, i32, i64 } from '../wasm/expressions.ts';
import { hexByte } from './sse-integer.ts';
import { selected } from './sse-shuffle.ts';
import { xmm } from './vector-site.ts';

const NO_IMMEDIATE: I32 = i32.const(0);

function operate(site: Site, name: string, immediate: I32): void {
  const source = site.body.let32(site.operand(1).pointer());
  site.call('blockOperation', i32.const(blockOperationIndex(name)), site.registerSlot(0), source, immediate);
}
const block =
  (name: string): Semantics =>
  (site) =>
    operate(site, name, NO_IMMEDIATE);
const blockByImmediate =
  (name: string): Semantics =>
  (site) =>
    operate(site, name, i32.wrap(site.immediate()));

/** Which quadword of each operand PCLMULQDQ takes: bits of the immediate. */
const FIRST_QUADWORD = 0;
const SECOND_QUADWORD = 4;
const QUADWORD = 8;

/** PCLMULQDQ: the product of two quadwords as polynomials over GF(2). */
const carrylessMultiply: Semantics = (site) => {
  const { body } = site;
  const source = i32.add(site.operand(1).pointer(), selected(site, SECOND_QUADWORD, 1, QUADWORD));
  const factor = body.local('i64');
  body.set(factor, i64.load(source));
  const destination = site.registerSlot(0);
  const low = body.local('i64');
  const high = body.local('i64');
  const [resultLow, resultHigh] = [body.local('i64'), body.local('i64')];
  body.set(low, i64.load(i32.add(destination, selected(site, FIRST_QUADWORD, 1, QUADWORD))));
  body.set(high, i64.const(0));
  body.set(resultLow, i64.const(0));
  body.set(resultHigh, i64.const(0));
  // The factor's lowest bit decides whether the other, moved up by as many bits as have been taken, is added.
  body.loop((more) => {
    const mask = body.let64(i64.sub(i64.const(0), i64.and(factor.get, i64.const(1))));
    body.set(resultLow, i64.xor(resultLow.get, i64.and(low.get, mask)));
    body.set(resultHigh, i64.xor(resultHigh.get, i64.and(high.get, mask)));
    body.set(high, i64.or(i64.shl(high.get, i64.const(1)), i64.shrU(low.get, i64.const(63))));
    body.set(low, i64.shl(low.get, i64.const(1)));
    body.set(factor, i64.shrU(factor.get, i64.const(1)));
    body.brIf(more, i32.eqz(i64.eqz(factor.get)));
  });
  body.store64(destination, resultLow.get);
  body.store64(destination, resultHigh.get, QUADWORD);
};

const AES = { feature: 'AES' };
/** AMD's processors do not ask the memory operands of the SHA extensions to be aligned; Intel's do. */
const SHA = { feature: 'SHA', unaligned: true };
const MODIFY = { access: 'modify' as const };

/** [mnemonic, last opcode byte]. */
const AES_ROUNDS: readonly (readonly [string, number])[] = [
  ['AESENC', 0xdc],
  ['AESENCLAST', 0xdd],
  ['AESDEC', 0xde],
  ['AESDECLAST', 0xdf],
];
/** SHA256RNDS2 has XMM0 as an operand that the encoding does not show. */
const SHA_STEPS: readonly (readonly [string, number])[] = [
  ['SHA1NEXTE', 0xc8],
  ['SHA1MSG1', 0xc9],
  ['SHA1MSG2', 0xca],
  ['SHA256RNDS2', 0xcb],
  ['SHA256MSG1', 0xcc],
  ['SHA256MSG2', 0xcd],
];

export const cryptographyRows: Row[] = [
  row('PCLMULQDQ', '66 0F 3A 44 /r', 'Vdq,Wdq,Ib', xmm(carrylessMultiply), {
    ...MODIFY,
    feature: 'PCLMULQDQ',
  }),
  ...AES_ROUNDS.map(([name, opcode]) =>
    row(name, `66 0F 38 ${hexByte(opcode)} /r`, 'Vdq,Wdq', xmm(block(name)), { ...MODIFY, ...AES }),
  ),
  row('AESIMC', '66 0F 38 DB /r', 'Vdq,Wdq', xmm(block('AESIMC')), AES),
  row('AESKEYGENASSIST', '66 0F 3A DF /r', 'Vdq,Wdq,Ib', xmm(blockByImmediate('AESKEYGENASSIST')), AES),
  ...SHA_STEPS.map(([name, opcode]) =>
    row(name, `NP 0F 38 ${hexByte(opcode)} /r`, 'Vdq,Wdq', xmm(block(name)), { ...MODIFY, ...SHA }),
  ),
  row('SHA1RNDS4', 'NP 0F 3A CC /r', 'Vdq,Wdq,Ib', xmm(blockByImmediate('SHA1RNDS4')), {
    ...MODIFY,
    ...SHA,
  }),
];
