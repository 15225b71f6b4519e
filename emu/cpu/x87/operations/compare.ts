import { ARITHMETIC, CF, PF, writeFlags, ZF } from '../../system/flags.ts';
import { compare, type Relation } from '../compare.ts';
import { type Kind, SIGN, type Unpacked, unpack, zero } from '../extended.ts';
import { statusWord } from '../register-file.ts';
import { C0, C1, C2, C3, type X87Unit } from '../unit.ts';
import {
  loadDouble,
  loadInteger16,
  loadInteger32,
  loadSingle,
  type OperationMap,
  type X87Operation,
} from './operation.ts';

export const compareOperations: OperationMap = new Map();

const RELATION_CODES: Readonly<Record<Relation, number>> = {
  greater: 0,
  less: C0,
  equal: C3,
  unordered: C0 | C2 | C3,
};
const RELATION_FLAGS: Readonly<Record<Relation, number>> = {
  greater: 0,
  less: CF,
  equal: ZF,
  unordered: ZF | PF | CF,
};

/** Where the outcome goes. */
type Report = (unit: X87Unit, relation: Relation) => void;
const toCodes: Report = (unit, relation) => unit.setCodes(C0 | C2 | C3, RELATION_CODES[relation]);
const toFlags: Report = (unit, relation) => writeFlags(unit.state, RELATION_FLAGS[relation], ARITHMETIC);

/** Compares ST(0) with what `second` gives (undefined: an empty register), and pops so often. */
function comparison(
  second: (unit: X87Unit, operand: number) => Unpacked | undefined,
  quietIsInvalid: boolean,
  pops: number,
  report: Report = toCodes,
): X87Operation {
  return (unit, operand) => {
    const other = second(unit, operand);
    let relation: Relation = 'unordered';
    let delivered: boolean;
    const kept = report === toFlags ? statusWord(unit.state) & C1 : 0;
    if (unit.isEmpty(0) || other === undefined) delivered = unit.stackFault();
    else {
      const rules = unit.rules();
      relation = compare(unit.operand(0), other, quietIsInvalid, rules);
      delivered = unit.deliver(rules);
      // FCOMI and its relatives leave the condition codes as they were.
      unit.setCodes(C1, kept);
    }
    // An unmasked exception keeps back the pops alone.
    report(unit, relation);
    if (!delivered) return;
    for (let i = 0; i < pops; i++) unit.pop();
  };
}

const register = (unit: X87Unit, i: number): Unpacked | undefined =>
  unit.isEmpty(i) ? undefined : unit.operand(i);
for (const [prefix, quietIsInvalid] of [
  ['FCOM', true],
  ['FUCOM', false],
] as const) {
  compareOperations.set(`${prefix} ST,STi`, comparison(register, quietIsInvalid, 0));
  compareOperations.set(`${prefix}P ST,STi`, comparison(register, quietIsInvalid, 1));
  compareOperations.set(
    `${prefix}PP`,
    comparison((unit) => register(unit, 1), quietIsInvalid, 2),
  );
  compareOperations.set(`${prefix}I ST,STi`, comparison(register, quietIsInvalid, 0, toFlags));
  compareOperations.set(`${prefix}IP ST,STi`, comparison(register, quietIsInvalid, 1, toFlags));
}
for (const [operands, load, prefix] of [
  ['ST,Md', loadSingle, 'FCOM'],
  ['ST,Mq', loadDouble, 'FCOM'],
  ['ST,Mw', loadInteger16, 'FICOM'],
  ['ST,Md', loadInteger32, 'FICOM'],
] as const) {
  compareOperations.set(`${prefix} ${operands}`, comparison(load, true, 0));
  compareOperations.set(`${prefix}P ${operands}`, comparison(load, true, 1));
}
compareOperations.set(
  'FTST',
  comparison(() => unpack(zero(0)), true, 0),
);

const CLASS_CODES: Readonly<Record<Kind, number>> = {
  unsupported: 0,
  quiet: C0,
  signaling: C0,
  finite: C2,
  infinity: C2 | C0,
  zero: C3,
};
const CLASS_EMPTY = C3 | C0;
const CLASS_DENORMAL = C3 | C2;
compareOperations.set('FXAM', (unit) => {
  const { kind, denormal, value } = unit.operand(0);
  const codes = unit.isEmpty(0) ? CLASS_EMPTY : denormal ? CLASS_DENORMAL : CLASS_CODES[kind];
  unit.setCodes(C0 | C1 | C2 | C3, codes | ((value.high & SIGN) !== 0 ? C1 : 0));
});
