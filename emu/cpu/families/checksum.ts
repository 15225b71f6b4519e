import { type Row, row, type Semantics } from '../table/row.ts';
import { i32, i64 } from '../wasm/expressions.ts';

/** The polynomial of CRC-32C (Castagnoli), its bits in reverse order. */
const POLYNOMIAL = 0x82f6_3b78;

/** CRC32: one turn for each bit of the source, from the lowest. The destination's upper half is cleared whatever its size. */
const crc32: Semantics = (site) => {
  const { body } = site;
  const source = site.operand(1);
  const data = body.local('i64');
  const sum = body.local('i64');
  const turns = body.local('i32');
  body.set(data, source.unsigned());
  body.set(sum, i64.and(site.operand(0).unsigned(), i64.const(0xffff_ffff)));
  body.set(turns, i32.const(8 * source.size));
  body.loop((again) => {
    const difference = i64.and(i64.xor(sum.get, data.get), i64.const(1));
    const divisor = i64.mul(difference, i64.const(POLYNOMIAL));
    body.set(sum, i64.xor(i64.shrU(sum.get, i64.const(1)), divisor));
    body.set(data, i64.shrU(data.get, i64.const(1)));
    body.set(turns, i32.sub(turns.get, i32.const(1)));
    body.brIf(again, turns.get);
  });
  site.operand(0).write(sum.get);
};

const SSE42 = { access: 'modify' as const, feature: 'SSE42' };

export const checksumRows: Row[] = [
  row('CRC32', 'F2 0F 38 F0 /r', 'Gy,Eb', crc32, SSE42),
  row('CRC32', 'F2 0F 38 F1 /r', 'Gy,Ev', crc32, SSE42),
];
