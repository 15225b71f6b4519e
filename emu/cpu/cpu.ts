import type { Bus } from './bus.ts';
import { CallLog, type CallLogListener } from './call-log.ts';
import { Decoder, MAX_INSTRUCTION_LENGTH } from './decode/decoder.ts';
import type { DirtyPageTracker } from './dirty-pages.ts';
import { IMPLEMENTED_FEATURES } from './families/features.ts';
import { type CallPoints, CodeCache } from './interpreter/code-cache.ts';
import type { ExecutionListener } from './interpreter/execution-counts.ts';
import { RunExit } from './interpreter/generate.ts';
import { countingInterpreterModule, formTable, interpreterModule } from './interpreter/module.ts';
import * as layout from './layout.ts';
import type { Processor, StopReason, UnimplementedInstruction } from './processor.ts';
import { CS, type State } from './state.ts';
import { SYSTEM_HELPER_ARITY, type SystemHelperName } from './system/contract.ts';
import type { WatchedRange, WatchHit } from './system/data-watch.ts';
import { setDebugStatus } from './system/debug-registers.ts';
import { generalProtection, invalidOpcode, raise, Vector } from './system/exception.ts';
import { BASELINE_FEATURES, type CpuFeature } from './system/features.ts';
import { IF, RF, TF } from './system/flags.ts';
import { updateMode } from './system/mode.ts';
import { Status } from './system/status.ts';
import { SystemUnit } from './system/system-unit.ts';
import { VectorUnit } from './vector/vector-unit.ts';
import { x87Helpers } from './x87/helpers.ts';

/** wasm code runs in slices of at most this many steps: V8 never replaces a running function by its optimised version. */
const MAX_SLICE = 200_000;
/** Steps after which counts of executions are collected: a record counts up to 2^31. */
const STEPS_COUNTED = 2 ** 30;
const PAGE_SIZE = 4096;

export interface CpuOptions {
  /** The processor's registers and the guest's RAM. */
  readonly state: State;
  readonly bus: Bus;
  /** What the random number generator (RDRAND, RDSEED) starts from at each reset: a 64-bit number, 0 if not given. */
  readonly randomSeed?: bigint | undefined;
  /** Features beyond the baseline that it claims and has; all that are implemented if not given. */
  readonly features?: readonly CpuFeature[] | undefined;
}

/** An amd64 processor with its RAM. */
export class Cpu implements Processor {
  readonly state: State;
  readonly system: SystemUnit;
  onUnimplemented: ((instruction: UnimplementedInstruction) => void) | undefined;
  askAtBreakpoint: ((address: bigint) => boolean) | undefined;
  readonly #bus: Bus;
  readonly #code: CodeCache;
  readonly #decoder: Decoder;
  readonly #imports: { readonly env: Record<string, unknown> };
  readonly #plainRun: (budget: number) => number;
  #countingRun: ((budget: number) => number) | undefined;
  readonly #executionListeners: ExecutionListener[] = [];
  /** One of the two. */
  #run: (budget: number) => number;
  /** Steps that may be taken before counts must be collected; without end while nothing is counted. */
  #stepsToCollect = Number.POSITIVE_INFINITY;
  readonly #calls: CallLog;
  #interruptRequest = false;
  /** Steps since power-on at the start of the slice in progress. */
  #sliceStart = 0;
  /** Length of the wasm slice in progress, 0 outside. */
  #sliceLength = 0;
  #sliceCut = 0;
  #fetchFlushed = false;
  #reportedBreak: bigint | undefined;
  /** The slice in progress may ask at breakpoints instead of ending there. */
  #mayAsk = false;
  #breakpointAnswer: boolean | undefined;
  /** What the one who was asked has thrown. */
  #thrown: { readonly error: unknown } | undefined;
  /** Counts what the host changes about the machine. */
  #hostChanges = 0;
  #shutdown = false;
  readonly #randomSeed: bigint;
  /** A device or the machine wants `run` to return. */
  #returnRequested = false;
  /** The instruction that the slice begins with is not stopped at by an instruction breakpoint. */
  #passInstructionBreak = false;
  /** The recorded #DB is that of an instruction breakpoint. */
  #instructionBreak = false;
  #traceByNewFlag = false;

