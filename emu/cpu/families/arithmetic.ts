import { carry, setCarryOnly, setFlags, setLogicFlags } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64, select } from '../wasm/expressions.ts';

/** Sign-extends the low `size` bytes of a 64-bit value. */
export function signExtend(value: I64, size: number): I64 {
  if (size === 1) return i64.extend8S(value);
  if (size === 2) return i64.extend16S(value);
  return size === 4 ? i64.extend32S(value) : value;
}

const xor3 = (a: I64, b: I64, c: I64): I64 => i64.xor(i64.xor(a, b), c);

interface Addends {
  readonly a: I64;
  readonly b: I64;
  readonly result: I64;
}

/** Reads operands 0 and 1 and computes `operation` on them, all sign-extended from the operand size and kept in locals. */
function compute(site: Site, operation: (a: I64, b: I64) => I64): Addends {
  const size = site.operand(0).size;
  const a = site.body.let64(site.operand(0).signed());
  const b = site.body.let64(site.operand(1).signed());
  return { a, b, result: site.body.let64(signExtend(operation(a, b), size)) };
}

const add: Semantics = (site) => {
  const { a, b, result } = compute(site, i64.add);
  site.operand(0).write(result);
  setFlags(site, result, xor3(a, b, result), i64.ltU(result, a));
};

const adc: Semantics = (site) => {
  const carryIn = site.body.let64(i64.extendI32U(carry(site)));
  const { a, b, result } = compute(site, (x, y) => i64.add(i64.add(x, y), carryIn));
  site.operand(0).write(result);
  const carryOut = select(i32.wrap(carryIn), i64.leU(result, a), i64.ltU(result, a));
  setFlags(site, result, xor3(a, b, result), carryOut);
};

const sub: Semantics = (site) => {
  const { a, b, result } = compute(site, i64.sub);
  site.operand(0).write(result);
  setFlags(site, result, xor3(a, b, result), i64.ltU(a, b));
};

const sbb: Semantics = (site) => {
  const borrowIn = site.body.let64(i64.extendI32U(carry(site)));
  const { a, b, result } = compute(site, (x, y) => i64.sub(i64.sub(x, y), borrowIn));
  site.operand(0).write(result);
  const borrowOut = select(i32.wrap(borrowIn), i64.leU(a, b), i64.ltU(a, b));
  setFlags(site, result, xor3(a, b, result), borrowOut);
};

const cmp: Semantics = (site) => {
  const { a, b, result } = compute(site, i64.sub);
  setFlags(site, result, xor3(a, b, result), i64.ltU(a, b));
};

const logic =
  (operation: (a: I64, b: I64) => I64): Semantics =>
  (site) => {
    const { result } = compute(site, operation);
    site.operand(0).write(result);
    setLogicFlags(site, result);
  };

const test: Semantics = (site) => setLogicFlags(site, compute(site, i64.and).result);

/** INC and DEC: as ADD and SUB of 1, but CF stays; aux is turned so that OF comes out right with the old CF. */
const step =
  (operation: (a: I64, b: I64) => I64, carries: (a: I64, result: I64) => I32): Semantics =>
  (site) => {
    const { body } = site;
    const a = body.let64(site.operand(0).signed());
    const result = body.let64(signExtend(operation(a, i64.const(1)), site.operand(0).size));
    site.operand(0).write(result);
    const kept = body.let32(carry(site));
    setFlags(site, result, xor3(a, i64.const(1), result), carries(a, result));
    setCarryOnly(site, kept);
  };

const inc = step(i64.add, (_a, result) => i64.eqz(result));
const dec = step(i64.sub, (a) => i64.eqz(a));

const neg: Semantics = (site) => {
  const { body } = site;
  const a = body.let64(site.operand(0).signed());
  const result = body.let64(signExtend(i64.sub(i64.const(0), a), site.operand(0).size));
  site.operand(0).write(result);
  setFlags(site, result, i64.xor(a, result), i64.ne(a, i64.const(0)));
};

const not: Semantics = (site) => site.operand(0).write(i64.xor(site.operand(0).signed(), i64.const(-1)));

