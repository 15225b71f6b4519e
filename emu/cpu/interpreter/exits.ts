import * as layout from '../layout.ts';
import { Status } from '../system/status.ts';
import type { Body, Label, Local } from '../wasm/body.ts';
import { type I32, type I64, i32, i64 } from '../wasm/expressions.ts';
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
  /** Starts the record in `record` without taking a step. */
  readonly continue: Label;
  readonly lookup: Label;
  /** Leaves with the recorded fault of the instruction in `record`. */
  readonly fault: Label;
}

/** Exits of a handler inside the main loop. */
export function loopExits(body: Body, loop: MainLoop): Exits {
  const saveBudget = (): void => body.store32(i32.const(0), loop.budget.get, layout.BUDGET);
  const loadBudget = (): void => body.set(loop.budget, i32.load(i32.const(0), layout.BUDGET));
  const exits: Exits = {
    tlb: loop.tlb.get,
    budget: loop.budget.get,
    setBudget: (value) => body.set(loop.budget, value),
    saveBudget,
    loadBudget,
    next: () => {
      body.set(loop.record, i32.add(loop.record.get, i32.const(record.RECORD_SIZE)));
      body.br(loop.step);
    },
    fault: () => body.br(loop.fault),
    lookup: () => body.br(loop.lookup),
    again: () => body.br(loop.step),
    status: (status) => {
      body.set(loop.tlb, i32.load(i32.const(0), layout.TLB_BASE));
      body.if(i32.eqz(status), () => exits.next());
      body.brIf(loop.lookup, i32.eq(status, i32.const(Status.Lookup)));
      body.return(status);
    },
    branch: (target: I64) => {
      const link = body.let32(i32.load(loop.record.get, record.LINK));
      body.if(i32.gtU(link, i32.const(record.LINK_NEVER)), () => {
        body.set(loop.record, link);
        body.br(loop.step);
      });
      body.if(i32.eqz(link), () => body.set(loop.link, loop.record.get));
      body.store64(i32.const(0), target, layout.RIP);
      body.br(loop.lookup);
    },
  };
  return exits;
}

/** What an out-of-line function answers besides `Status`: this instruction again, as a new step. */
export const STATUS_AGAIN = 5;

/** Exits of a function that implements one instruction and returns a status. The budget is kept in its slot. */
export function functionExits(body: Body): Exits {
  const leave = (status: number) => () => body.return(i32.const(status));
  return {
    tlb: i32.load(i32.const(0), layout.TLB_BASE),
    budget: i32.load(i32.const(0), layout.BUDGET),
    setBudget: (value) => body.store32(i32.const(0), value, layout.BUDGET),
    saveBudget: () => {},
    loadBudget: () => {},
    next: leave(Status.Next),
    fault: leave(Status.Fault),
    lookup: leave(Status.Lookup),
    again: leave(STATUS_AGAIN),
    status: (status) => body.return(status),
    branch: (target) => {
      body.store64(i32.const(0), target, layout.RIP);
      body.return(i32.const(Status.Lookup));
    },
  };
}
