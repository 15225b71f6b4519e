import * as layout from '../layout.ts';
import { SYSTEM_HELPER_ARITY } from '../system/contract.ts';
import { Status } from '../system/status.ts';
import type { MemoryAccess } from '../table/site.ts';
import { VECTOR_HELPER_ARITY } from '../vector/contract.ts';
import type { Body, Callable, Label, Local } from '../wasm/body.ts';
import { type I32, type I64, i32, i64 } from '../wasm/expressions.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { X87_HELPER_ARITY } from '../x87/contract.ts';
import * as record from './record.ts';
import type { Exits, Fields } from './site.ts';

/** Fields read from the record that `at` points to: the interpreter's dynamic operands. */
export function recordFields(at: I32): Fields {
  const registers = [record.REGISTER0, record.REGISTER1, record.REGISTER2];
  return {
    registerSlot: (index) => i32.load16u(at, registers[index] as number),
    base: () => i32.load16u(at, record.BASE),
    index: () => i32.load16u(at, record.INDEX),
    scale: () => i64.load8u(at, record.SCALE),
    displacement: () => i64.load(at, record.DISPLACEMENT),
    immediate: () => i64.load(at, record.IMMEDIATE),
    start: () => i64.load16u(at, record.OFFSET),
    next: () => i64.load16u(at, record.NEXT),
  };
}

/** The locals and labels of the interpreter's main loop. */
export interface MainLoop {
  readonly record: Local<'i32'>;
  readonly budget: Local<'i32'>;
  readonly tlb: Local<'i32'>;
  /** The jump record that is to be linked to the record the next lookup finds, or 0. */
  readonly link: Local<'i32'>;
  /** Starts the record in `record` as a new step. */
  readonly step: Label;
  /** Starts the next repetition of the instruction in `record` as a new step. */
  readonly repeat: Label;
  /** Looks up RIP; `record` is 0 then. */
  readonly lookup: Label;
  /** Leaves the loop to run the instruction in `record` out of line. */
  readonly outOfLine: Label;
  /** Leaves with the recorded fault of the instruction in `record`. */
  readonly fault: Label;
}

/**
 * Exits of a handler inside the main loop, which calls nothing: a call would make V8 keep the loop's variables in memory. An access that
 * misses the TLB has changed nothing yet, so the whole instruction is run again by its out-of-line function.
 */
export function loopExits(body: Body, loop: MainLoop): Exits {
  const notHot = (): never => {
    throw new RangeError('an instruction that needs a system helper cannot live in the main loop');
  };
  const lookup = (): void => {
    body.set(loop.record, i32.const(0));
    body.br(loop.lookup);
  };
  return {
    tlb: loop.tlb.get,
    budget: loop.budget.get,
    setBudget: (value) => body.set(loop.budget, value),
    next: () => {
      body.set(loop.record, i32.add(loop.record.get, i32.const(record.RECORD_SIZE)));
      body.br(loop.step);
    },
    fault: () => body.br(loop.fault),
    lookup,
    again: () => {
      body.if(i32.eqz(loop.budget.get), () => body.store32(i32.const(0), i32.const(1), layout.REPEATING));
      body.br(loop.repeat);
    },
    miss: () => body.br(loop.outOfLine),
    rarely: (condition) => body.brIf(loop.outOfLine, condition),
    commit: () => {},
    status: notHot,
    helper: notHot,
    branch: (target: I64) => {
      const link = body.let32(i32.load(loop.record.get, record.LINK));
      body.if(i32.gtU(link, i32.const(record.LINK_NEVER)), () => {
        body.set(loop.record, link);
        body.br(loop.step);
      });
      body.if(i32.eqz(link), () => body.set(loop.link, loop.record.get));
      body.store64(i32.const(0), target, layout.RIP);
      lookup();
    },
  };
}

/** What an out-of-line function answers besides `Status`: this instruction again, as a new step. */
export const STATUS_AGAIN = 5;

/** Imports that out-of-line functions call. */
export interface Runtime {
  /** Slow paths: (address low, high, size, through SS) → offset of the bytes in linear memory, or 0 with a fault recorded. */
  readonly slow: Readonly<Record<MemoryAccess, Callable<'i32'>>>;
  /** Copies the bounce buffer where it belongs. */
  readonly commit: Callable<undefined>;
  readonly helpers: ReadonlyMap<string, Callable<'i32'>>;
}

const HELPER_ARITY: Readonly<Record<string, number>> = {
  ...SYSTEM_HELPER_ARITY,
  ...VECTOR_HELPER_ARITY,
  ...X87_HELPER_ARITY,
};

/** Declares the imports of out-of-line functions. */
export function declareRuntime(module: ModuleBuilder): Runtime {
  const helpers = new Map<string, Callable<'i32'>>();
  for (const [name, arity] of Object.entries(HELPER_ARITY)) {
    helpers.set(name, module.import(name, new Array<'i32'>(arity).fill('i32'), 'i32'));
  }
  const slowPath = (name: string): Callable<'i32'> =>
    module.import(name, ['i32', 'i32', 'i32', 'i32'], 'i32');
  return {
    helpers,
    commit: module.import('commitBounce', [], undefined),
    slow: { read: slowPath('readSlow'), write: slowPath('writeSlow'), modify: slowPath('modifySlow') },
  };
}

/** Exits of a function that implements one instruction and returns a status. The budget is kept in its slot. */
export function functionExits(body: Body, runtime: Runtime): Exits {
  const leave = (status: number) => () => body.return(i32.const(status));
  return {
    tlb: i32.load(i32.const(0), layout.TLB_BASE),
    budget: i32.load(i32.const(0), layout.BUDGET),
    setBudget: (value) => body.store32(i32.const(0), value, layout.BUDGET),
    next: leave(Status.Next),
    fault: leave(Status.Fault),
    lookup: leave(Status.Lookup),
    again: leave(STATUS_AGAIN),
    status: (status) => body.return(status),
    miss: (pointer, access, address, size, stack) => {
      const high = i32.wrap(i64.shrU(address, i64.const(32)));
      body.set(pointer, body.call(runtime.slow[access], i32.wrap(address), high, i32.const(size), stack));
      body.if(i32.eqz(pointer.get), leave(Status.Fault));
    },
    rarely: (condition, write) =>
      body.if(condition, () => {
        write();
        body.return(i32.const(Status.Next));
      }),
    commit: (pointer) => body.if(i32.eq(pointer, i32.const(layout.BOUNCE)), () => body.run(runtime.commit)),
    helper: (name, operands) => {
      const callee = runtime.helpers.get(name);
      if (callee === undefined || HELPER_ARITY[name] !== operands.length) {
        throw new RangeError(`no system helper ${name} with ${operands.length} operands`);
      }
      return body.call(callee, ...operands);
    },
    branch: (target) => {
      body.store64(i32.const(0), target, layout.RIP);
      body.return(i32.const(Status.Lookup));
    },
  };
}
