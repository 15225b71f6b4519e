import * as layout from '../layout.ts';
import { SYSTEM_HELPER_ARITY, type SystemHelperName } from '../system/contract.ts';
import { Status } from '../system/status.ts';
import type { Form } from '../table/form.ts';
import { Body, type Callable, type Label } from '../wasm/body.ts';
import { type I32, type I64, i32, i64 } from '../wasm/expressions.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { functionExits, loopExits, type MainLoop, recordFields, STATUS_AGAIN } from './exits.ts';
import * as record from './record.ts';
import { FormSite, type Runtime } from './site.ts';

/** Why the generated `run` returned. Shadow and Halt are the system helpers' statuses. */
export const RunExit = {
  /** The budget is used up. */
  Budget: 0,
  /** The instruction at RIP faulted; its step is taken and is the delivery's. */
  Fault: 1,
  Shadow: Status.Shadow,
  Halt: Status.Halt,
  /** Fetching at RIP faulted; no step is taken. */
  FetchFault: 16,
  Breakpoint: 17,
} as const;

/**
 * Names of the imports that are not system helpers. `decode()` returns the record for RIP, or 0 with a fault recorded;
 * `cross(record)` checks a page-crossing instruction again, and returns 0 when it must be decoded anew;
 * `undefinedInstruction(record)` raises #UD for bytes that decode to nothing, and returns a status.
 */
export const ENGINE_IMPORTS = [
  'decode',
  'cross',
  'undefinedInstruction',
  'commitBounce',
  'readSlow',
  'writeSlow',
  'modifySlow',
] as const;

interface EngineImports {
  readonly decode: Callable<'i32'>;
  readonly cross: Callable<'i32'>;
  readonly undefinedInstruction: Callable<'i32'>;
}

/** Declares the imports and the small functions that sites call. */
export function declareRuntime(module: ModuleBuilder): Runtime & EngineImports {
  const helpers = new Map<string, Callable<'i32'>>();
  for (const [name, arity] of Object.entries(SYSTEM_HELPER_ARITY)) {
    helpers.set(name, module.import(name, new Array<'i32'>(arity).fill('i32'), 'i32'));
  }
  const decode = module.import('decode', [], 'i32');
  const cross = module.import('cross', ['i32'], 'i32');
  const undefinedInstruction = module.import('undefinedInstruction', ['i32'], 'i32');
  const commit = module.import('commitBounce', [], undefined);
  const imported = (name: string): Callable<'i32'> =>
    module.import(name, ['i32', 'i32', 'i32', 'i32'], 'i32');
  const slow = { read: imported('readSlow'), write: imported('writeSlow'), modify: imported('modifySlow') };
  const split = (callee: Callable<'i32'>): Callable<'i32'> => {
    const declared = module.declare(['i64', 'i32', 'i32'], 'i32');
    const body = new Body(['i64', 'i32', 'i32']);
    const [address, size, stack] = body.parameters;
    const low = i32.wrap(address?.get as I64);
    const high = i32.wrap(i64.shrU(address?.get as I64, i64.const(32)));
    body.return(body.call(callee, low, high, size?.get as I32, stack?.get as I32));
    body.unreachable();
    module.define(declared, body);
    return declared;
  };
  return {
    decode,
    cross,
    undefinedInstruction,
    commit,
    slow: { read: split(slow.read), write: split(slow.write), modify: split(slow.modify) },
    helper: (name, operands) => {
      const found = helpers.get(name);
      if (found === undefined || SYSTEM_HELPER_ARITY[name as SystemHelperName] !== operands) {
        throw new RangeError(`no system helper ${name} with ${operands} operands`);
      }
      return found;
    },
  };
}

/**
 * Generates the interpreter's module: `run(budget: i32) → RunExit`, a loop around a `br_table` over the hot forms; all other
 * forms are out-of-line functions in the module's table. Numbers the forms (`Form.index`).
 */