  constructor({ state, bus, randomSeed = 0n, features = IMPLEMENTED_FEATURES }: CpuOptions) {
    this.state = state;
    this.#randomSeed = randomSeed;
    this.#bus = bus;
    this.system = new SystemUnit({
      state: this.state,
      bus,
      features,
      hooks: {
        codeWritten: (address, offset, size) => this.#code.codeWritten(address / PAGE_SIZE, offset, size),
        flushFetch: (keepGlobal) => {
          this.#fetchFlushed = true;
          this.#code.flushFetch(keepGlobal);
        },
        flushFetchOf: (low) => {
          this.#fetchFlushed = true;
          this.#code.flushFetchOf(low);
        },
        endSlice: () => this.endSlice(),
        position: () => this.position,
        interruptRequest: () => this.#interruptRequest,
        instructionAddress: () => this.#instructionAddress(),
        endStep: () => this.#cutSlice(),
        traceByNewFlag: () => {
          this.#traceByNewFlag = true;
        },
        setInstructionBreakpoints: (addresses) => this.#code.setGuestBreakpoints(addresses),
      },
    });
    const forms = formTable();
    const module = interpreterModule();
    this.#decoder = new Decoder(forms, new Set([...BASELINE_FEATURES, ...features]));
    this.#calls = new CallLog(state, () => this.position);
    const { mmu } = this.system;
    const fetch = {
      fetchPhysical: (low: number, high: number) => mmu.fetchPhysical(low, high),
      get isGlobal() {
        return mmu.walker.global;
      },
      setCodePage: (page: number, hasCode: boolean) => mmu.tlb.setCodePage(page, hasCode),
    };
    this.#code = new CodeCache(this.state, this.#decoder, fetch, forms.forms.length);
    this.#imports = { env: this.imports() };
    this.#plainRun = runOf(module, this.#imports);
    this.#run = this.#plainRun;
    this.reset();
  }

  /** What generated code imports as `env`: the memory, the slow paths and the system helpers. */
  imports(): Record<string, unknown> {
    const { mmu, helpers } = this.system;
    const imports: Record<string, unknown> = {
      memory: this.state.memory,
      decode: () => this.#decode(),
      cross: (at: number) => this.#code.cross(at),
      undefinedInstruction: (at: number) => this.#undefinedInstruction(at),
      hostBreakpoint: (at: number) => this.#hostBreakpoint(at),
      instructionBreakpoint: (at: number) => this.#instructionBreakpoint(at),
      callLogged: () => this.#calls.logged(),
      commitBounce: () => mmu.commitBounce(),
      readSlow: (low: number, high: number, size: number, stack: number) =>
        mmu.readSlow(low, high, size, stack),
      writeSlow: (low: number, high: number, size: number, stack: number) =>
        mmu.writeSlow(low, high, size, stack),
      modifySlow: (low: number, high: number, size: number, stack: number) =>
        mmu.modifySlow(low, high, size, stack),
    };
    for (const name of Object.keys(SYSTEM_HELPER_ARITY) as SystemHelperName[]) {
      const helper = helpers[name] as (...operands: number[]) => number;
      imports[name] = (a: number, b: number, c: number, d: number) =>
        this.#settle(helper.call(helpers, a, b, c, d));
    }
    for (const name of ['syscall', 'sysret', 'iret'] as const) {
      const helper = imports[name] as (operandSize: number) => number;
      imports[name] = (operandSize: number) =>
        this.#calls.active ? this.#calls.transfer(name, () => helper(operandSize)) : helper(operandSize);
    }
    return { ...imports, ...new VectorUnit(this.state, mmu).helpers, ...x87Helpers(this.state, mmu) };
  }

