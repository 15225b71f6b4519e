import type { Type } from '../../symbols/index.ts';
import type { CValue, Place } from './values.ts';

/** Where an expression is evaluated: the names in scope, and the guest behind them. */
export interface ExpressionContext {
  /**
   * A variable, function or enumerator; undefined when nothing has the name. `scope` is the file or function written before `::`;
   * an empty one asks for what is global. `program` is what `prog:ksh:` or `kernel:` names. A variable whose value is lost is found, and throws when it is read.
   */
  variable(name: string, scope: string | undefined, program?: string): CValue | undefined;
  /** A register (`rip`), a value of before (`1`, `$`), or a variable of the debugger; undefined when there is none. */
  register(name: string): CValue | undefined;
  /** A type by name: `struct proc`, `pid_t`, `unsigned long`. */
  type(name: string): Type | undefined;
  /** Whether a name is a typedef's in scope, and no variable's. */
  isTypeName(name: string): boolean;
  /** Exactly `size` bytes of guest memory, or undefined. */
  readMemory(address: bigint, size: number): Uint8Array | undefined;
  /** Writes a value; its bytes are as long as its type says. Throws ExpressionError 'read-only' and 'unmapped'. */
  write(place: Place, value: CValue): void;
}
