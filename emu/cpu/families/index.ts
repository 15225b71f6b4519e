import type { Row } from '../table/row.ts';
import { arithmeticRows } from './arithmetic.ts';
import { bitManipulationRows } from './bit-manipulation.ts';
import { bitRows } from './bits.ts';
import { checksumRows } from './checksum.ts';
import { controlRows } from './control.ts';
import { cryptographyRows } from './cryptography.ts';
import { exchangeRows } from './exchange.ts';
import { flagRows } from './flag.ts';
import { legacyRows } from './legacy.ts';
import { moveRows } from './move.ts';
import { multiplyRows } from './multiply.ts';
import { randomRows } from './random.ts';
import { shiftRows } from './shift.ts';
import { sseFloatRows } from './sse-float.ts';
import { sseIntegerRows } from './sse-integer.ts';
import { sseMoveRows } from './sse-move.ts';
import { sseShuffleRows } from './sse-shuffle.ts';
import { sseStateRows } from './sse-state.ts';
import { sse3Rows } from './sse3.ts';
import { sse4aRows } from './sse4a.ts';
import { sse41FloatRows } from './sse41-float.ts';
import { sse41IntegerRows } from './sse41-integer.ts';
import { sse41MoveRows } from './sse41-move.ts';
import { sse42Rows } from './sse42.ts';
import { ssse3Rows } from './ssse3.ts';
import { stackRows } from './stack.ts';
import { stringRows } from './string.ts';
import { systemRows } from './system.ts';
import { wideArithmeticRows } from './wide-arithmetic.ts';
import { x87Rows } from './x87.ts';

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
  ...bitManipulationRows,
  ...wideArithmeticRows,
  ...checksumRows,
  ...randomRows,
  ...stringRows,
  ...flagRows,
  ...legacyRows,
  ...systemRows,
  ...sseStateRows,
  ...sseMoveRows,
  ...sseIntegerRows,
  ...sseShuffleRows,
  ...sseFloatRows,
  ...sse3Rows,
  ...ssse3Rows,
  ...sse41MoveRows,
  ...sse41IntegerRows,
  ...sse41FloatRows,
  ...sse42Rows,
  ...sse4aRows,
  ...cryptographyRows,
  ...x87Rows,
];
