import { add, divide, type FloatFunction, multiply, squareRoot, subtract } from '../float/arithmetic.ts';
import { holds, maximum, minimum } from '../float/compare.ts';
import { changeFormat, fromInteger, roundToIntegral, toInteger } from '../float/convert.ts';
import type { FloatEnvironment } from '../float/environment.ts';
import { reciprocal, reciprocalSquareRoot } from '../float/estimate.ts';
import { BINARY32, BINARY64, type FloatFormat } from '../float/format.ts';

/** What an instruction does with each element of its operands. */
export interface LaneOperation {
  readonly kind: 'lanes';
  readonly lanes: number;
  /** Bytes of an element of the source (and of the first operand), and of the result. */
  readonly sourceSize: 4 | 8;
  readonly resultSize: 4 | 8;
  /** Bytes of the destination that are written: zero behind the last element. */
  readonly written: number;
  /** `a` is the element of the destination, `b` that of the source, `lane` its number. */
  lane(a: bigint, b: bigint, environment: FloatEnvironment, immediate: number, lane: number): bigint;
  /** Both elements are neighbours: first those of the destination, then those of the source. */
  readonly horizontal?: boolean;
}

/** DPPS and DPPD, whose immediate chooses what is multiplied and where the sum goes. */
export interface DotProductOperation {
  readonly kind: 'dot product';
  readonly format: FloatFormat;
  readonly lanes: 2 | 4;
}

/** COMIS and UCOMIS, which write flags. */
export interface CompareOperation {
  readonly kind: 'compare';
  readonly format: FloatFormat;
  readonly quietIsInvalid: boolean;
}

export type FloatOperation = LaneOperation | CompareOperation | DotProductOperation;

const operations = new Map<string, FloatOperation>();
const WHOLE = 16;

/** Packed and scalar forms, by the suffix of the mnemonic. */
const FORMS: readonly (readonly [string, FloatFormat, number])[] = [
  ['PS', BINARY32, 4],
  ['PD', BINARY64, 2],
  ['SS', BINARY32, 1],
  ['SD', BINARY64, 1],
];

const ARITHMETIC: readonly (readonly [string, FloatFunction])[] = [
  ['ADD', add],
  ['SUB', subtract],
  ['MUL', multiply],
  ['DIV', divide],
  ['SQRT', squareRoot],
  ['MIN', minimum],
  ['MAX', maximum],
];

function sameSize(
  size: 4 | 8,
  lanes: number,
  lane: LaneOperation['lane'],
  horizontal = false,
): LaneOperation {
  const shape = { kind: 'lanes', lanes, sourceSize: size, resultSize: size, written: size * lanes } as const;
  return { ...shape, lane, horizontal };
}

for (const [suffix, format, lanes] of FORMS) {
  const { size } = format;
  for (const [name, compute] of ARITHMETIC) {
    operations.set(
      name + suffix,
      sameSize(size, lanes, (a, b, environment) => compute(a, b, format, environment)),
    );
  }
  const ones = (1n << BigInt(8 * size)) - 1n;
  operations.set(
    `CMP${suffix}`,
    sameSize(size, lanes, (a, b, environment, predicate) =>
      holds(predicate, a, b, format, environment) ? ones : 0n,
    ),
  );
  operations.set(
    `ROUND${suffix}`,
    sameSize(size, lanes, (_a, b, environment, control) => roundToIntegral(b, format, control, environment)),
  );
  if (lanes !== 1) {
    const sum: LaneOperation['lane'] = (a, b, environment) => add(a, b, format, environment);
    const difference: LaneOperation['lane'] = (a, b, environment) => subtract(a, b, format, environment);
    operations.set(`HADD${suffix}`, sameSize(size, lanes, sum, true));
    operations.set(`HSUB${suffix}`, sameSize(size, lanes, difference, true));
    operations.set(
      `ADDSUB${suffix}`,
      sameSize(size, lanes, (a, b, environment, _immediate, lane) =>
        (lane & 1) === 0 ? subtract(a, b, format, environment) : add(a, b, format, environment),
      ),
    );
    operations.set(`DP${suffix}`, { kind: 'dot product', format, lanes: lanes as 2 | 4 });
  }
  if (lanes === 1) {
    operations.set(`UCOMI${suffix}`, { kind: 'compare', format, quietIsInvalid: false });
    operations.set(`COMI${suffix}`, { kind: 'compare', format, quietIsInvalid: true });
  }
}

