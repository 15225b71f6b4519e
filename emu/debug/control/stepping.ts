import { KERNEL_HALF } from '../../kernel/index.ts';
import type { RegisterName } from '../../machine/index.ts';
import { stripType } from '../../symbols/index.ts';
import { CValue } from '../expressions/index.ts';
import type { Program } from '../programs/program.ts';
import { DebugError } from '../session/errors.ts';
import type { StackLevel } from '../stack/call-stack.ts';
import type { Execution, Goal, Outcome } from './execution.ts';
import { Moment } from './moment.ts';
import { type Returned, type Stop, stopOf } from './stop.ts';

/** The largest result that comes in a register (System V ABI, amd64, 3.2.3). */
const REGISTER_SIZE = 8;
const RSP = 7;

/** Steps forward: by instructions, by source lines, out of functions. */
export class Stepping {
  readonly #execution: Execution;
  readonly #moment: Moment;

  /** Interrupts are held off while single instructions are stepped; they come as soon as the machine runs. */
  holdsInterrupts = false;

  constructor(execution: Execution) {
    this.#execution = execution;
    this.#moment = new Moment(execution.debuggee);
  }

  /** Steps with interrupts held off, if that is wanted. The past is as it was: what was recorded there comes again. */
  async #held<T>(step: () => Promise<T>): Promise<T> {
    const { timeline, debuggee } = this.#execution;
    if (!this.holdsInterrupts || timeline.isReplaying) return step();
    timeline.course.change(() => debuggee.machine.holdInterrupts(true));
    try {
      return await step();
    } finally {
      timeline.course.change(() => debuggee.machine.holdInterrupts(false));
    }
  }

  /** So many steps; the delivery of an interrupt is one. */
  async instructions(count: number): Promise<Stop> {
    const before = this.#moment.deliveries;
    const outcome = await this.#held(() => this.#execution.run({ budget: count }));
    const notes = count === 1 ? this.#enteredNote(before) : [];
    return withNotes(outcome.kind === 'stop' ? outcome.stop : stopOf('done'), notes);
  }

  /** So many instructions of the present function; calls, system calls, and interrupts that come meanwhile count as part of them. */
  async overInstructions(count: number): Promise<Stop> {
    const notes: string[] = [];
    for (let done = 0; done < count; done++) {
      const stop = await this.#overInstruction(notes);
      if (stop !== undefined) return withNotes(stop, notes);
    }
    return stopOf('done', { notes });
  }

  async #overInstruction(notes: string[]): Promise<Stop | undefined> {
    const moment = this.#moment;
    if (moment.isCall || moment.isSystemCall) {
      const { following, rsp, cr3 } = moment;
      return stopIn(await this.#runTo(following, rsp, cr3));
    }
    return this.#stepWithout(notes);
  }

  /** One instruction, and through whatever interrupts it. */
  async #stepWithout(notes: string[]): Promise<Stop | undefined> {
    const moment = this.#moment;
    const { pc, rsp, cr3, deliveries } = moment;
    const stop = stopIn(await this.#held(() => this.#execution.walk(() => true)));
    if (stop !== undefined || moment.deliveries === deliveries) return stop;
    const { vector } = moment;
    // INT n and its like do what they are for.
    if (moment.isSoftwareInterrupt) return undefined;
    const { machine } = this.#execution.debuggee;
    const from = machine.position;
    // A fault's handler goes back to the instruction, an interrupt's to the one that was next: the same address here.
    const outcome = await this.#runTo(pc, rsp, cr3);
    notes.push(`${describeVector(vector)} was handled meanwhile (${machine.position - from} steps)`);
    return stopIn(outcome) ?? this.#stepWithout(notes);
  }

  /**
   * To the beginning of another source line. `into` functions that have lines, and with SYSCALL into the kernel; else calls are run to
   * their return. A return to the caller ends it in the middle of the caller's line.
   */
  async lines(count: number, into: boolean): Promise<Stop> {
    const notes: string[] = [];
    for (let done = 0; done < count; done++) {
      const stop = await this.#line(into, notes);
      if (stop !== undefined) return withNotes(stop, notes);
    }
    return stopOf('done', { notes });
  }

  /** As `lines(1, false)`, but no further back: a jump to the beginning of a loop does not end it. */
  async pastLine(): Promise<Stop> {
    const { functionStart, line } = this.#moment;
    for (;;) {
      const stop = await this.lines(1, false);
      const here = this.#moment.line;
      const isBack =
        stop.reason === 'done' &&
        this.#moment.functionStart === functionStart &&
        here !== undefined &&
        line !== undefined &&
        here.file === line.file &&
        here.low < line.low;
      if (!isBack) return stop;
    }
  }

  async #line(into: boolean, notes: string[]): Promise<Stop | undefined> {
    const moment = this.#moment;
    const start = moment.line;
    if (start === undefined) return this.#outOfLineless(notes);
    const { file, line } = start;
    let { low, high } = start;
    for (;;) {
      const { functionStart, rsp } = moment;
      const isCall = moment.isCall || moment.isSystemCall;
      if (isCall && into) {
        const { following, cr3 } = moment;
        const stop = stopIn(await this.#execution.walk(() => true));
        if (stop !== undefined) return stop;
        if (moment.line !== undefined) return undefined;
        const back = stopIn(await this.#runTo(following, rsp, cr3));
        if (back !== undefined) return back;
      } else {
        const stop = await this.#overInstruction(notes);
        if (stop !== undefined) return stop;
      }
      const { pc } = moment;
      if (pc >= low && pc < high) continue;
      const here = moment.line;
      if (here === undefined) {
        if (moment.functionStart === functionStart) continue;
        return this.#outOfLineless(notes);
      }
      // Back in the caller: its line goes on.
      if (moment.functionStart !== functionStart && moment.rsp > rsp) return undefined;
      ({ low, high } = here);
      const statement = moment.statement;
      if (statement !== undefined && (statement.line !== line || statement.file !== file)) return undefined;
    }
  }

  /** Code without lines is left as a whole. */
  async #outOfLineless(notes: string[]): Promise<Stop | undefined> {
    const moment = this.#moment;
    const { functionStart } = moment;
    if (functionStart === undefined) return this.#overInstruction(notes);
    for (;;) {
      const stop = await this.#overInstruction(notes);
      if (stop !== undefined) return stop;
      if (moment.functionStart !== functionStart || moment.line !== undefined) return undefined;
    }
  }

  /** Runs until the call of a stack level has returned. */
  async finish(level: StackLevel): Promise<Stop> {
    if (level.isInlined) return this.#outOfInlined(level);
    const { caller, frame } = level;
    const rsp = caller?.registers[RSP];
    if (caller === undefined || rsp === undefined)
      throw new DebugError('not-now', `nothing is known that ${level.function ?? 'this code'} returns to`);
    const outcome = await this.#runTo(caller.pc, rsp, this.#moment.cr3, frame.pc < KERNEL_HALF);
    const stop = stopIn(outcome);
    if (stop !== undefined) return stop;
    return stopOf('returned', { returned: this.#returned(level) });
  }

  /** Out of a call that was inlined: there is no return; its code is left for that of the function around it. */
  async #outOfInlined({ program, function: name, frame, inlineLevel }: StackLevel): Promise<Stop> {
    const debug = program?.image.debug;
    const depth = (debug?.framesAt(frame.lookupPc).length ?? 0) - inlineLevel;
    const rsp = frame.registers[RSP];
    const notes: string[] = [];
    for (;;) {
      const stop = await this.#overInstruction(notes);
      if (stop !== undefined) return withNotes(stop, notes);
      const chain = debug?.framesAt(this.#moment.pc) ?? [];
      const isInside = chain.length >= depth && chain[chain.length - depth]?.name === name;
      if (!isInside || (rsp !== undefined && this.#moment.rsp > rsp)) break;
    }
    return stopOf('returned', { notes, returned: { name: name ?? '', value: undefined } });
  }

  /** Runs to an address, in whatever frame and thread. */
  async until(addresses: readonly bigint[], alsoReturn: StackLevel | undefined): Promise<Stop> {
    const { machine, kernel } = this.#execution.debuggee;
    const start = machine.position;
    const rsp = alsoReturn?.caller?.registers[RSP];
    const goal: Goal = {
      arm: (reached) => {
        const removals = addresses.map((address) =>
          machine.breakpoints.add(address, () => (machine.position === start ? 'continue' : reached())),
        );
        if (alsoReturn?.caller !== undefined && rsp !== undefined) {
          removals.push(
            machine.breakpoints.add(alsoReturn.caller.pc, () =>
              kernel.registers.get('rsp') === rsp ? reached() : 'continue',
            ),
          );
        }
        return () => {
          for (const remove of removals) remove();
        };
      },
    };
    return stopIn(await this.#execution.run({ goal })) ?? stopOf('done');
  }

  /** Runs until an address is reached with a stack pointer, which tells the call from others of the same code. */
  #runTo(address: bigint, rsp: bigint, cr3: bigint, isUser = address < KERNEL_HALF): Promise<Outcome> {
    const { machine, kernel } = this.#execution.debuggee;
    const start = machine.position;
    const goal: Goal = {
      arm: (reached) =>
        machine.breakpoints.add(address, () => {
          if (machine.position === start || kernel.registers.get('rsp') !== rsp) return 'continue';
          // Two processes have the same addresses, and after a fork the same stack pointers.
          return isUser && kernel.registers.get('cr3') !== cr3 ? 'continue' : reached();
        }),
    };
    return this.#execution.run({ goal });
  }

  #returned({ program, function: name, frame }: StackLevel): Returned {
    const type = functionAt(program, frame.lookupPc)?.returnType;
    const bare = type && stripType(type);
    const isScalar = bare?.kind === 'base' || bare?.kind === 'pointer' || bare?.kind === 'enum';
    const inRegister =
      isScalar && bare.size <= REGISTER_SIZE && !(bare.kind === 'base' && bare.encoding === 'float');
    const rax = this.#execution.debuggee.kernel.registers.get('rax' satisfies RegisterName);
    return {
      name: name ?? '',
      value: type !== undefined && inRegister ? CValue.integer(type, rax) : undefined,
    };
  }

  #enteredNote(before: number): string[] {
    const moment = this.#moment;
    if (moment.deliveries === before) return [];
    return [
      `${describeVector(moment.vector)}: this step entered its handler; the instruction has not executed`,
    ];
  }
}

function functionAt(program: Program | undefined, address: bigint) {
  return program?.image.debug.functionAt(address);
}

function stopIn(outcome: Outcome): Stop | undefined {
  return outcome.kind === 'stop' ? outcome.stop : undefined;
}

function withNotes(stop: Stop, notes: readonly string[]): Stop {
  return notes.length === 0 ? stop : { ...stop, notes: [...stop.notes, ...notes] };
}

/** The exceptions by vector (AMD APM vol. 2, table 8-1). */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  0: '#DE divide error',
  1: '#DB debug exception',
  2: 'NMI',
  3: '#BP breakpoint',
  4: '#OF overflow',
  5: '#BR bound range',
  6: '#UD invalid opcode',
  7: '#NM device not available',
  8: '#DF double fault',
  10: '#TS invalid TSS',
  11: '#NP segment not present',
  12: '#SS stack fault',
  13: '#GP general protection',
  14: '#PF page fault',
  16: '#MF x87 exception',
  17: '#AC alignment check',
  19: '#XF SIMD exception',
};

/** `interrupt 32` or `#PF page fault (vector 14)`. */
export function describeVector(vector: number): string {
  const name = EXCEPTIONS[vector];
  return name === undefined ? `interrupt ${vector}` : `${name} (vector ${vector})`;
}
