import { KERNEL_HALF } from '../../kernel/index.ts';
import type { LineHit } from '../../symbols/index.ts';
import type { Program } from '../programs/program.ts';
import { attempt } from '../programs/programs.ts';
import type { Debuggee } from '../session/debuggee.ts';
import { DebugError } from '../session/errors.ts';
import type { StackLevel } from '../stack/call-stack.ts';
import { type ArmingContext, type Arrival, armStopPoints } from '../stops/arming.ts';
import type { StopPoints } from '../stops/stop-points.ts';
import type { Found, NotFound, Search, Timeline } from '../time/timeline.ts';
import type { DebugHost } from './execution.ts';
import { Moment } from './moment.ts';
import { type Stop, stopOf } from './stop.ts';

export interface ReversingOptions {
  readonly debuggee: Debuggee;
  readonly timeline: Timeline;
  readonly stops: StopPoints;
  readonly host: DebugHost;
  readonly arming: ArmingContext;
  /** Whether a stop point's condition holds at an arrival. */
  readonly holds: (arrival: Arrival) => boolean;
}

/** Who wrote memory. */
export interface Write {
  /** Linear address of the instruction. */
  readonly instruction: bigint;
  /** The process that ran; undefined where there is none. */
  readonly who: string | undefined;
  /** Whose code the instruction is. */
  readonly program: Program | undefined;
}

/** What the processor was about to do at a position. */
interface Trail {
  readonly position: number;
  readonly pc: bigint;
  readonly rsp: bigint;
}

/** How far is looked back at once for the beginning of a line: more each time. */
const FIRST_LOOK = 64;
const LONGEST_LOOK = 65_536;
const IRETQ = [0x48, 0xcf] as const;
const SYSRETQ = [0x48, 0x0f, 0x07] as const;
const SYSCALL_SIZE = 2n;
/** How long a near call may be: FF /2 with SIB and displacement, and a REX prefix. */
const LONGEST_CALL = 8;

/** Goes back: by instructions, by source lines, to where a function was called, to the stop point before. */
export class Reversing {
  readonly #options: ReversingOptions;
  readonly #moment: Moment;

  constructor(options: ReversingOptions) {
    this.#options = options;
    this.#moment = new Moment(options.debuggee);
  }

