import type { Bus } from '../../../emu/cpu/bus.ts';
import * as layout from '../../../emu/cpu/layout.ts';
import type { Processor, StopReason, UnimplementedInstruction } from '../../../emu/cpu/processor.ts';
import type { State } from '../../../emu/cpu/state.ts';
import { IF } from '../../../emu/cpu/system/flags.ts';
import { Machine } from '../../../emu/machine/index.ts';
import { makeKernel } from './kernel-file.ts';

/** One instruction of a program: it may change the state and say where to go on, or that the processor halts. */
export type Instruction = (cpu: FakeProcessor) => number | 'halt' | 'shutdown' | undefined;

/** Instructions are numbered from the kernel's entry point on. */
export interface Program {
  readonly main: readonly Instruction[];
  /** Interrupt handlers by vector: each ends with `iret`. */
  readonly handlers?: Readonly<Record<number, readonly Instruction[]>>;
}

export const ENTRY = 0x10_0000;
/** Handlers of a vector are at this place plus 256 times the vector. */
const HANDLERS = 0x20_0000;
const HANDLER_SHIFT = 8;
/** Slots of the state page that serve the program: the interrupted instruction and a register. */
const RETURN = layout.LSTAR;
export const COUNTER = layout.GPR;

/** A processor that runs scripted instructions, one step each, with its whole state in the state page. */
export class FakeProcessor implements Processor {
  readonly state: State;
  readonly bus: Bus;
  position = 0;
  interruptRequest = false;
  onUnimplemented: ((instruction: UnimplementedInstruction) => void) | undefined;
  /** Edges of the NMI pin; they are not delivered. */
  nonMaskableInterrupts = 0;
  flushes = 0;
  readonly written: number[] = [];
  readonly #program: Program;
  #breakpoints = new Set<number>();
  #passed = -1;
  #ended = false;

  constructor(state: State, bus: Bus, program: Program) {
    this.state = state;
    this.bus = bus;
    this.#program = program;
  }

  get pc(): number {
    return this.state.get32(layout.RIP);
  }

  interruptNonMaskably(): void {
    this.nonMaskableInterrupts++;
  }

  run(steps: number): StopReason {
    this.#ended = false;
    const { state } = this;
    for (let left = steps; left > 0 && !this.#ended; left--) {
      const enabled = (state.get32(layout.RFLAGS_SYSTEM) & IF) !== 0;
      if (this.interruptRequest && enabled) {
        state.set32(layout.HALTED, 0);
        state.set32(RETURN, this.pc);
        state.set32(layout.RFLAGS_SYSTEM, state.get32(layout.RFLAGS_SYSTEM) & ~IF);
        state.set32(layout.RIP, HANDLERS + (this.bus.acknowledgeInterrupt() << HANDLER_SHIFT));
        this.position++;
        continue;
      }
      if (state.get32(layout.HALTED) !== 0) return 'halted';
      if (this.#breakpoints.has(this.pc) && this.#passed !== this.pc) {
        this.#passed = this.pc;
        return 'breakpoint';
      }
      this.#passed = -1;
      const at = this.pc;
      const next = this.#fetch(at)(this);
      this.position++;
      if (next === 'shutdown') return 'shutdown';
      state.set32(layout.RIP, typeof next === 'number' ? next : at + 1);
      if (next === 'halt') state.set32(layout.HALTED, 1);
    }
    return state.get32(layout.HALTED) !== 0 && !this.interruptRequest ? 'halted' : 'budget';
  }

  #fetch(at: number): Instruction {
    const list =
      at < HANDLERS ? this.#program.main : this.#program.handlers?.[(at - HANDLERS) >> HANDLER_SHIFT];
    const instruction = list?.[at < HANDLERS ? at - ENTRY : (at - HANDLERS) & 0xff];
    if (instruction === undefined) throw new Error(`the program has no instruction at 0x${at.toString(16)}`);
    return instruction;
  }

  endSlice(): void {
    this.#ended = true;
  }

  reset(): void {
    this.position = 0;
    this.state.u8.fill(0, 0, layout.STATE_END);
  }

  linearInstructionPointer(): bigint {
    return BigInt(this.pc);
  }

  setBreakpoints(addresses: Iterable<bigint>): void {
    this.#breakpoints = new Set([...addresses].map(Number));
  }

  setWatchedRanges(): void {}

  readonly watchHits = [];

  memoryWritten(physicalAddress: number, length: number): void {
    this.written.push(physicalAddress, length);
  }

  flushTranslations(): void {
    this.flushes++;
  }

  flush(): void {
    this.flushes++;
  }
}

export const nop: Instruction = () => undefined;
export const halt: Instruction = () => 'halt';
export const tripleFault: Instruction = () => 'shutdown';

export function goto(index: number): Instruction {
  return () => ENTRY + index;
}

export function out(port: number, value: number): Instruction {
  return ({ bus }) => {
    bus.portWrite(port, 1, value);
    return undefined;
  };
}

export function outWord(port: number, value: number): Instruction {
  return ({ bus }) => {
    bus.portWrite(port, 2, value);
    return undefined;
  };
}

/** Reads a port and stores the byte at the RAM address in the counter, which it advances. */
export function inToMemory(port: number): Instruction {
  return ({ bus, state }) => {
    const at = state.get32(COUNTER);
    state.ram[at] = bus.portRead(port, 1);
    state.set32(COUNTER, at + 1);
    return undefined;
  };
}

/** Adds 1 to a 32-bit word of RAM. */
export function count(address: number): Instruction {
  return ({ state }) => {
    const index = (layout.RAM + address) >>> 2;
    state.u32[index] = (state.u32[index] as number) + 1;
    return undefined;
  };
}

export const sti: Instruction = ({ state }) => {
  state.set32(layout.RFLAGS_SYSTEM, state.get32(layout.RFLAGS_SYSTEM) | IF);
  return undefined;
};

export const iret: Instruction = ({ state }) => {
  state.set32(layout.RFLAGS_SYSTEM, state.get32(layout.RFLAGS_SYSTEM) | IF);
  return state.get32(RETURN);
};

/** Instructions that give both chips vectors 0x20 and 0x28 up, all masked but `irqs`. */
export function initialiseInterrupts(...irqs: number[]): Instruction[] {
  const open = irqs.reduce((bits, irq) => bits | (1 << irq), 0);
  return [
    ...[0x11].map((value) => out(0x20, value)),
    ...[0x20, 0x04, 0x01, ~open & 0xff].map((value) => out(0x21, value)),
    ...[0x11].map((value) => out(0xa0, value)),
    ...[0x28, 0x02, 0x01, (~open >>> 8) & 0xff].map((value) => out(0xa1, value)),
  ];
}

export const endOfInterrupt = out(0x20, 0x20);

/** Instructions that start channel 0 in mode 2. */
export function startTimer(count: number): Instruction[] {
  return [out(0x43, 0x34), out(0x40, count & 0xff), out(0x40, count >>> 8)];
}

/** A machine whose fake processor stands at the first instruction of the program. */
export function machineWith(program: Program): { machine: Machine; processor: FakeProcessor } {
  let processor: FakeProcessor | undefined;
  const machine = Machine.create({
    memory: 4 << 20,
    createProcessor: (state, bus) => {
      processor = new FakeProcessor(state, bus, program);
      return processor;
    },
  });
  machine.loadKernel(makeKernel({ entry: ENTRY }), { name: 'kernel' });
  return { machine, processor: processor as FakeProcessor };
}
