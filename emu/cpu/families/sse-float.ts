import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { floatOperationIndex } from '../vector/float-operations.ts';
import { type I32, i32 } from '../wasm/expressions.ts';
import { v128 } from '../wasm/vector.ts';
import { emitFast, FAST_OPERATIONS } from './float-fast.ts';
import { FAST_PACKED_OPERATIONS } from './float-fast-packed.ts';
import { binary, hexByte } from './sse-integer.ts';
import { mmx, xmm } from './vector-site.ts';

const NO_IMMEDIATE: I32 = i32.const(0);
const REX_WIDE = 8;

/** An operation on operand 0's register and operand 1: on its fast path, or by the float unit. */
function operate(site: Site, name: string, immediate: I32 = NO_IMMEDIATE): void {
  const source = site.body.let32(site.operand(1).pointer());
  const destination = site.registerSlot(0);
  const exactly = (): void =>
    site.call('floatOperation', i32.const(floatOperationIndex(name)), destination, source, immediate);
  const fast = FAST_OPERATIONS.get(name) ?? FAST_PACKED_OPERATIONS.get(name);
  if (fast === undefined) exactly();
  else emitFast(site, fast(site, destination, source, immediate), exactly);
}

export const float =
  (name: string): Semantics =>
  (site) =>
    operate(site, name);

/** An operation that takes the immediate besides: a comparison's predicate, how to round, the elements of a product. */
export const floatByImmediate =
  (name: string): Semantics =>
  (site) =>
    operate(site, name, i32.wrap(site.immediate()));

/** A conversion to or from a general register: its width is part of the operation. */
const general =
  (name: string): Semantics =>
  (site) =>
    operate(site, `${name}${site.size === REX_WIDE ? 64 : 32}`);

/** A conversion into an MMX register: the unit writes its bytes, and writing them once more marks the register as MMX's. */
const toMmx =
  (name: string): Semantics =>
  (site) => {
    operate(site, name);
    const destination = site.operand(0);
    destination.write(site.body.let64(destination.unsigned()));
  };

const SSE = { feature: 'SSE' };
const SSE2 = { feature: 'SSE2' };
/** Scalar arithmetic is common in user programs. */
const HOT = { hot: [0] };
const HOT_WIDTHS = { hot: [4, 8] };

/** The four forms of an instruction: suffix, mandatory prefix, operands, feature. */
const FORMS: readonly (readonly [string, string, string, typeof SSE])[] = [
  ['PS', 'NP', 'Vps,Wps', SSE],
  ['PD', '66', 'Vpd,Wpd', SSE2],
  ['SS', 'F3', 'Vss,Wss', SSE],
  ['SD', 'F2', 'Vsd,Wsd', SSE2],
];
const ARITHMETIC: readonly (readonly [string, number])[] = [
  ['SQRT', 0x51],
  ['ADD', 0x58],
  ['MUL', 0x59],
  ['SUB', 0x5c],
  ['MIN', 0x5d],
  ['DIV', 0x5e],
  ['MAX', 0x5f],
];

function arithmeticRows(): Row[] {
  return FORMS.flatMap(([suffix, prefix, operands, feature]) => {
    const options = { access: 'modify' as const, ...feature };
    const scalar = suffix === 'SS' || suffix === 'SD';
    return [
      ...ARITHMETIC.map(([name, opcode]) =>
        row(
          name + suffix,
          `${prefix} 0F ${hexByte(opcode)} /r`,
          operands,
          xmm(float(name + suffix)),
          scalar ? { ...options, ...HOT } : options,
        ),
      ),
      row(
        `CMP${suffix}`,
        `${prefix} 0F C2 /r`,
        `${operands},Ib`,
        xmm(floatByImmediate(`CMP${suffix}`)),
        options,
      ),
    ];
  });
}

/** Bitwise operations, which do not look at what the bits mean. */
function logicRows(): Row[] {
  const operations: [string, number, Parameters<typeof binary>[0]][] = [
    ['AND', 0x54, v128.and],
    ['ANDN', 0x55, (a, b) => v128.andNot(b, a)],
    ['OR', 0x56, v128.or],
    ['XOR', 0x57, v128.xor],
  ];
  return FORMS.slice(0, 2).flatMap(([suffix, prefix, operands, feature]) =>
    operations.map(([name, opcode, operation]) =>
      row(name + suffix, `${prefix} 0F ${hexByte(opcode)} /r`, operands, xmm(binary(operation)), {
        access: 'modify',
        ...feature,
        ...HOT,
      }),
    ),
  );
}

const COMPARE = { access: 'read' as const, flags: { written: 'oszapc' }, ...HOT };

/** AMD APM volume 4, RCPPS and RSQRTPS: the relative error is at most 1.5 × 2^-12. */
const ESTIMATE = {
  approximate: 1.5 * 2 ** -12,
  profile:
    'The manual bounds the relative error by 1.5 × 2^-12; the exact result rounded to single precision is returned.',
};

