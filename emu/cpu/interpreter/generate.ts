import * as layout from '../layout.ts';
import { ATTRIBUTE_UNUSABLE } from '../system/descriptor.ts';
import { Vector } from '../system/exception.ts';
import { Status } from '../system/status.ts';
import type { Form } from '../table/form.ts';
import { Body, type Callable } from '../wasm/body.ts';
import { type I32, i32, i64 } from '../wasm/expressions.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { countedExits, countFault, uncountExecution } from './count-executions.ts';
import { declareRuntime, functionExits, type Runtime, recordFields, STATUS_AGAIN } from './exits.ts';
import { logEntry, logReturn } from './log-calls.ts';
import { LoopExit, mainLoop, returnStep, storeInstructionPointer } from './main-loop.ts';
import * as record from './record.ts';
import { FormSite } from './site.ts';

/** Why the generated `run` returned. Shadow and Halt are the system helpers' statuses. */
export const RunExit = {
  /** The budget is used up. */
  Budget: LoopExit.Budget,
  /** The instruction at RIP faulted; its step is taken and is the delivery's. */
  Fault: LoopExit.Fault,
  Shadow: Status.Shadow,
  Halt: Status.Halt,
  Breakpoint: 33,
  /** Fetching at RIP faulted; no step is taken. */
  FetchFault: 32,
} as const;

/** What the module is made with. */
export interface InterpreterOptions {
  /** Out-of-line code for breakpoints (the default). Without it a breakpoint traps: such a module measures what they cost. */
  readonly breakpoints?: boolean;
  /** Counts in the records how often each instruction is executed and each conditional branch taken (not, if not given). */
  readonly counting?: boolean;
}

interface EngineImports {
  /** () → the record for RIP, or 0 with a fault recorded. */
  readonly decode: Callable<'i32'>;
  /** (record) → 0 when a page-crossing instruction must be decoded anew. */
  readonly cross: Callable<'i32'>;
  /** (record) → status: raises #UD for bytes that decode to nothing. */
  readonly undefinedInstruction: Callable<'i32'>;
  /** The call log is full, or the host wants to look at its last entry. */
  readonly callLogged: Callable<undefined>;
  /** (record) → status: asks the host at a breakpoint of its own, which passes it or ends the run. */
  readonly hostBreakpoint: Callable<'i32'>;
  /** (record) → status: raises #DB where the guest's debug registers have a breakpoint, or passes it. */
  readonly instructionBreakpoint: Callable<'i32'>;
}

/**
 * Generates the interpreter's module: `run(budget: i32) → RunExit`. The main loop holds the hot forms; every form also has an
 * out-of-line function, which knows the slow paths and the system helpers.
 */
export function generateInterpreter(forms: readonly Form[], options: InterpreterOptions = {}): Uint8Array {
  const module = new ModuleBuilder();
  const runtime = declareRuntime(module);
  const engine: EngineImports = {
    decode: module.import('decode', [], 'i32'),
    cross: module.import('cross', ['i32'], 'i32'),
    undefinedInstruction: module.import('undefinedInstruction', ['i32'], 'i32'),
    callLogged: module.import('callLogged', [], undefined),
    hostBreakpoint: module.import('hostBreakpoint', ['i32'], 'i32'),
    instructionBreakpoint: module.import('instructionBreakpoint', ['i32'], 'i32'),
  };
  const hot = forms.filter((form) => form.hot);
  const counting = options.counting ?? false;
  module.table([
    ...forms.map((form) => outOfLine(module, form, runtime, counting)),
    engine.undefinedInstruction,
    breakpoint(module, engine.hostBreakpoint, options.breakpoints ?? true),
    engine.instructionBreakpoint,
    segmentGuard(module),
    nullSegmentGuard(module),
    logEntry(module, engine.callLogged),
    logReturn(module, engine.callLogged),
  ]);
  const loop = module.declare(['i32', 'i32'], 'i32');
  module.define(loop, mainLoop(hot, counting));
  const run = module.declare(['i32'], 'i32');
  module.define(run, driver(module, loop, engine, counting));
  module.export('run', run);
  return module.finish();
}

/** An out-of-line function `(record: i32) → Status` for one form. */
function outOfLine(module: ModuleBuilder, form: Form, runtime: Runtime, counting: boolean): Callable {
  const callable = module.declare(['i32'], 'i32');
  const body = new Body(['i32']);
  const at = body.parameters[0]?.get as I32;
  const exits = functionExits(body, runtime);
  FormSite.emit(form, body, recordFields(at), counting ? countedExits(form, exits, body, at) : exits);
  body.unreachable();
  module.define(callable, body);
  return callable;
}

const ZERO_ADDRESS = i32.const(0);

/** An out-of-line function `(record: i32) → Status or RunExit`: passes the breakpoint when it has been reported, else asks the host. */
function breakpoint(module: ModuleBuilder, ask: Callable<'i32'>, compiledIn: boolean): Callable {
  const callable = module.declare(['i32'], 'i32');
  const body = new Body(['i32']);
  const at = body.parameters[0]?.get as I32;
  if (compiledIn) {
    body.if(i32.load(ZERO_ADDRESS, layout.BREAK_PASSED), () => {
      body.store32(ZERO_ADDRESS, i32.const(0), layout.BREAK_PASSED);
      returnStep(body);
    });
    storeInstructionPointer(body, at);
    body.return(body.call(ask, at));
  }
  body.unreachable();
  module.define(callable, body);
  return callable;
}

