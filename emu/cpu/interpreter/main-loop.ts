import * as layout from '../layout.ts';
import { Status } from '../system/status.ts';
import type { Form } from '../table/form.ts';
import { Body, type Label } from '../wasm/body.ts';
import { type I32, i32, i64 } from '../wasm/expressions.ts';
import { countExecution, countedExits, countFault, uncountExecution } from './count-executions.ts';
import { loopExits, type MainLoop, recordFields } from './exits.ts';
import * as record from './record.ts';
import { FormSite } from './site.ts';

/** Why the main loop returned. BUDGET and RECORD are stored; for Budget, Fault and Decode RIP is too. */
export const LoopExit = {
  Budget: 16,
  /** The instruction of RECORD has recorded a fault. */
  Fault: 17,
  /** RECORD has its step and is to be run by the out-of-line function AUXILIARY. */
  OutOfLine: 18,
  /** No record is known for RIP. */
  Decode: 19,
  /** RECORD is of a page-crossing instruction that must be checked. */
  Cross: 20,
} as const;

const ZERO_ADDRESS = i32.const(0);

/** RIP = the instruction of the record. */
export function storeInstructionPointer(body: Body, at: I32): void {
  body.store64(
    ZERO_ADDRESS,
    i64.add(i64.load(ZERO_ADDRESS, layout.PAGE_BASE), i64.load16u(at, record.OFFSET)),
    layout.RIP,
  );
}

/** Gives back the step that the main loop has taken for a record that is no instruction. */
export function returnStep(body: Body): void {
  const budget = i32.add(i32.load(ZERO_ADDRESS, layout.BUDGET), i32.const(1));
  body.store32(ZERO_ADDRESS, budget, layout.BUDGET);
  body.return(i32.const(Status.Next));
}

/**
 * The main loop: `(record, budget) → LoopExit`, a `br_table` over the hot forms. A record of 0 stands for a lookup at RIP. It calls no
 * function, so that V8 can keep the record pointer, the budget and the TLB's base in machine registers. It knows nothing of
 * breakpoints: they are records of an out-of-line function, and cost nothing where there are none. The variant that counts executions
 * counts in the records.
 */
export function mainLoop(hot: readonly Form[], counting: boolean): Body {
  const body = new Body(['i32', 'i32']);
  const at = body.parameters[0] as MainLoop['record'];
  const budget = body.parameters[1] as MainLoop['budget'];
  const tlb = body.local('i32');
  const link = body.local('i32');
  const leave = (exit: number): void => {
    body.store32(ZERO_ADDRESS, budget.get, layout.BUDGET);
    body.store32(ZERO_ADDRESS, at.get, layout.RECORD);
    body.return(i32.const(exit));
  };
  body.set(tlb, i32.load(ZERO_ADDRESS, layout.TLB_BASE));
  body.set(link, i32.const(0));
  body.block((outOfLine) => {
    body.block((fault) => {
      body.block((decode) => {
        body.loop((lookup) => {
          // Entered with a record, the first lookup is skipped.
          body.block((found) => {
            body.brIf(found, at.get);
            body.scope(() => findRecord(body, { at, link, decode }));
          });
          const start = (step: Label, repeat: Label): void => {
            body.if(i32.eqz(budget.get), () => {
              if (counting) uncountExecution(body, at.get);
              storeInstructionPointer(body, at.get);
              leave(LoopExit.Budget);
            });
            body.set(budget, i32.sub(budget.get, i32.const(1)));
            const loop = { record: at, budget, tlb, link, step, repeat, lookup, outOfLine, fault };
            dispatch(body, loop, hot, leave, counting);
          };
          body.loop((step) => {
            if (!counting) return start(step, step);
            countExecution(body, at.get);
            body.loop((repeat) => start(step, repeat));
          });
        });
      });
      leave(LoopExit.Decode);
    });
    if (counting) countFault(body, at.get);
    storeInstructionPointer(body, at.get);
    leave(LoopExit.Fault);
  });
  leave(LoopExit.OutOfLine);
  body.unreachable();
  return body;
}

/** Finds the record for RIP through the instruction TLB and the page's map; leaves when there is none. */
function findRecord(
  body: Body,
  { at, link, decode }: { at: MainLoop['record']; link: MainLoop['link']; decode: Label },
): void {
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
  body.brIf(decode, i64.ne(i64.load(entry, layout.ITLB + layout.ITLB_TAG), tag));
  const map = i32.load(entry, layout.ITLB + layout.ITLB_MAP);
  body.set(at, i32.load(i32.add(map, i32.shl(i32.wrap(offset), i32.const(2)))));
  body.brIf(decode, i32.eqz(at.get));
  body.store64(ZERO_ADDRESS, i64.sub(rip, offset), layout.PAGE_BASE);
  body.if(link.get, () => body.store32(link.get, at.get, record.LINK));
  body.set(link, i32.const(0));
}

function dispatch(
  body: Body,
  loop: MainLoop,
  hot: readonly Form[],
  leave: (exit: number) => void,
  counting: boolean,
): void {
  const { record: at, budget } = loop;
  const exits = loopExits(body, loop);
  // The constant comes from memory: as an expression over the budget alone V8 would compute it once per step, for all handlers.
  const undoStep = (): void => body.set(budget, i32.add(budget.get, i32.load(ZERO_ADDRESS, layout.ONE)));
  const advance = (): void => {
    undoStep();
    exits.next();
  };
  const effectiveAddress = (legacy: boolean) => (): void => {
    const { base, index, scale, displacement, immediate, registerSlot } = recordFields(at.get);
    const offset = i64.and(
      i64.add(i64.add(i64.load(base()), i64.shl(i64.load(index()), scale())), displacement()),
      immediate(),
    );
    const linear = i64.add(offset, i64.load(registerSlot(0)));
    body.store64(ZERO_ADDRESS, legacy ? i64.extendI32U(i32.wrap(linear)) : linear, layout.EA);
    advance();
  };
  const handlers: (() => void)[] = [];
  handlers[record.HANDLER_LOOKUP] = () => {
    undoStep();
    storeInstructionPointer(body, at.get);
    exits.lookup();
  };
  handlers[record.HANDLER_CROSS] = () => {
    undoStep();
    leave(LoopExit.Cross);
  };
  handlers[record.HANDLER_ADDRESS] = effectiveAddress(false);
  handlers[record.HANDLER_ADDRESS_LEGACY] = effectiveAddress(true);
  handlers[record.HANDLER_RARE] = () => body.br(loop.outOfLine);
  for (const form of hot) {
    handlers[record.FIRST_FORM_HANDLER + form.hotIndex] = () =>
      FormSite.emit(
        form,
        body,
        recordFields(at.get),
        counting ? countedExits(form, exits, body, at.get) : exits,
      );
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
