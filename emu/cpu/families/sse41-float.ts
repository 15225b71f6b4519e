import { type Row, row } from '../table/row.ts';
import { floatByImmediate } from './sse-float.ts';
import { hexByte } from './sse-integer.ts';
import { xmm } from './vector-site.ts';

/** [mnemonic, last opcode byte, operands]. */
const OPERATIONS: readonly (readonly [string, number, string])[] = [
  ['ROUNDPS', 0x08, 'Vps,Wps,Ib'],
  ['ROUNDPD', 0x09, 'Vpd,Wpd,Ib'],
  ['ROUNDSS', 0x0a, 'Vss,Wss,Ib'],
  ['ROUNDSD', 0x0b, 'Vsd,Wsd,Ib'],
  ['DPPS', 0x40, 'Vps,Wps,Ib'],
  ['DPPD', 0x41, 'Vpd,Wpd,Ib'],
];

export const sse41FloatRows: Row[] = OPERATIONS.map(([name, opcode, operands]) =>
  row(name, `66 0F 3A ${hexByte(opcode)} /r`, operands, xmm(floatByImmediate(name)), {
    access: name.startsWith('DP') ? 'modify' : 'write',
    feature: 'SSE41',
  }),
);
