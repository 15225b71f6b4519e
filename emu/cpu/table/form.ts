import type { Access, Row, Semantics } from './row.ts';
import type { OperandSize } from './site.ts';

/** How a form finds an operand: in a general, XMM or MMX register that a field of the record names, in memory, or as the immediate. */
export interface OperandForm {
  readonly kind: 'register' | 'xmm' | 'mmx' | 'x87' | 'memory' | 'immediate';
  readonly size: OperandSize;
  /** For memory: the address must be a multiple of 16. */
  readonly aligned: boolean;
  /** For registers: which register field of the record (0, 1, 2). */
  readonly field: number;
}

/**
 * What one piece of generated code implements: an instruction's semantics for given operand kinds and sizes. Several
 * encodings may share a form.
 */
export interface Form {
  readonly key: string;
  readonly mnemonic: string;
  readonly emit: Semantics;
  readonly access: Access;
  readonly size: number;
  readonly addressSize: number;
  readonly long: boolean;
  readonly repeat: 'none' | 'rep' | 'repne';
  readonly operands: readonly OperandForm[];
  /** Lives in the interpreter's main loop. */
  readonly hot: boolean;
  /** The row that first needed it (documentation, tests). */
  readonly row: Row;
  /** Its number: the index of its out-of-line function. */
  readonly index: number;
  /** Its number among the hot forms, -1 when it is not hot. */
  readonly hotIndex: number;
}

/** The letters that name where an operand is encoded, and the size letter after it. */
export interface OperandPattern {
  readonly where:
    | 'E'
    | 'R'
    | 'M'
    | 'G'
    | 'B'
    | 'Z'
    | 'I'
    | 'Is'
    | 'J'
    | 'O'
    | 'S'
    | 'C'
    | 'D'
    | 'A'
    | 'V'
    | 'W'
    | 'U'
    | 'P'
    | 'Q'
    | 'N'
    | 'ST'
    | 'STi'
    | 'one'
    | 'fixed';
  readonly size: 'b' | 'w' | 'd' | 'q' | 'v' | 'z' | 'y' | 's' | 'a' | 'x' | 't' | 'none';
  /** For fixed registers: the register number. */
  readonly register: number;
}

const FIXED: Record<string, OperandPattern> = {
  AL: { where: 'fixed', size: 'b', register: 0 },
  CL: { where: 'fixed', size: 'b', register: 1 },
  AX: { where: 'fixed', size: 'w', register: 0 },
  DX: { where: 'fixed', size: 'w', register: 2 },
  rAX: { where: 'fixed', size: 'v', register: 0 },
};

/** Sizes of vector operands as the manual spells them (packed and scalar, single and double precision). */
const VECTOR_SIZES: Readonly<Record<string, OperandPattern['size']>> = {
  dq: 'x',
  ps: 'x',
  pd: 'x',
  ss: 'd',
  sd: 'q',
};

export function parseOperand(text: string): OperandPattern {
  if (text === '1') return { where: 'one', size: 'b', register: 0 };
  const fixed = FIXED[text];
  if (fixed !== undefined) return fixed;
  if (text === 'Ibs') return { where: 'Is', size: 'b', register: 0 };
  if (text === 'ST' || text === 'STi') return { where: text, size: 't', register: 0 };
  if (text === 'M') return { where: 'M', size: 'none', register: 0 };
  const where = text[0] as OperandPattern['where'];
  const size = VECTOR_SIZES[text.slice(1)] ?? (text[1] as OperandPattern['size']);
  if (!'ERMGBZIJOSCDAVWUPQN'.includes(where) || !'bwdqvzysaxt'.includes(size)) {
    throw new RangeError(`unknown operand ${text}`);
  }
  return { where, size, register: 0 };
}

/** Size in bytes of an operand pattern under an operand size. */
export function patternSize(pattern: OperandPattern, operandSize: number): OperandSize {
  switch (pattern.size) {
    case 'b':
      return 1;
    case 'w':
      return 2;
    case 'd':
      return 4;
    case 'q':
      return 8;
    case 't':
      return 10;
    case 'x':
      return 16;
    case 'none':
      // An address alone: nothing is accessed through the operand.
      return 8;
    case 'z':
      return operandSize === 2 ? 2 : 4;
    case 'y':
      return operandSize === 8 ? 8 : 4;
    default:
      return operandSize as OperandSize;
  }
}
