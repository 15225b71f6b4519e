import { BINARY32, BINARY64 } from '../../float/format.ts';
import { fromBcd, fromInteger, toBcd, toBinary, toInteger } from '../conversions.ts';
import { type Extended, INDEFINITE, quieted, type Unpacked } from '../extended.ts';
import { DENORMAL, INVALID, type Rules } from '../rules.ts';
import { C1, type X87Unit } from '../unit.ts';
import {
  type Load,
  loadDouble,
  loadInteger16,
  loadInteger32,
  loadSingle,
  type OperationMap,
  pushExact,
  type X87Operation,
} from './operation.ts';

export const transferOperations: OperationMap = new Map();

/** Loads. Only the shorter formats can meet exceptions. */
function pushLoaded(load: Load): X87Operation {
  return (unit, at) => {
    if (!unit.hasRoom()) return;
    const rules = unit.rules();
    const from = load(unit, at);
    if (from.kind === 'signaling') rules.flags |= INVALID;
    if (from.denormal) rules.flags |= DENORMAL;
    // A denormal is loaded though its exception may not be masked.
    if (unit.deliver(rules) || from.denormal) {
      unit.push(from.kind === 'signaling' ? quieted(from.value) : from.value);
    }
  };
}
const tenBytes = ({ view }: X87Unit, at: number): bigint =>
  view.getBigUint64(at, true) | (BigInt(view.getUint16(at + 8, true)) << 64n);

transferOperations.set('FLD ST,Md', pushLoaded(loadSingle));
transferOperations.set('FLD ST,Mq', pushLoaded(loadDouble));
transferOperations.set(
  'FLD ST,Mt',
  pushExact(({ view }, at) => ({ high: view.getUint16(at + 8, true), low: view.getBigUint64(at, true) })),
);
transferOperations.set(
  'FILD ST,Mw',
  pushExact((unit, at) => loadInteger16(unit, at).value),
);
transferOperations.set(
  'FILD ST,Md',
  pushExact((unit, at) => loadInteger32(unit, at).value),
);
transferOperations.set(
  'FILD ST,Mq',
  pushExact(({ view }, at) => fromInteger(view.getBigInt64(at, true))),
);
transferOperations.set(
  'FBLD ST,Mt',
  pushExact((unit, at) => fromBcd(tenBytes(unit, at))),
);
transferOperations.set('FLD ST,STi', (unit, i) => {
  if (unit.isEmpty(i)) {
    if (unit.stackFault()) unit.push(INDEFINITE);
  } else if (unit.hasRoom()) {
    unit.setCodes(C1, 0);
    unit.push(unit.value(i));
  }
});

/** Stores to memory of ST(0), of `size` bytes; `indefinite` is what is stored for an empty register. */
function storeTop(
  size: 2 | 4 | 8 | 10,
  indefinite: bigint,
  convert: (value: Unpacked, rules: Rules) => bigint,
  pops: boolean,
): X87Operation {
  return (unit, at) => {
    let bits = indefinite;
    if (unit.isEmpty(0)) {
      if (!unit.stackFault()) return;
    } else {
      const rules = unit.rules();
      bits = convert(unit.operand(0), rules);
      if (!unit.deliver(rules, true)) return;
    }
    unit.store(at, size, bits);
    if (pops) unit.pop();
  };
}

const integerIndefinite = (width: number): bigint => 1n << BigInt(width - 1);
const BCD_INDEFINITE = 0xffff_c000_0000_0000_0000n;
const asBits = ({ high, low }: Extended): bigint => (BigInt(high) << 64n) | low;

function addStore(
  name: string,
  size: 2 | 4 | 8 | 10,
  indefinite: bigint,
  convert: Parameters<typeof storeTop>[2],
  both: boolean,
): void {
  if (both) transferOperations.set(name, storeTop(size, indefinite, convert, false));
  const [mnemonic, operands] = name.split(' ') as [string, string];
  transferOperations.set(both ? `${mnemonic}P ${operands}` : name, storeTop(size, indefinite, convert, true));
}
addStore('FST Md,ST', 4, BINARY32.defaultNaN, (value, rules) => toBinary(value, BINARY32, rules), true);
addStore('FST Mq,ST', 8, BINARY64.defaultNaN, (value, rules) => toBinary(value, BINARY64, rules), true);
addStore('FSTP Mt,ST', 10, asBits(INDEFINITE), ({ value }) => asBits(value), false);
addStore('FBSTP Mt,ST', 10, BCD_INDEFINITE, toBcd, false);
for (const [size, letter] of [
  [2, 'w'],
  [4, 'd'],
  [8, 'q'],
] as const) {
  const width = (size * 8) as 16 | 32 | 64;
  const indefinite = integerIndefinite(width);
  const convert = (truncate: boolean) => (value: Unpacked, rules: Rules) =>
    toInteger(value, width, truncate, rules);
  if (size === 8) addStore('FISTP Mq,ST', size, indefinite, convert(false), false);
  else addStore(`FIST M${letter},ST`, size, indefinite, convert(false), true);
  addStore(`FISTTP M${letter},ST`, size, indefinite, convert(true), false);
}

/** FST ST(i) copies; an empty ST(0) is a stack fault. */
function copyTop(pops: boolean): X87Operation {
  return (unit, i) => {
    if (unit.isEmpty(0)) {
      if (!unit.stackFault()) return;
      unit.write(i, INDEFINITE);
    } else {
      unit.setCodes(C1, 0);
      unit.write(i, unit.value(0));
    }
    if (pops) unit.pop();
  };
}
transferOperations.set('FST STi,ST', copyTop(false));
transferOperations.set('FSTP STi,ST', copyTop(true));
/** D9 D8+i: an empty ST(0) is no fault, but just popped. */
transferOperations.set('FSTP1 STi,ST', (unit, i) => {
  unit.setCodes(C1, 0);
  if (!unit.isEmpty(0)) unit.write(i, unit.value(0));
  unit.pop();
});

transferOperations.set('FXCH ST,STi', (unit, i) => {
  if (unit.isEmpty(0) || unit.isEmpty(i)) {
    if (!unit.stackFault()) return;
    if (unit.isEmpty(0)) unit.write(0, INDEFINITE);
    if (unit.isEmpty(i)) unit.write(i, INDEFINITE);
  } else unit.setCodes(C1, 0);
  const [a, b] = [unit.value(0), unit.value(i)];
  unit.write(0, b);
  unit.write(i, a);
});
