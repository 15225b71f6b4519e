import { type Row, row, type Semantics } from '../table/row.ts';
import { i8x16 } from '../wasm/vector.ts';
import { float } from './sse-float.ts';
import { move, writeWhole } from './sse-move.ts';
import { xmm } from './vector-site.ts';

/** Copies elements of the source to where `lanes` (a byte's number for each byte) says. */
const duplicate =
  (lanes: readonly number[]): Semantics =>
  (site) => {
    const source = site.body.let128(site.operand(1).vector());
    writeWhole(site, i8x16.shuffle(source, source, lanes));
  };

const LOW_QUADWORD = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7];
const EVEN_DOUBLEWORDS = [0, 1, 2, 3, 0, 1, 2, 3, 8, 9, 10, 11, 8, 9, 10, 11];
const ODD_DOUBLEWORDS = [4, 5, 6, 7, 4, 5, 6, 7, 12, 13, 14, 15, 12, 13, 14, 15];

const SSE3 = { feature: 'SSE3' };
const MODIFY = { access: 'modify' as const, ...SSE3 };

export const sse3Rows: Row[] = [
  row('HADDPD', '66 0F 7C /r', 'Vpd,Wpd', xmm(float('HADDPD')), MODIFY),
  row('HADDPS', 'F2 0F 7C /r', 'Vps,Wps', xmm(float('HADDPS')), MODIFY),
  row('HSUBPD', '66 0F 7D /r', 'Vpd,Wpd', xmm(float('HSUBPD')), MODIFY),
  row('HSUBPS', 'F2 0F 7D /r', 'Vps,Wps', xmm(float('HSUBPS')), MODIFY),
  row('ADDSUBPD', '66 0F D0 /r', 'Vpd,Wpd', xmm(float('ADDSUBPD')), MODIFY),
  row('ADDSUBPS', 'F2 0F D0 /r', 'Vps,Wps', xmm(float('ADDSUBPS')), MODIFY),
  row('MOVDDUP', 'F2 0F 12 /r', 'Vdq,Wq', xmm(duplicate(LOW_QUADWORD)), SSE3),
  row('MOVSLDUP', 'F3 0F 12 /r', 'Vdq,Wdq', xmm(duplicate(EVEN_DOUBLEWORDS)), SSE3),
  row('MOVSHDUP', 'F3 0F 16 /r', 'Vdq,Wdq', xmm(duplicate(ODD_DOUBLEWORDS)), SSE3),
  row('LDDQU', 'F2 0F F0 /r', 'Vdq,Mdq', xmm(move), { ...SSE3, unaligned: true }),
];
