import type { CallLogListener } from './call-log.ts';
import type { DirtyPages } from './dirty-pages.ts';
import type { CallPoints } from './interpreter/code-cache.ts';
import type { ExecutionListener } from './interpreter/execution-counts.ts';
import type { State } from './state.ts';
import type { WatchedRange, WatchHit } from './system/data-watch.ts';

/** Why `Processor.run` returned. */
export type StopReason =
  /** The step budget is used up, or a device asked for the slice to end. */
  | 'budget'
  /** HLT was executed and no interrupt is pending. */
  | 'halted'
  /** The next instruction has a breakpoint; it has not been executed. */
  | 'breakpoint'
  /** Watched memory was accessed by the step just taken; see `watchHits`. */
  | 'watchpoint'
  /** Triple fault: the processor has stopped for good. */
  | 'shutdown';

/** An encoding that the processor does not implement: the guest received #UD, and the host is told. */
export interface UnimplementedInstruction {
  /** Linear address of the instruction. */
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** The processor as the machine sees it. */
export interface Processor {
  readonly state: State;
  /** Which pages of RAM it may have written, or was told that the host has; absent when it does not know. */
  readonly dirtyPages?: DirtyPages | undefined;
  /** Steps since power-on (see DESIGN.md: a step is a retired instruction, a REP iteration or a delivery). An integer below 2^53. Exact also inside bus callbacks: steps retired before the instruction that makes the access. */
  readonly position: number;
  /** The INTR pin. The machine keeps it equal to the interrupt controller's output. Raising it during a bus callback is enough: the run ends its slice when the interrupt can be taken. */
  interruptRequest: boolean;
  /** An edge at the NMI pin: the interrupt is delivered before the next instruction, or after the IRET of the one being served. */
  interruptNonMaskably(): void;
  /** Runs at most `steps` steps (a positive integer) and says why it stopped. Interrupts and exceptions are delivered inside. */
  run(steps: number): StopReason;
  /** Asks the current `run` to return after the instruction in progress (a device's next deadline changed). */
  endSlice(): void;
  /** Architectural reset state; translations and a breakpoint's report are forgotten, decoded instructions stay. */
  reset(): void;
  /** Linear address of the next instruction. */
  linearInstructionPointer(): bigint;
  /**
   * Logs calls and returns of functions, deliveries, system calls and the returns from them, until it is called without points; absent
   * when the processor keeps no log. To be called between two runs. A run that is logged is the same as one that is not.
   */
  logCalls?(points: CallPoints | undefined, listener?: CallLogListener): void;
  /** Hands what has been logged so far to the listener. */
  readCallLog?(): void;
  /**
   * Counts for each instruction how often it is executed and which way its branches go, until `stopCounting`; without a listener the one
   * that came last goes. Several listeners may count, each by itself; absent when the processor cannot. To be called between two runs.
   * A run that is counted is the same as one that is not.
   */
  countExecutions?(listener: ExecutionListener | undefined): void;
  /** Tells a listener what has been counted so far, and then no more. */
  stopCounting?(listener: ExecutionListener): void;
  /** Hands what has been counted so far to the listeners, between two runs; counting goes on from 0. */
  readExecutionCounts?(): void;
  /** Sets the linear addresses before whose instruction `run` stops with 'breakpoint' (once per arrival: calling `run` again passes over it). */
  setBreakpoints(addresses: Iterable<bigint>): void;
  /**
   * Asked in the middle of `run`, at a breakpoint, before its instruction; with true the run goes on as if nothing had been there. Whoever
   * is asked may look at the machine, whose state is whole. When he changes anything about it (the end of the slice, breakpoints, memory,
   * registers), `run` returns 'breakpoint' nevertheless. A processor need not ask at all.
   */
  askAtBreakpoint?: ((address: bigint) => boolean) | undefined;
  /** After 'breakpoint': what was answered there, told once; undefined when nobody was asked. */
  takeBreakpointAnswer?(): boolean | undefined;
  /**
   * Replaces the memory whose accesses stop `run` with 'watchpoint', after the step that makes them: reads and writes of instructions, and
   * the processor's own accesses to descriptors, task-state segments and stacks; by physical address its writes to page tables too.
   * Instruction fetches and reads of page tables are none. The guest's course is the same with and without.
   */
  setWatchedRanges(ranges: Iterable<WatchedRange>): void;
  /** After 'watchpoint': what met the ranges in the step just taken. */
  readonly watchHits: readonly WatchHit[];
  /** The host wrote guest memory (physical range): decoded instructions of it are dropped, its pages are dirty. */
  memoryWritten(physicalAddress: number, length: number): void;
  /** All TLBs are dropped (the host replaced registers); decoded instructions, which follow from RAM's bytes alone, stay. */
  flushTranslations(): void;
  /** All TLBs and decoded instructions are dropped (the host replaced all of RAM). */
  flush(): void;
  onUnimplemented: ((instruction: UnimplementedInstruction) => void) | undefined;
}
