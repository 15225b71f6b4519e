import type { Row } from '../table/row.ts';
import { arithmeticRows } from './arithmetic.ts';
import { bitRows } from './bits.ts';
import { controlRows } from './control.ts';
import { exchangeRows } from './exchange.ts';
import { flagRows } from './flag.ts';
import { moveRows } from './move.ts';
import { multiplyRows } from './multiply.ts';
import { shiftRows } from './shift.ts';
import { stackRows } from './stack.ts';
import { stringRows } from './string.ts';
import { systemRows } from './system.ts';

/** The instruction table: every encoding that the processor implements. Where two rows could match, the first wins. */
export const instructionTable: readonly Row[] = [
  ...arithmeticRows,
  ...moveRows,
  ...exchangeRows,
  ...stackRows,
  ...controlRows,
  ...shiftRows,
  ...multiplyRows,
  ...bitRows,
  ...stringRows,
  ...flagRows,
  ...systemRows,
];