export function generateInterpreter(forms: readonly Form[], memoryPages: number): Uint8Array {
  const module = new ModuleBuilder(memoryPages);
  const runtime = declareRuntime(module);
  const hot = forms.filter((form) => form.hot);
  const rare = forms.filter((form) => !form.hot);
  hot.forEach((form, index) => {
    form.index = record.FIRST_FORM_HANDLER + index;
  });
  rare.forEach((form, index) => {
    form.index = index;
  });
  module.table([...rare.map((form) => rareFunction(module, form, runtime)), runtime.undefinedInstruction]);
  const run = module.declare(['i32'], 'i32');
  module.define(run, mainLoop(module, hot, runtime));
  module.export('run', run);
  return module.finish();
}

/** An out-of-line function `(record: i32) → Status` for one form. */
function rareFunction(module: ModuleBuilder, form: Form, runtime: Runtime): Callable {
  const callable = module.declare(['i32'], 'i32');
  const body = new Body(['i32']);
  FormSite.emit(form, body, recordFields(body.parameters[0]?.get as I32), functionExits(body), runtime);
  body.unreachable();
  module.define(callable, body);
  return callable;
}

const ZERO_ADDRESS = i32.const(0);

function mainLoop(
  module: ModuleBuilder,
  hot: readonly Form[],
  runtime: ReturnType<typeof declareRuntime>,
): Body {
  const body = new Body(['i32']);
  const budget = body.parameters[0] as MainLoop['budget'];
  const at = body.local('i32');
  const tlb = body.local('i32');
  const link = body.local('i32');
  const setRip = (): void =>
    body.store64(
      ZERO_ADDRESS,
      i64.add(i64.load(ZERO_ADDRESS, layout.PAGE_BASE), i64.load16u(at.get, record.OFFSET)),
      layout.RIP,
    );
  const leave = (exit: number): void => {
    body.store32(ZERO_ADDRESS, budget.get, layout.BUDGET);
    body.return(i32.const(exit));
  };
  body.block((fetchFault) => {
    body.block((fault) => {
      body.set(tlb, i32.load(ZERO_ADDRESS, layout.TLB_BASE));
      body.loop((lookup) => {
        body.scope(() => findRecord(body, { at, link, budget, fetchFault, runtime }));
        body.loop((step) => {
          body.if(i32.eqz(budget.get), () => {
            setRip();
            leave(RunExit.Budget);
          });
          body.set(budget, i32.sub(budget.get, i32.const(1)));
          body.loop((again) => {
            const loop: MainLoop = { record: at, budget, tlb, link, step, continue: again, lookup, fault };
            dispatch(module, body, loop, hot, runtime, setRip, leave);
          });
        });
      });
    });
    setRip();
    leave(RunExit.Fault);
  });
  leave(RunExit.FetchFault);
  body.unreachable();
  return body;
}

/** Finds the record for RIP: through the instruction TLB and the page's map, else by decoding. */
function findRecord(
  body: Body,
  loop: {
    at: MainLoop['record'];
    link: MainLoop['link'];
    budget: MainLoop['budget'];
    fetchFault: Label;
    runtime: { decode: Callable<'i32'> };
  },
): void {
  const { at, link, budget } = loop;
  const rip = body.let64(i64.load(ZERO_ADDRESS, layout.RIP));
  const codeSegmentBase = layout.SEGMENTS + layout.SEGMENT_SIZE + layout.SEGMENT_BASE;
  const linear = body.let64(i64.add(rip, i64.load(ZERO_ADDRESS, codeSegmentBase)));
  const entry = body.let32(
    i32.and(
      i32.wrap(i64.shrU(linear, i64.const(12 - Math.log2(layout.ITLB_ENTRY_SIZE)))),
      i32.const((layout.ITLB_ENTRIES - 1) * layout.ITLB_ENTRY_SIZE),
    ),
  );
  const offset = body.let64(i64.and(linear, i64.const(0xfff)));
  const tag = i64.or(i64.xor(linear, offset), i64.load(ZERO_ADDRESS, layout.FETCH_TAG));
  body.set(at, i32.const(0));
  body.if(i64.eq(i64.load(entry, layout.ITLB + layout.ITLB_TAG), tag), () => {
    const map = i32.load(entry, layout.ITLB + layout.ITLB_MAP);
    body.set(at, i32.load(i32.add(map, i32.shl(i32.wrap(offset), i32.const(2)))));
  });
  body.if(
    i32.eqz(at.get),
    () => {
      body.store32(ZERO_ADDRESS, budget.get, layout.BUDGET);
      body.set(at, body.call(loop.runtime.decode));
      body.brIf(loop.fetchFault, i32.eqz(at.get));
    },
    () => {
      body.store64(ZERO_ADDRESS, i64.sub(rip, offset), layout.PAGE_BASE);
      body.if(link.get, () => body.store32(link.get, at.get, record.LINK));
    },
  );
  body.set(link, i32.const(0));
}

