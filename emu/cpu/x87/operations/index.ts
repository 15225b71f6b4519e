import { arithmeticOperations } from './arithmetic.ts';
import { compareOperations } from './compare.ts';
import { constantOperations } from './constants.ts';
import { controlOperations } from './control.ts';
import type { X87Operation } from './operation.ts';
import { transcendentalOperations } from './transcendental.ts';
import { transferOperations } from './transfer.ts';

const operations: ReadonlyMap<string, X87Operation> = new Map([
  ...arithmeticOperations,
  ...transferOperations,
  ...constantOperations,
  ...compareOperations,
  ...controlOperations,
  ...transcendentalOperations,
]);
const names = [...operations.keys()];

/** All operations; generated code names them by their index. */
export const X87_OPERATIONS: readonly X87Operation[] = [...operations.values()];

/** The index of an operation by its mnemonic and, where there are several, its operands as the instruction table has them. */
export function x87OperationIndex(name: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new RangeError(`there is no x87 operation ${name}`);
  return index;
}
