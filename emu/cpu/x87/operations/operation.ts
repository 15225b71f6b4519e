import { BINARY32, BINARY64 } from '../../float/format.ts';
import { fromBinary, fromInteger } from '../conversions.ts';
import { type Extended, type Unpacked, unpack } from '../extended.ts';
import { C1, type X87Unit } from '../unit.ts';

/**
 * What an instruction does. `operand` is the index of its register ST(i), or the offset of its memory operand's bytes, which has been
 * checked for the access; 0 where it has none.
 */
export type X87Operation = (unit: X87Unit, operand: number) => void;

/** Operations by the mnemonic and, where there are several, its operands as the instruction table has them. */
export type OperationMap = Map<string, X87Operation>;

/** A memory operand as a number. */
export type Load = (unit: X87Unit, at: number) => Unpacked;

export const loadSingle: Load = ({ view }, at) => fromBinary(BigInt(view.getUint32(at, true)), BINARY32);
export const loadDouble: Load = ({ view }, at) => fromBinary(view.getBigUint64(at, true), BINARY64);
export const loadInteger16: Load = ({ view }, at) => unpack(fromInteger(BigInt(view.getInt16(at, true))));
export const loadInteger32: Load = ({ view }, at) => unpack(fromInteger(BigInt(view.getInt32(at, true))));

/** Loads what can meet no exception. */
export function pushExact(load: (unit: X87Unit, at: number) => Extended): X87Operation {
  return (unit, at) => {
    if (!unit.hasRoom()) return;
    unit.setCodes(C1, 0);
    unit.push(load(unit, at));
  };
}