function dispatch(
  module: ModuleBuilder,
  body: Body,
  loop: MainLoop,
  hot: readonly Form[],
  runtime: ReturnType<typeof declareRuntime>,
  setRip: () => void,
  leave: (exit: number) => void,
): void {
  const { record: at, budget } = loop;
  const exits = loopExits(body, loop);
  const undoStep = (): void => body.set(budget, i32.add(budget.get, i32.const(1)));
  const advance = (): void => {
    body.set(at, i32.add(at.get, i32.const(record.RECORD_SIZE)));
    body.br(loop.continue);
  };
  const lookupHere = (): void => {
    undoStep();
    setRip();
    body.br(loop.lookup);
  };
  const effectiveAddress = (legacy: boolean) => (): void => {
    const { base, index, scale, displacement, immediate, registerSlot } = recordFields(at.get);
    const offset = i64.and(
      i64.add(i64.add(i64.load(base()), i64.shl(i64.load(index()), scale())), displacement()),
      immediate(),
    );
    const linear = i64.add(offset, i64.load(registerSlot(0)));
    body.store64(ZERO_ADDRESS, legacy ? i64.and(linear, i64.const(0xffff_ffff)) : linear, layout.EA);
    advance();
  };
  const handlers: (() => void)[] = [];
  handlers[record.HANDLER_LOOKUP] = lookupHere;
  handlers[record.HANDLER_BREAK] = () => {
    body.if(i32.load(ZERO_ADDRESS, layout.BREAK_PASSED), () => {
      body.store32(ZERO_ADDRESS, i32.const(0), layout.BREAK_PASSED);
      advance();
    });
    undoStep();
    setRip();
    leave(RunExit.Breakpoint);
  };
  handlers[record.HANDLER_CROSS] = () => {
    body.if(body.call(runtime.cross, at.get), advance);
    lookupHere();
  };
  handlers[record.HANDLER_ADDRESS] = effectiveAddress(false);
  handlers[record.HANDLER_ADDRESS_LEGACY] = effectiveAddress(true);
  handlers[record.HANDLER_RARE] = () => {
    exits.saveBudget();
    const type = module.type(['i32'], 'i32');
    const status = body.let32(body.callIndirect<'i32'>(type, i32.load(at.get, record.AUXILIARY), at.get));
    exits.loadBudget();
    body.brIf(loop.step, i32.eq(status, i32.const(STATUS_AGAIN)));
    body.brIf(loop.fault, i32.eq(status, i32.const(Status.Fault)));
    exits.status(status);
  };
  for (const form of hot) {
    handlers[form.index] = () => FormSite.emit(form, body, recordFields(at.get), exits, runtime);
  }
  const labels: Label[] = [];
  const nest = (index: number): void => {
    if (index < 0) {
      body.brTable(labels, labels[0] as Label, i32.load16u(at.get, record.HANDLER));
      return;
    }
    body.block((label) => {
      labels[index] = label;
      nest(index - 1);
    });
    body.scope(handlers[index] as () => void);
  };
  nest(handlers.length - 1);
}