for (const [suffix, lanes] of [
  ['PS', 4],
  ['SS', 1],
] as const) {
  operations.set(
    `RCP${suffix}`,
    sameSize(4, lanes, (_a, b) => reciprocal(b)),
  );
  operations.set(
    `RSQRT${suffix}`,
    sameSize(4, lanes, (_a, b) => reciprocalSquareRoot(b)),
  );
}

function conversion(
  name: string,
  lanes: number,
  sourceSize: 4 | 8,
  resultSize: 4 | 8,
  written: number,
  convert: (b: bigint, environment: FloatEnvironment) => bigint,
): void {
  const lane = (_a: bigint, b: bigint, environment: FloatEnvironment): bigint => convert(b, environment);
  operations.set(name, { kind: 'lanes', lanes, sourceSize, resultSize, written, lane });
}

const widen = (b: bigint, environment: FloatEnvironment): bigint =>
  changeFormat(b, BINARY32, BINARY64, environment);
const narrow = (b: bigint, environment: FloatEnvironment): bigint =>
  changeFormat(b, BINARY64, BINARY32, environment);
conversion('CVTPS2PD', 2, 4, 8, WHOLE, widen);
conversion('CVTSS2SD', 1, 4, 8, 8, widen);
conversion('CVTPD2PS', 2, 8, 4, WHOLE, narrow);
conversion('CVTSD2SS', 1, 8, 4, 4, narrow);

/** Signed integers in general, MMX and XMM registers to floating point. */
for (const [name, lanes, width, format, written] of [
  ['CVTDQ2PS', 4, 32, BINARY32, WHOLE],
  ['CVTDQ2PD', 2, 32, BINARY64, WHOLE],
  ['CVTPI2PS', 2, 32, BINARY32, 8],
  ['CVTPI2PD', 2, 32, BINARY64, WHOLE],
  ['CVTSI2SS32', 1, 32, BINARY32, 4],
  ['CVTSI2SS64', 1, 64, BINARY32, 4],
  ['CVTSI2SD32', 1, 32, BINARY64, 8],
  ['CVTSI2SD64', 1, 64, BINARY64, 8],
] as const) {
  conversion(name, lanes, width === 32 ? 4 : 8, format.size, written, (b, environment) =>
    fromInteger(BigInt.asIntN(width, b), format, environment),
  );
}

/** And back; each also as CVTT…, which truncates. A 32-bit general register is cleared above. */
for (const [name, lanes, width, format, written] of [
  ['PS2DQ', 4, 32, BINARY32, WHOLE],
  ['PD2DQ', 2, 32, BINARY64, WHOLE],
  ['PS2PI', 2, 32, BINARY32, 8],
  ['PD2PI', 2, 32, BINARY64, 8],
  ['SS2SI32', 1, 32, BINARY32, 8],
  ['SS2SI64', 1, 64, BINARY32, 8],
  ['SD2SI32', 1, 32, BINARY64, 8],
  ['SD2SI64', 1, 64, BINARY64, 8],
] as const) {
  for (const truncate of [false, true]) {
    conversion(
      `CVT${truncate ? 'T' : ''}${name}`,
      lanes,
      format.size,
      width === 32 ? 4 : 8,
      written,
      (b, environment) => toInteger(b, format, width, truncate, environment),
    );
  }
}

const names = [...operations.keys()];

/** All operations; generated code names them by their index. */
export const FLOAT_OPERATIONS: readonly FloatOperation[] = [...operations.values()];

/** The index of an operation by its mnemonic (those with a general register are followed by its width in bits). */
export function floatOperationIndex(name: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new RangeError(`there is no floating-point operation ${name}`);
  return index;
}