export const sseFloatRows: Row[] = [
  ...arithmeticRows(),
  ...logicRows(),
  row('RCPPS', 'NP 0F 53 /r', 'Vps,Wps', xmm(float('RCPPS')), { ...SSE, ...ESTIMATE }),
  row('RCPSS', 'F3 0F 53 /r', 'Vss,Wss', xmm(float('RCPSS')), { ...SSE, ...ESTIMATE }),
  row('RSQRTPS', 'NP 0F 52 /r', 'Vps,Wps', xmm(float('RSQRTPS')), { ...SSE, ...ESTIMATE }),
  row('RSQRTSS', 'F3 0F 52 /r', 'Vss,Wss', xmm(float('RSQRTSS')), { ...SSE, ...ESTIMATE }),
  row('UCOMISS', 'NP 0F 2E /r', 'Vss,Wss', xmm(float('UCOMISS')), { ...SSE, ...COMPARE }),
  row('UCOMISD', '66 0F 2E /r', 'Vsd,Wsd', xmm(float('UCOMISD')), { ...SSE2, ...COMPARE }),
  row('COMISS', 'NP 0F 2F /r', 'Vss,Wss', xmm(float('COMISS')), { ...SSE, ...COMPARE }),
  row('COMISD', '66 0F 2F /r', 'Vsd,Wsd', xmm(float('COMISD')), { ...SSE2, ...COMPARE }),
  row('CVTPS2PD', 'NP 0F 5A /r', 'Vpd,Wq', xmm(float('CVTPS2PD')), SSE2),
  row('CVTPD2PS', '66 0F 5A /r', 'Vps,Wpd', xmm(float('CVTPD2PS')), SSE2),
  row('CVTSS2SD', 'F3 0F 5A /r', 'Vsd,Wss', xmm(float('CVTSS2SD')), { ...SSE2, ...HOT }),
  row('CVTSD2SS', 'F2 0F 5A /r', 'Vss,Wsd', xmm(float('CVTSD2SS')), { ...SSE2, ...HOT }),
  row('CVTDQ2PS', 'NP 0F 5B /r', 'Vps,Wdq', xmm(float('CVTDQ2PS')), SSE2),
  row('CVTPS2DQ', '66 0F 5B /r', 'Vdq,Wps', xmm(float('CVTPS2DQ')), SSE2),
  row('CVTTPS2DQ', 'F3 0F 5B /r', 'Vdq,Wps', xmm(float('CVTTPS2DQ')), SSE2),
  row('CVTDQ2PD', 'F3 0F E6 /r', 'Vpd,Wq', xmm(float('CVTDQ2PD')), SSE2),
  row('CVTPD2DQ', 'F2 0F E6 /r', 'Vdq,Wpd', xmm(float('CVTPD2DQ')), SSE2),
  row('CVTTPD2DQ', '66 0F E6 /r', 'Vdq,Wpd', xmm(float('CVTTPD2DQ')), SSE2),
  row('CVTSI2SS', 'F3 0F 2A /r', 'Vss,Ey', xmm(general('CVTSI2SS')), { ...SSE, ...HOT_WIDTHS }),
  row('CVTSI2SD', 'F2 0F 2A /r', 'Vsd,Ey', xmm(general('CVTSI2SD')), { ...SSE2, ...HOT_WIDTHS }),
  row('CVTTSS2SI', 'F3 0F 2C /r', 'Gy,Wss', xmm(general('CVTTSS2SI')), { ...SSE, ...HOT_WIDTHS }),
  row('CVTTSD2SI', 'F2 0F 2C /r', 'Gy,Wsd', xmm(general('CVTTSD2SI')), { ...SSE2, ...HOT_WIDTHS }),
  row('CVTSS2SI', 'F3 0F 2D /r', 'Gy,Wss', xmm(general('CVTSS2SI')), SSE),
  row('CVTSD2SI', 'F2 0F 2D /r', 'Gy,Wsd', xmm(general('CVTSD2SI')), SSE2),
  row('CVTPI2PS', 'NP 0F 2A /r', 'Vps,Nq', mmx(float('CVTPI2PS'), true), SSE),
  row('CVTPI2PD', '66 0F 2A /r', 'Vpd,Nq', mmx(float('CVTPI2PD'), true), SSE2),
  // From memory they leave x87 alone, as AMD's processors do.
  row('CVTPI2PS', 'NP 0F 2A /r', 'Vps,Mq', xmm(float('CVTPI2PS')), SSE),
  row('CVTPI2PD', '66 0F 2A /r', 'Vpd,Mq', xmm(float('CVTPI2PD')), SSE2),
  row('CVTTPS2PI', 'NP 0F 2C /r', 'Pq,Wq', mmx(toMmx('CVTTPS2PI'), true), SSE),
  row('CVTTPD2PI', '66 0F 2C /r', 'Pq,Wpd', mmx(toMmx('CVTTPD2PI'), true), SSE2),
  row('CVTPS2PI', 'NP 0F 2D /r', 'Pq,Wq', mmx(toMmx('CVTPS2PI'), true), SSE),
  row('CVTPD2PI', '66 0F 2D /r', 'Pq,Wpd', mmx(toMmx('CVTPD2PI'), true), SSE2),
];
