import {
  add,
  type BinaryOperation,
  divide,
  multiply,
  reversed,
  squareRoot,
  subtract,
  type UnaryOperation,
} from '../arithmetic.ts';
import { EXPONENT_MASK, INDEFINITE, negated } from '../extended.ts';
import { extract, type Remainder, remainder, roundToInteger, scale } from '../scale.ts';
import { C0, C1, C2, C3, type X87Unit } from '../unit.ts';
import {
  type Load,
  loadDouble,
  loadInteger16,
  loadInteger32,
  loadSingle,
  type OperationMap,
  type X87Operation,
} from './operation.ts';

export const arithmeticOperations: OperationMap = new Map();

/** FADD and its relatives: `dest` is the first operand's register, `i` the second's or that of memory. */
const ARITHMETIC_OPERATIONS: readonly (readonly [string, BinaryOperation])[] = [
  ['ADD', add],
  ['MUL', multiply],
  ['SUB', subtract],
  ['SUBR', reversed(subtract)],
  ['DIV', divide],
  ['DIVR', reversed(divide)],
];

function binary(
  unit: X87Unit,
  compute: BinaryOperation,
  destination: number,
  second: number,
  pops: boolean,
): void {
  if (unit.isEmpty(destination) || unit.isEmpty(second)) {
    if (!unit.stackFault()) return;
    unit.write(destination, INDEFINITE);
  } else {
    const rules = unit.rules();
    const result = compute(unit.operand(destination), unit.operand(second), rules);
    if (!unit.deliver(rules)) return;
    unit.write(destination, result);
  }
  if (pops) unit.pop();
}

function withMemory(load: Load, compute: BinaryOperation): X87Operation {
  return (unit, at) => {
    if (unit.isEmpty(0)) {
      if (unit.stackFault()) unit.write(0, INDEFINITE);
      return;
    }
    const rules = unit.rules();
    const result = compute(unit.operand(0), load(unit, at), rules);
    if (unit.deliver(rules)) unit.write(0, result);
  };
}

for (const [name, compute] of ARITHMETIC_OPERATIONS) {
  arithmeticOperations.set(`F${name} ST,STi`, (unit, i) => binary(unit, compute, 0, i, false));
  arithmeticOperations.set(`F${name} STi,ST`, (unit, i) => binary(unit, compute, i, 0, false));
  arithmeticOperations.set(`F${name}P STi,ST`, (unit, i) => binary(unit, compute, i, 0, true));
  arithmeticOperations.set(`F${name} ST,Md`, withMemory(loadSingle, compute));
  arithmeticOperations.set(`F${name} ST,Mq`, withMemory(loadDouble, compute));
  arithmeticOperations.set(`FI${name} ST,Mw`, withMemory(loadInteger16, compute));
  arithmeticOperations.set(`FI${name} ST,Md`, withMemory(loadInteger32, compute));
}

/** ST(0) alone, in place. */
function unary(compute: UnaryOperation): X87Operation {
  return (unit) => {
    if (unit.isEmpty(0)) {
      if (unit.stackFault()) unit.write(0, INDEFINITE);
      return;
    }
    const rules = unit.rules();
    const result = compute(unit.operand(0), rules);
    if (unit.deliver(rules)) unit.write(0, result);
  };
}

arithmeticOperations.set('FSQRT', unary(squareRoot));
arithmeticOperations.set('FRNDINT', unary(roundToInteger));
arithmeticOperations.set(
  'FCHS',
  unary(({ value }) => negated(value)),
);
arithmeticOperations.set(
  'FABS',
  unary(({ value }) => ({ high: value.high & EXPONENT_MASK, low: value.low })),
);
arithmeticOperations.set('FSCALE', (unit) => binary(unit, scale, 0, 1, false));

function partialRemainder(nearest: boolean): X87Operation {
  return (unit) => {
    unit.setCodes(C2, 0);
    if (unit.isEmpty(0) || unit.isEmpty(1)) {
      if (unit.stackFault()) unit.write(0, INDEFINITE);
      return;
    }
    const rules = unit.rules();
    const result: Remainder = remainder(unit.operand(0), unit.operand(1), nearest, rules);
    if (!unit.deliver(rules)) return;
    unit.write(0, result.value);
    const { quotient } = result;
    if (quotient === undefined) return;
    const codes =
      ((quotient & 1) !== 0 ? C1 : 0) | ((quotient & 2) !== 0 ? C3 : 0) | ((quotient & 4) !== 0 ? C0 : 0);
    unit.setCodes(C0 | C1 | C2 | C3, result.incomplete ? C2 : codes);
  };
}
arithmeticOperations.set('FPREM', partialRemainder(false));
arithmeticOperations.set('FPREM1', partialRemainder(true));

arithmeticOperations.set('FXTRACT', (unit) => {
  if (unit.isEmpty(0)) {
    if (!unit.stackFault()) return;
    unit.write(0, INDEFINITE);
    unit.push(INDEFINITE);
    return;
  }
  if (!unit.isEmpty(-1)) {
    if (!unit.stackFault(true)) return;
    unit.write(0, INDEFINITE);
    unit.push(INDEFINITE);
    return;
  }
  const rules = unit.rules();
  const { exponent, significand } = extract(unit.operand(0), rules);
  if (!unit.deliver(rules)) return;
  unit.write(0, exponent);
  unit.push(significand);
});