  /** After a system helper: a translation that changed makes the next fetch a lookup, an interrupt that may now be taken ends the slice. */
  #settle(status: number): number {
    const system = this.state.get32(layout.RFLAGS_SYSTEM);
    const interrupted = (this.#interruptRequest && (system & IF) !== 0) || this.#nonMaskableWaits();
    if (interrupted || (system & (TF | RF)) !== 0) this.#cutSlice();
    if (status === Status.Next && this.#fetchFlushed) return Status.Lookup;
    this.#fetchFlushed = false;
    return status;
  }

  #interruptsEnabled(): boolean {
    return (this.state.get32(layout.RFLAGS_SYSTEM) & IF) !== 0;
  }

  /** A non-maskable interrupt waits, and none is being served. */
  #nonMaskableWaits(): boolean {
    return this.state.get32(layout.NON_MASKABLE) === layout.NonMaskable.Pending;
  }

  interruptNonMaskably(): void {
    this.#hostChanges++;
    const { state } = this;
    state.set32(layout.NON_MASKABLE, state.get32(layout.NON_MASKABLE) | layout.NonMaskable.Pending);
    this.#cutSlice();
  }

  get position(): number {
    if (this.#sliceLength === 0) return this.#sliceStart;
    // The instruction in progress has taken its step from the budget, but has not retired.
    return this.#sliceStart + this.#sliceLength - this.#sliceCut - this.state.get32(layout.BUDGET) - 1;
  }

  get dirtyPages(): DirtyPageTracker {
    return this.system.mmu.tlb.dirtyPages;
  }

  get interruptRequest(): boolean {
    return this.#interruptRequest;
  }

  set interruptRequest(asserted: boolean) {
    this.#interruptRequest = asserted;
    if (asserted && this.#interruptsEnabled()) this.endSlice();
  }

  endSlice(): void {
    if (this.#sliceLength === 0) return;
    this.#hostChanges++;
    this.#returnRequested = true;
    this.#cutSlice();
  }

  /** Ends the slice after the instruction in progress; `run` goes on. */
  #cutSlice(): void {
    if (this.#sliceLength === 0) return;
    this.#sliceCut += this.state.get32(layout.BUDGET);
    this.state.set32(layout.BUDGET, 0);
  }

  run(steps: number): StopReason {
    const { state } = this;
    const { watch } = this.system.mmu;
    let left = steps;
    let first = true;
    if (watch.active) watch.forgetHits();
    while (left > 0) {
      if (this.#shutdown) return 'shutdown';
      const shadow = state.get32(layout.INTERRUPT_SHADOW);
      const nonMaskable = this.#nonMaskableWaits();
      if (shadow === 0 && (nonMaskable || (this.#interruptRequest && this.#interruptsEnabled()))) {
        state.set32(layout.HALTED, 0);
        if (nonMaskable) state.set32(layout.NON_MASKABLE, layout.NonMaskable.Served);
        const vector = nonMaskable ? Vector.NonMaskableInterrupt : this.#bus.acknowledgeInterrupt();
        const outcome = this.system.delivery.deliver('interrupt', vector);
        this.#sliceStart++;
        left--;
        if (outcome === 'shutdown') this.#shutdown = true;
        first = false;
        if (watch.hits.length > 0) return this.#watchpoint();
        continue;
      }
      if (state.get32(layout.HALTED) !== 0) return 'halted';
      const repeating = state.get32(layout.REPEATING);
      const known = repeating !== 0 || (first && this.#reportedBreak !== undefined);
      state.set32(layout.BREAK_PASSED, known && this.#mayPassBreakpoint(repeating !== 0) ? 1 : 0);
      first = false;
      this.#reportedBreak = undefined;
      const system = state.get32(layout.RFLAGS_SYSTEM);
      const traced = (system & TF) !== 0;
      const resumed = (system & RF) !== 0;
      this.#passInstructionBreak = resumed || repeating !== 0 || shadow === layout.Shadow.Debug;
      // RF holds for one instruction; in the frame of its faults it is set anyway.
      if (resumed) state.set32(layout.RFLAGS_SYSTEM, system & ~RF);
      if (repeating !== 0) state.set32(layout.REPEATING, 0);
      const single = shadow !== 0 || traced || resumed;
      this.#mayAsk = this.askAtBreakpoint !== undefined && !single && repeating === 0;
      const exit = this.#slice(single ? 1 : Math.min(left, MAX_SLICE));
      left -= this.#lastTaken;
      if (this.#lastTaken > 0) {
        if (shadow !== 0 && exit !== RunExit.Shadow) state.set32(layout.INTERRUPT_SHADOW, 0);
      } else if (exit === RunExit.Breakpoint) {
        if (resumed) state.set32(layout.RFLAGS_SYSTEM, system);
        state.set32(layout.REPEATING, repeating);
      }
      if (exit === RunExit.Breakpoint) {
        this.#reportedBreak = this.#code.linear();
        const thrown = this.#thrown;
        this.#thrown = undefined;
        if (thrown !== undefined) throw thrown.error;
        return 'breakpoint';
      }
      if (exit === RunExit.Fault || exit === RunExit.FetchFault) {
        if (exit === RunExit.FetchFault) {
          // The delivery is a step of its own.
          left--;
          this.#sliceStart++;
        }
        this.#deliverFault();
      } else {
        if (exit === RunExit.Halt) state.set32(layout.HALTED, 1);
        if (this.#lastTaken > 0) this.#deliverTraps(traced, exit === RunExit.Shadow);
      }
      if (watch.hits.length > 0) return this.#watchpoint();
      if (this.#returnRequested) return this.#stopped();
    }
    return this.#stopped();
  }

  /** Only a breakpoint that is still there is passed; the one after it must not be. */
  #mayPassBreakpoint(repeating: boolean): boolean {
    const linear = this.#code.linear();
    return this.#code.breakpoints.has(linear) && (repeating || this.#reportedBreak === linear);
  }

  #deliverFault(): void {
    const { watch } = this.system.mmu;
    // The accesses of an instruction that did not complete are none.
    if (watch.active) watch.forgetHits();
    const kind = this.#instructionBreak ? 'breakpoint' : 'fault';
    if (this.system.delivery.deliverRecorded(kind) === 'shutdown') this.#shutdown = true;
    // What waited for the instruction after a load of SS comes before the handler's first.
    else this.#deliverPending(0, false);
  }

  /** The debug exceptions that follow an instruction belong to its step. */
  #deliverTraps(wasTraced: boolean, shadow: boolean): void {
    const { state } = this;
    const hits = this.system.mmu.watch.takeGuestHits();
    const traced = this.#traceByNewFlag ? (state.get32(layout.RFLAGS_SYSTEM) & TF) !== 0 : wasTraced;
    if (shadow && state.get32(layout.INTERRUPT_SHADOW) === layout.Shadow.Debug) {
      if (hits !== 0) state.set32(layout.DEBUG_PENDING, state.get32(layout.DEBUG_PENDING) | hits);
      return;
    }
    this.#deliverPending(hits, traced);
  }

  #deliverPending(hits: number, singleStep: boolean): void {
    const bits = hits | this.state.get32(layout.DEBUG_PENDING);
    if (bits === 0 && !singleStep) return;
    this.state.set32(layout.DEBUG_PENDING, 0);
    if (this.system.deliverDebugTrap(bits, singleStep) === 'shutdown') this.#shutdown = true;
  }

  #watchpoint(): StopReason {
    return this.#shutdown ? 'shutdown' : 'watchpoint';
  }

  #stopped(): StopReason {
    if (this.#shutdown) return 'shutdown';
    return this.state.get32(layout.HALTED) !== 0 && !this.#interruptRequest ? 'halted' : 'budget';
  }

  #lastTaken = 0;

  /** Runs wasm code for at most `length` steps and accounts for those taken. */
  #slice(length: number): number {
    this.#sliceLength = length;
    if (this.#calls.active) this.#calls.beginSlice(this.#sliceStart + length);
    this.#sliceCut = 0;
    this.#fetchFlushed = false;
    this.#returnRequested = false;
    this.#instructionBreak = false;
    this.#traceByNewFlag = false;
    const exit = this.#run(length);
    this.#lastTaken = length - this.#sliceCut - this.state.get32(layout.BUDGET);
    this.#sliceLength = 0;
    this.#sliceStart += this.#lastTaken;
    this.#stepsToCollect -= this.#lastTaken;
    if (this.#stepsToCollect < 0) this.readExecutionCounts();
    return exit;
  }

  /** Linear address of the instruction in progress, or of the next one between two. */
  #instructionAddress(): bigint {
    return this.#sliceLength === 0
      ? this.#code.linear()
      : this.#code.linearOf(this.state.get32(layout.RECORD));
  }

  /** The record for RIP, or 0 with a fault recorded: that of a breakpoint comes before those of fetching. */
  #decode(): number {
    const { instructions } = this.system.breakpoints;
    if (instructions.size > 0) {
      const taken = this.#sliceLength - this.#sliceCut - this.state.get32(layout.BUDGET);
      const passed = this.#passInstructionBreak && taken === 0;
      if (!passed && this.#raiseInstructionBreak(this.#code.linear())) return 0;
    }
    const { state } = this;
    if (state.get32(layout.SEGMENT_CHECKS) !== 0) {
      const mask = state.get32(layout.CODE_SIZE) === 2 ? 0xffff : 0xffff_ffff;
      if ((state.get32(layout.RIP) & mask) >>> 0 > state.segment(CS).limit) {
        generalProtection(state);
        return 0;
      }
    }
    return this.#code.decodeAtInstructionPointer();
  }

  /** A breakpoint of the host: on with the instruction, or the run ends. */
  #hostBreakpoint(at: number): number {
    const { state } = this;
    const changes = this.#hostChanges;
    this.#breakpointAnswer = undefined;
    if (this.#mayAsk) {
      try {
        this.#breakpointAnswer = this.askAtBreakpoint?.(this.#code.breakpointOf(at));
      } catch (error) {
        // Generated code is no place for an exception to pass through.
        this.#thrown = { error };
      }
    }
    // The main loop has taken a step.
    state.set32(layout.BUDGET, state.get32(layout.BUDGET) + 1);
    const passed = this.#breakpointAnswer === true && changes === this.#hostChanges;
    return passed ? Status.Next : RunExit.Breakpoint;
  }

  takeBreakpointAnswer(): boolean | undefined {
    const answer = this.#breakpointAnswer;
    this.#breakpointAnswer = undefined;
    return answer;
  }

  /** The record of an instruction breakpoint of the guest: its fault, or on with the instruction. */
  #instructionBreakpoint(at: number): number {
    const { state } = this;
    // The main loop has taken a step.
    const passed = this.#passInstructionBreak && this.position === this.#sliceStart;
    if (!passed && this.#raiseInstructionBreak(this.#code.linearOf(at))) return Status.Fault;
    state.set32(layout.BUDGET, state.get32(layout.BUDGET) + 1);
    return Status.Next;
  }

  #raiseInstructionBreak(linear: bigint): boolean {
    const bits = this.system.breakpoints.instructions.get(linear);
    if (bits === undefined) return false;
    setDebugStatus(this.state, bits);
    raise(this.state, Vector.Debug);
    this.#instructionBreak = true;
    return true;
  }

  /** Bytes at RIP that decode to nothing: #UD (#GP when too long), and the host is told when no row of the table matched. */
  #undefinedInstruction(at: number): number {
    const { state } = this;
    const linear = this.#code.linearOf(at);
    const bytes = this.system.inspector.readMemory(linear, MAX_INSTRUCTION_LENGTH);
    const decodes = this.#decoder.decode(bytes, 0, bytes.length, { codeSize: state.get32(layout.CODE_SIZE) });
    if (!decodes && this.#decoder.failure === 'too long') return generalProtection(state);
    if (!decodes && this.#decoder.failure === 'unimplemented') {
      this.onUnimplemented?.({ address: linear, bytes: bytes.slice(0, this.#decoder.decoded.length) });
    }
    return invalidOpcode(state);
  }

  reset(): void {
    this.#hostChanges++;
    this.system.reset();
    this.state.set32(layout.ONE, 1);
    this.state.set64(layout.RANDOM, BigInt.asUintN(64, this.#randomSeed));
    this.#shutdown = false;
    this.#sliceStart = 0;
    this.#reportedBreak = undefined;
    this.flushTranslations();
  }

  linearInstructionPointer(): bigint {
    return this.#code.linear();
  }

  setBreakpoints(addresses: Iterable<bigint>): void {
    this.#hostChanges++;
    this.#code.setBreakpoints(addresses);
  }

  logCalls(points: CallPoints | undefined, listener?: CallLogListener): void {
    this.#hostChanges++;
    this.#calls.listen(points === undefined ? undefined : listener);
    this.system.delivery.onDelivered =
      points === undefined
        ? undefined
        : (vector, kind) => this.#calls.delivered(vector, kind === 'interrupt');
    this.#code.setCallPoints(points);
  }

  readCallLog(): void {
    this.#calls.read();
  }

  countExecutions(listener: ExecutionListener | undefined): void {
    if (listener === undefined) this.#executionListeners.pop();
    else this.#executionListeners.push(listener);
    this.#followExecutionListeners();
  }

  stopCounting(listener: ExecutionListener): void {
    const index = this.#executionListeners.indexOf(listener);
    if (index < 0) return;
    this.#executionListeners.splice(index, 1);
    this.#followExecutionListeners();
  }

  #followExecutionListeners(): void {
    this.#code.setExecutionListeners(this.#executionListeners);
    const counting = this.#executionListeners.length > 0;
    if (counting) this.#countingRun ??= runOf(countingInterpreterModule(), this.#imports);
    this.#run = counting ? (this.#countingRun ?? this.#plainRun) : this.#plainRun;
    this.#stepsToCollect = counting ? STEPS_COUNTED : Number.POSITIVE_INFINITY;
  }

  readExecutionCounts(): void {
    if (this.#run === this.#plainRun) return;
    this.#code.collectCounts();
    this.#stepsToCollect = STEPS_COUNTED;
  }

  setWatchedRanges(ranges: Iterable<WatchedRange>): void {
    this.#hostChanges++;
    const { watch } = this.system.mmu;
    watch.setRanges(ranges);
    watch.forgetHits();
  }

  get watchHits(): readonly WatchHit[] {
    return this.system.mmu.watch.hits;
  }

  memoryWritten(physicalAddress: number, length: number): void {
    this.#hostChanges++;
    for (let page = physicalAddress >>> 12; page <= (physicalAddress + length - 1) >>> 12; page++) {
      this.dirtyPages.mark(page);
      this.#code.forgetPage(page);
    }
  }

  flushTranslations(): void {
    this.#hostChanges++;
    updateMode(this.state);
    this.system.updateBreakpoints();
    this.system.mmu.flushData(false);
    this.#code.flushFetch(false);
  }

  flush(): void {
    this.#hostChanges++;
    updateMode(this.state);
    this.system.updateBreakpoints();
    this.system.mmu.flushData(false);
    this.#code.reset();
  }
}

/** The `run` of an instance of the interpreter. */
function runOf(
  module: WebAssembly.Module,
  imports: { readonly env: Record<string, unknown> },
): (budget: number) => number {
  return new WebAssembly.Instance(module, imports).exports.run as (budget: number) => number;
}