  get #position(): number {
    return this.#options.debuggee.machine.position;
  }

  /** Goes to a position between the beginning of history and the furthest moment that was lived through. */
  async goTo(position: number): Promise<Stop> {
    const { timeline, host } = this.#options;
    const { earliest, latest } = timeline;
    const aim = Math.max(earliest, Math.min(latest, position));
    if (!(await timeline.goTo(aim, host))) return stopOf('interrupted');
    if (position < earliest) return stopOf('historyBegin');
    return stopOf(position > latest ? 'historyEnd' : 'done');
  }

  async instructions(count: number): Promise<Stop> {
    return this.goTo(this.#position - count);
  }

  /** So many instructions of the present function, over the calls that they made. */
  async overInstructions(count: number): Promise<Stop> {
    for (let done = 0; done < count; done++) {
      const stop = await this.#overInstruction();
      if (stop !== undefined) return stop;
    }
    return stopOf('done');
  }

  async #overInstruction(): Promise<Stop | undefined> {
    const { pc, rsp } = this.#moment;
    const [last] = await this.#lookBack(1);
    if (last === undefined) return stopOf('historyBegin');
    const jump = this.#beforeDetour(last, { position: this.#position, pc, rsp }, true);
    const target = jump === undefined ? last.position : await jump();
    if (typeof target !== 'number') return stopOf(target);
    return this.#reached(await this.goTo(target));
  }

  /** To the beginning of a line executed before: this one's when the machine is inside of it, else the one before. */
  async lines(count: number, into: boolean): Promise<Stop> {
    for (let done = 0; done < count; done++) {
      const stop = await this.#line(into);
      if (stop !== undefined) return stop;
    }
    return stopOf('done');
  }

  async #line(into: boolean): Promise<Stop | undefined> {
    let now: Trail = { position: this.#position, pc: this.#moment.pc, rsp: this.#moment.rsp };
    let line: LineHit | undefined;
    let look = FIRST_LOOK;
    for (;;) {
      const trails = await this.#lookBack(look, now.position);
      look = Math.min(LONGEST_LOOK, look * 2);
      if (trails.length === 0)
        return this.#reached(await this.goTo(this.#options.timeline.earliest), 'historyBegin');
      let moved = false;
      for (let trail = trails.pop(); trail !== undefined; trail = trails.pop()) {
        const jump = this.#beforeDetour(trail, now, !into);
        if (jump !== undefined) {
          const target = await jump();
          if (typeof target !== 'number') return stopOf(target);
          // What lies between is a call or an interrupt: go on before it.
          now = { ...now, position: target };
          const [there] = await this.#lookBack(1, target + 1);
          now = there ?? now;
          if (this.#beginsLine(now.pc) && (line === undefined || sameLine(line, this.#lineAt(now.pc))))
            return this.#reached(await this.goTo(now.position));
          line ??= this.#lineAt(now.pc);
          moved = true;
          break;
        }
        const here = this.#lineAt(trail.pc);
        now = trail;
        if (here === undefined) continue;
        if (line === undefined || !sameLine(line, here)) line = here;
        if (this.#beginsLine(trail.pc)) return this.#reached(await this.goTo(trail.position));
      }
      if (!moved && now.position <= this.#options.timeline.earliest)
        return this.#reached(await this.goTo(now.position), 'historyBegin');
    }
  }

  /**
   * When going back from `after` to `before` would lead into an interrupt's handler (or, with `calls`, into a function or system call that
   * has returned): how to find the position before all of it.
   */
  #beforeDetour(before: Trail, after: Trail, calls: boolean): (() => Promise<number | NotFound>) | undefined {
    if (this.#codeIs(before.pc, IRETQ)) {
      // The instruction that was about to execute when the interrupt came.
      return () => this.#lastPassing([after.pc], after.rsp, before.position);
    }
    if (!calls) return undefined;
    if (this.#codeIs(before.pc, SYSRETQ)) {
      return () => this.#lastPassing([after.pc - SYSCALL_SIZE], after.rsp, before.position);
    }
    const isReturn = after.rsp > before.rsp && this.#isReturn(before.pc);
    if (!isReturn) return undefined;
    return () => this.#lastPassing(this.#callsBefore(after.pc), after.rsp, before.position);
  }

  /** The last position before another at which one of some addresses was reached with a stack pointer. */
  async #lastPassing(addresses: readonly bigint[], rsp: bigint, before: number): Promise<number | NotFound> {
    const { machine, kernel } = this.#options.debuggee;
    const found = await this.#find<undefined>(before, (hit) => {
      const removals = addresses.map((address) =>
        machine.breakpoints.add(address, () => {
          if (kernel.registers.get('rsp') === rsp) hit(machine.position, undefined);
          return 'continue';
        }),
      );
      return () => {
        for (const remove of removals) remove();
      };
    });
    return typeof found === 'string' ? found : found.position;
  }

  /** Where a call may begin that returns to an address. */
  #callsBefore(returnAddress: bigint): bigint[] {
    const candidates: bigint[] = [];
    for (let length = 2; length <= LONGEST_CALL; length++) candidates.push(returnAddress - BigInt(length));
    const { cpu, disassembler } = this.#options.debuggee;
    return candidates.filter((address) => {
      const code = cpu.system.inspector.readMemory(address, LONGEST_CALL);
      const { text, length } = disassembler.one(code, address);
      return text.startsWith('call') && address + BigInt(length) === returnAddress;
    });
  }

  #isReturn(pc: bigint): boolean {
    const { cpu, disassembler } = this.#options.debuggee;
    return disassembler.one(cpu.system.inspector.readMemory(pc, LONGEST_CALL), pc).text.startsWith('ret');
  }

  #codeIs(pc: bigint, code: readonly number[]): boolean {
    const bytes = this.#options.debuggee.cpu.system.inspector.readMemory(pc, code.length);
    return code.every((byte, index) => bytes[index] === byte);
  }

  #lineAt(pc: bigint): LineHit | undefined {
    const hit = this.#options.debuggee.programs.at(pc)?.image.lines.aboutToExecute(pc);
    return hit === undefined || hit.line === 0 ? undefined : hit;
  }

  #beginsLine(pc: bigint): boolean {
    return this.#options.debuggee.programs.at(pc)?.image.lines.statementAt(pc) !== undefined;
  }

  /** What was executed before a position (the present one if not given), oldest first. The machine is left at that position. */
  async #lookBack(count: number, end = this.#position): Promise<Trail[]> {
    const { timeline, host, debuggee } = this.#options;
    const { machine, kernel, cpu } = debuggee;
    const begin = Math.max(timeline.earliest, end - count);
    if (begin >= end) return [];
    await timeline.goTo(begin, host);
    const trails: Trail[] = [];
    while (machine.position < end) {
      const { position } = machine;
      trails.push({ position, pc: cpu.linearInstructionPointer(), rsp: kernel.registers.get('rsp') });
      machine.run({ untilPosition: position + 1 });
      if (machine.position === position) break;
    }
    return trails;
  }

  /** To the call that entered the function of a stack level. */
  async finish(level: StackLevel): Promise<Stop> {
    if (level.isInlined)
      throw new DebugError(
        'not-now',
        `${level.function} is inlined here, and nothing called it: reverse-next goes back by lines, up and reverse-finish to the call of the function around it`,
      );
    const start = level.program?.image.symbols.at(level.frame.lookupPc)?.symbol.address;
    const cfa = level.frame.cfa;
    if (start === undefined || cfa === undefined)
      throw new DebugError('not-now', 'nothing is known of where this code was called from');
    // At a function's first instruction the return address is on top of the stack, right below the CFA.
    const entry = await this.#lastPassing([start], cfa - 8n, this.#position + 1);
    if (typeof entry !== 'number') return this.#failed(entry);
    return this.goTo(entry - 1);
  }

  /** To the last arrival at a stop point. */
  async resume(): Promise<Stop> {
    const { stops, arming, holds } = this.#options;
    const found = await this.#find<Arrival>(this.#position, (hit) =>
      armStopPoints(stops.all, arming, (arrival) => {
        if (holds(arrival)) hit(arrival.position, arrival);
        return 'continue';
      }),
    );
    if (typeof found === 'string') return this.#failed(found);
    const stop = await this.goTo(found.position);
    if (stop.reason !== 'done') return stop;
    const arrival = found.what;
    if (arrival.kind !== 'watchpoint') return stopOf('stopPoint', { arrivals: [arrival] });
    // Going back, the machine stands before the access: what is there now was there before.
    const before = arming.read(arrival.point.address, arrival.point.size, arrival.point.space);
    return stopOf('stopPoint', { arrivals: [{ ...arrival, before }] });
  }

  /** The last write of memory before the present, whoever made it and whatever was there before; the machine then stands where it stood. */
  async lastWrite(address: bigint, size: number, root?: bigint): Promise<Found<Write> | NotFound> {
    const { machine, kernel, programs } = this.#options.debuggee;
    const present = this.#position;
    const space = address >= KERNEL_HALF ? undefined : (root ?? kernel.registers.get('cr3'));
    const found = await this.#find<Write>(present, (hit) =>
      machine.watchpoints.add(
        { space: 'linear', address, length: size, access: 'write' },
        ({ instruction }) => {
          if (space === undefined || kernel.registers.get('cr3') === space) {
            const identity = attempt(() => kernel.currentIdentity());
            const who = identity && `pid ${identity.pid} ${identity.comm}`;
            hit(machine.position - 1, { instruction, who, program: programs.at(instruction) });
          }
          return 'continue';
        },
      ),
    );
    await this.goTo(present);
    return found;
  }

  /** The last time that something happened before a position; the machine is anywhere after it. */
  async #find<T>(before: number, search: Search<T>): Promise<Found<T> | NotFound> {
    const { timeline, host } = this.#options;
    return timeline.findLast(before, search, host);
  }

  /** A search that found nothing: at the beginning of history, or wherever it was interrupted. */
  async #failed(why: NotFound): Promise<Stop> {
    if (why === 'interrupted') return stopOf('interrupted');
    await this.goTo(this.#options.timeline.earliest);
    return stopOf('historyBegin');
  }

  /** Undefined when a journey came to its end, so that the next one may begin. */
  #reached(stop: Stop, reason?: 'historyBegin'): Stop | undefined {
    if (stop.reason !== 'done') return stop;
    return reason === undefined ? undefined : stopOf(reason);
  }
}

function sameLine(a: LineHit, b: LineHit | undefined): boolean {
  return b !== undefined && a.line === b.line && a.file === b.file;
}
