import type { Decoded } from '../decode/decoder.ts';
import * as layout from '../layout.ts';
import { Body } from '../wasm/body.ts';
import { i32, i64 } from '../wasm/expressions.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { declareRuntime, functionExits } from './exits.ts';
import { type Fields, FormSite } from './site.ts';

/** Operands known when the code is generated: the translator's side of the instruction definitions. */
export function staticFields(decoded: Decoded, pageOffset: number): Fields {
  const next = pageOffset + decoded.length;
  const base = decoded.ripRelative ? layout.PAGE_BASE : decoded.base;
  const displacement = decoded.ripRelative ? decoded.displacement + BigInt(next) : decoded.displacement;
  const target = decoded.relative === undefined ? displacement : decoded.relative + BigInt(next);
  const { registers, index, scale, immediate } = decoded;
  return {
    registerSlot: (operand) => i32.const(registers[operand] as number),
    base: () => i32.const(base),
    index: () => i32.const(index),
    scale: () => i64.const(scale),
    displacement: () => i64.const(target),
    immediate: () => i64.const(immediate),
    start: () => i64.const(pageOffset),
    next: () => i64.const(next),
  };
}

/**
 * A module with one function `instruction() → status` that executes one decoded instruction with static operands. `pageOffset` is
 * the instruction's offset in its page; PAGE_BASE must be set when it runs.
 */
export function generateStaticFunction(decoded: Decoded, pageOffset: number): Uint8Array {
  const module = new ModuleBuilder();
  const runtime = declareRuntime(module);
  const callable = module.declare([], 'i32');
  const body = new Body();
  FormSite.emit(decoded.form, body, staticFields(decoded, pageOffset), functionExits(body, runtime));
  body.unreachable();
  module.define(callable, body);
  module.export('instruction', callable);
  return module.finish();
}