const ALL = { written: 'oszapc' };
const LOGIC = { flags: { written: 'oszpc', undefined: 'a' }, profile: 'AF is cleared.' };
const HOT = { hot: [1, 4, 8] };

/** The eight operations of the 00–3F block and of group 1 (80–83), in encoding order. */
function group1(): Row[] {
  const operations: [string, Semantics, Partial<Row>][] = [
    ['ADD', add, { flags: ALL }],
    ['OR', logic(i64.or), LOGIC],
    ['ADC', adc, { flags: { ...ALL, read: 'c' } }],
    ['SBB', sbb, { flags: { ...ALL, read: 'c' } }],
    ['AND', logic(i64.and), LOGIC],
    ['SUB', sub, { flags: ALL }],
    ['XOR', logic(i64.xor), LOGIC],
    ['CMP', cmp, { flags: ALL, access: 'read', lock: false }],
  ];
  return operations.flatMap(([name, emit, specific], digit) => {
    const opcode = (low: number): string => (digit * 8 + low).toString(16).padStart(2, '0').toUpperCase();
    const options = { access: 'modify' as const, lock: true, ...HOT, ...specific };
    return [
      row(name, `${opcode(0)} /r`, 'Eb,Gb', emit, options),
      row(name, `${opcode(1)} /r`, 'Ev,Gv', emit, options),
      row(name, `${opcode(2)} /r`, 'Gb,Eb', emit, { ...options, lock: false }),
      row(name, `${opcode(3)} /r`, 'Gv,Ev', emit, { ...options, lock: false }),
      row(name, opcode(4), 'AL,Ib', emit, options),
      row(name, opcode(5), 'rAX,Iz', emit, options),
      row(name, `80 /${digit}`, 'Eb,Ib', emit, options),
      row(name, `81 /${digit}`, 'Ev,Iz', emit, options),
      row(name, `82 /${digit}`, 'Eb,Ib', emit, { ...options, mode: 'legacy' }),
      row(name, `83 /${digit}`, 'Ev,Ibs', emit, options),
    ];
  });
}

const MODIFY = { access: 'modify' as const, lock: true, ...HOT };
const KEEPS_CARRY = { ...MODIFY, flags: { written: 'oszap' } };

export const arithmeticRows: Row[] = [
  ...group1(),
  row('TEST', '84 /r', 'Eb,Gb', test, { access: 'read', ...LOGIC, ...HOT }),
  row('TEST', '85 /r', 'Ev,Gv', test, { access: 'read', ...LOGIC, ...HOT }),
  row('TEST', 'A8', 'AL,Ib', test, { access: 'read', ...LOGIC, ...HOT }),
  row('TEST', 'A9', 'rAX,Iz', test, { access: 'read', ...LOGIC, ...HOT }),
  ...[0, 1].flatMap((digit) => [
    row('TEST', `F6 /${digit}`, 'Eb,Ib', test, { access: 'read', ...LOGIC, ...HOT }),
    row('TEST', `F7 /${digit}`, 'Ev,Iz', test, { access: 'read', ...LOGIC, ...HOT }),
  ]),
  row('INC', 'FE /0', 'Eb', inc, KEEPS_CARRY),
  row('INC', 'FF /0', 'Ev', inc, KEEPS_CARRY),
  row('INC', '40+r', 'Zv', inc, { ...KEEPS_CARRY, mode: 'legacy' }),
  row('DEC', 'FE /1', 'Eb', dec, KEEPS_CARRY),
  row('DEC', 'FF /1', 'Ev', dec, KEEPS_CARRY),
  row('DEC', '48+r', 'Zv', dec, { ...KEEPS_CARRY, mode: 'legacy' }),
  row('NOT', 'F6 /2', 'Eb', not, MODIFY),
  row('NOT', 'F7 /2', 'Ev', not, MODIFY),
  row('NEG', 'F6 /3', 'Eb', neg, { ...MODIFY, flags: ALL }),
  row('NEG', 'F7 /3', 'Ev', neg, { ...MODIFY, flags: ALL }),
];
