import { INDEFINITE } from '../extended.ts';
import {
  initialize,
  STATUS_BUSY,
  STATUS_EXCEPTIONS,
  STATUS_STACK_FAULT,
  setControlWord,
  setStatusWord,
  statusWord,
} from '../register-file.ts';
import { C1, type X87Unit } from '../unit.ts';
import type { OperationMap } from './operation.ts';

export const controlOperations: OperationMap = new Map();

/** FCMOVcc, whose condition the generated code has tested: `holds`. */
export function conditionalMove(unit: X87Unit, i: number, holds: boolean): void {
  if (unit.isEmpty(0) || unit.isEmpty(i)) {
    if (unit.stackFault()) unit.write(0, INDEFINITE);
  } else if (holds) unit.write(0, unit.value(i));
}
controlOperations.set('FCMOV taken', (unit, i) => conditionalMove(unit, i, true));
controlOperations.set('FCMOV not taken', (unit, i) => conditionalMove(unit, i, false));

controlOperations.set('FFREE STi', (unit, i) => {
  unit.setCodes(C1, 0);
  unit.free(i);
});
controlOperations.set('FFREEP STi', (unit, i) => {
  unit.setCodes(C1, 0);
  unit.free(i);
  unit.pop();
});
controlOperations.set('FINCSTP', (unit) => {
  unit.setCodes(C1, 0);
  unit.turn(1);
});
controlOperations.set('FDECSTP', (unit) => {
  unit.setCodes(C1, 0);
  unit.turn(-1);
});
controlOperations.set('FNOP', () => {});
controlOperations.set('FNINIT', ({ state }) => initialize(state));
controlOperations.set('FNCLEX', ({ state }) =>
  setStatusWord(state, statusWord(state) & ~(STATUS_EXCEPTIONS | STATUS_STACK_FAULT | STATUS_BUSY)),
);
controlOperations.set('FLDCW Mw', ({ state, view }, at) => setControlWord(state, view.getUint16(at, true)));