function raiseGeneralProtection(body: Body): void {
  body.store32(ZERO_ADDRESS, i32.const(Vector.GeneralProtection), layout.FAULT_VECTOR);
  body.store32(ZERO_ADDRESS, i32.const(0), layout.FAULT_ERROR);
  body.store32(ZERO_ADDRESS, i32.const(1), layout.FAULT_HAS_ERROR);
  body.return(i32.const(Status.Fault));
}

/** `(record) → Status`: #GP(0) when the instruction's bytes lie beyond the code segment; else notes its memory operand's segment. */
function segmentGuard(module: ModuleBuilder): Callable {
  const callable = module.declare(['i32'], 'i32');
  const body = new Body(['i32']);
  const at = body.parameters[0]?.get as I32;
  const limit = layout.SEGMENTS + layout.SEGMENT_SIZE + layout.SEGMENT_LIMIT;
  const next = i64.add(i64.load(ZERO_ADDRESS, layout.PAGE_BASE), i64.load16u(at, record.NEXT));
  const last = i64.and(i64.sub(next, i64.const(1)), i64.const(0xffff_ffff));
  body.if(i64.gtU(last, i64.load32u(ZERO_ADDRESS, limit)), () => raiseGeneralProtection(body));
  body.store32(ZERO_ADDRESS, i32.load16u(at, record.REGISTER0), layout.ACCESS_SEGMENT);
  returnStep(body);
  body.unreachable();
  module.define(callable, body);
  return callable;
}

/** `(record) → Status`: #GP(0) when the segment of the memory operand that follows is null. */
function nullSegmentGuard(module: ModuleBuilder): Callable {
  const callable = module.declare(['i32'], 'i32');
  const body = new Body(['i32']);
  const at = body.parameters[0]?.get as I32;
  const slot = i32.mul(i32.load16u(at, record.REGISTER0), i32.const(layout.SEGMENT_SIZE));
  const attributes = i32.load(slot, layout.SEGMENTS + layout.SEGMENT_ATTRIBUTES);
  body.if(i32.and(attributes, i32.const(ATTRIBUTE_UNUSABLE)), () => raiseGeneralProtection(body));
  returnStep(body);
  body.unreachable();
  module.define(callable, body);
  return callable;
}

/** Runs the main loop, and between its turns what it leaves to others. */
function driver(
  module: ModuleBuilder,
  loop: Callable<'i32'>,
  engine: EngineImports,
  counting: boolean,
): Body {
  const body = new Body(['i32']);
  const budget = body.parameters[0]?.get as I32;
  const at = body.local('i32');
  const exit = body.local('i32');
  body.store32(ZERO_ADDRESS, budget, layout.BUDGET);
  body.set(at, i32.const(0));
  body.loop((drive) => {
    body.set(exit, body.call(loop, at.get, i32.load(ZERO_ADDRESS, layout.BUDGET)));
    body.set(at, i32.load(ZERO_ADDRESS, layout.RECORD));
    body.if(i32.eq(exit.get, i32.const(LoopExit.OutOfLine)), () => {
      const type = module.type(['i32'], 'i32');
      const status = body.let32(body.callIndirect<'i32'>(type, i32.load(at.get, record.AUXILIARY), at.get));
      body.if(i32.eq(status, i32.const(STATUS_AGAIN)), () => {
        const left = i32.load(ZERO_ADDRESS, layout.BUDGET);
        body.if(i32.eqz(left), () => body.store32(ZERO_ADDRESS, i32.const(1), layout.REPEATING));
        // It goes on as if it began.
        if (counting) uncountExecution(body, at.get);
        body.br(drive);
      });
      body.if(i32.eqz(status), () => {
        body.set(at, i32.add(at.get, i32.const(record.RECORD_SIZE)));
        body.br(drive);
      });
      body.if(i32.eq(status, i32.const(Status.Lookup)), () => {
        body.set(at, i32.const(0));
        body.br(drive);
      });
      body.if(i32.eq(status, i32.const(Status.Fault)), () => {
        if (counting) countFault(body, at.get);
        storeInstructionPointer(body, at.get);
        body.return(i32.const(RunExit.Fault));
      });
      body.return(status);
    });
    body.if(i32.eq(exit.get, i32.const(LoopExit.Decode)), () => {
      // A fetch belongs to the step that it is for: without one it has no effects yet.
      body.if(i32.eqz(i32.load(ZERO_ADDRESS, layout.BUDGET)), () => body.return(i32.const(RunExit.Budget)));
      body.set(at, body.call(engine.decode));
      body.brIf(drive, at.get);
      body.return(i32.const(RunExit.FetchFault));
    });
    body.if(i32.eq(exit.get, i32.const(LoopExit.Cross)), () => {
      body.if(
        body.call(engine.cross, at.get),
        () => body.set(at, i32.add(at.get, i32.const(record.RECORD_SIZE))),
        () => {
          storeInstructionPointer(body, at.get);
          body.set(at, i32.const(0));
        },
      );
      body.br(drive);
    });
  });
  body.return(exit.get);
  body.unreachable();
  return body;
}
