import * as layout from '../layout.ts';
import { Body, type Callable } from '../wasm/body.ts';
import { type I32, i32, i64 } from '../wasm/expressions.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import * as entry from './call-entry.ts';
import { returnStep } from './main-loop.ts';
import * as record from './record.ts';

const ZERO_ADDRESS = i32.const(0);
const RSP = layout.GPR + 4 * 8;

/** An out-of-line function `(record) → Status`: logs that a function is entered. */
export function logEntry(module: ModuleBuilder, logged: Callable<undefined>): Callable {
  return logger(module, logged, entry.CallEntry.Call, entry.CALL_REGISTERS);
}

/** An out-of-line function `(record) → Status`: logs that a function is about to return. */
export function logReturn(module: ModuleBuilder, logged: Callable<undefined>): Callable {
  return logger(module, logged, entry.CallEntry.Return, entry.RESULT_REGISTERS);
}

function logger(
  module: ModuleBuilder,
  logged: Callable<undefined>,
  kind: number,
  registers: readonly number[],
): Callable {
  const callable = module.declare(['i32'], 'i32');
  const body = new Body(['i32']);
  const at = body.parameters[0]?.get as I32;
  const next = body.let32(i32.load(ZERO_ADDRESS, layout.CALL_LOG_NEXT));
  // The step that the main loop has taken is the next record's.
  const left = i64.add(i64.load32u(ZERO_ADDRESS, layout.BUDGET), i64.const(1));
  const position = i64.sub(i64.load(ZERO_ADDRESS, layout.CALL_LOG_SLICE_END), left);
  body.store32(next, i32.const(kind), entry.KIND);
  body.store32(next, i32.load(at, record.LINK), entry.DETAIL);
  body.store64(next, position, entry.POSITION);
  body.store64(next, i64.load(ZERO_ADDRESS, RSP), entry.STACK_POINTER);
  for (const [index, slot] of registers.entries()) {
    body.store64(next, i64.load(ZERO_ADDRESS, slot), entry.REGISTERS + 8 * index);
  }
  const after = body.let32(i32.add(next, i32.const(entry.entrySize(registers))));
  body.store32(ZERO_ADDRESS, after, layout.CALL_LOG_NEXT);
  const isFull = i32.geU(after, i32.load(ZERO_ADDRESS, layout.CALL_LOG_LIMIT));
  body.if(i32.or(isFull, i32.load8u(at, record.SCALE)), () => body.run(logged));
  returnStep(body);
  body.unreachable();
  module.define(callable, body);
  return callable;
}
