import type { Bus } from '../bus.ts';
import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import type { SystemHelpers, SystemHooks } from './contract.ts';
import { ControlRegisters } from './control.ts';
import { ProcessorIdentification } from './cpuid.ts';
import { DebugBreakpoints } from './debug-breakpoints.ts';
import { DebugRegisters, DR6_SINGLE_STEP, setDebugStatus } from './debug-registers.ts';
import { DescriptorTables } from './descriptor-tables.ts';
import { generalProtection, invalidOpcode, Vector } from './exception.ts';
import { FarTransfers } from './far-transfer.ts';
import { BASELINE_FEATURES, type CpuFeature } from './features.ts';
import { AC, OF, readArithmeticFlags } from './flags.ts';
import { FlagControl } from './flags-control.ts';
import { MemoryInspector } from './inspect.ts';
import { InterruptDelivery } from './interrupts.ts';
import { Mmu } from './mmu.ts';
import { currentPrivilege, is64BitCode } from './mode.ts';
import { ModelSpecificRegisters } from './msr.ts';
import { Ports } from './ports.ts';
import { resetState } from './reset.ts';
import { Returns } from './returns.ts';
import { SegmentLoader } from './segments.ts';
import { StackFrames } from './stack.ts';
import { Status } from './status.ts';
import { FastSystemCalls } from './system-call.ts';
import { TableRegisters } from './table-registers.ts';
import { TaskState } from './task.ts';

export interface SystemUnitOptions {
  readonly state: State;
  readonly bus: Bus;
  readonly hooks: SystemHooks;
  /** Features that the instruction table implements completely, for CPUID and CR4. The baseline is added. */
  readonly features?: Iterable<CpuFeature>;
}

/** The system half of the processor: memory, privilege, exceptions, and the instructions that manage them. */
export class SystemUnit {
  readonly mmu: Mmu;
  readonly delivery: InterruptDelivery;
  readonly identification: ProcessorIdentification;
  readonly inspector: MemoryInspector;
  readonly flags: FlagControl;
  /** What the guest's debug registers ask for. */
  readonly breakpoints: DebugBreakpoints;
  /** The system instructions by name, for the generated code to import. */
  readonly helpers: SystemHelpers;
  readonly #state: State;
  readonly #hooks: SystemHooks;

  constructor({ state, bus, hooks, features = [] }: SystemUnitOptions) {
    const all: ReadonlySet<CpuFeature> = new Set([...BASELINE_FEATURES, ...features]);
    this.#state = state;
    this.#hooks = hooks;
    this.mmu = new Mmu(state, bus, hooks);
    this.inspector = new MemoryInspector(state, this.mmu);
    this.identification = new ProcessorIdentification(state, all);
    this.flags = new FlagControl(state, hooks);
    this.breakpoints = new DebugBreakpoints(state);
    const debugChanged = (): void => this.updateBreakpoints();
    const tables = new DescriptorTables(state, this.mmu);
    const frames = new StackFrames(state, this.mmu);
    const task = new TaskState(state, this.mmu);
    this.delivery = new InterruptDelivery(state, this.mmu, tables, task, frames);
    this.helpers = systemHelpers({
      state,
      delivery: this.delivery,
      identification: this.identification,
      flags: this.flags,
      control: new ControlRegisters(state, bus, this.mmu, hooks, all, debugChanged),
      debug: new DebugRegisters(state, debugChanged),
      registers: new ModelSpecificRegisters(state, bus, this.mmu, hooks, all),
      segments: new SegmentLoader(state, tables),
      transfers: new FarTransfers(state, tables, task, frames),
      returns: new Returns(state, tables, frames, this.flags),
      calls: new FastSystemCalls(state, this.flags, hooks),
      tableRegisters: new TableRegisters(state, this.mmu),
      ports: new Ports(state, bus, this.mmu, task, this.breakpoints),
      hooks,
    });
  }

  /** Architectural reset state, with all translations dropped. */
  reset(): void {
    resetState(this.#state);
    this.mmu.flushAll(false);
    this.updateBreakpoints();
  }

  /** Follows the debug registers, which may have changed. */
  updateBreakpoints(): void {
    this.breakpoints.update();
    this.mmu.watch.setBreakpoints(this.breakpoints.data);
    this.#hooks.setInstructionBreakpoints(this.breakpoints.instructions.keys());
  }

  /** Delivers the #DB that follows an instruction: it met the breakpoints of these DR6 bits, or ran with RFLAGS.TF set. */
  deliverDebugTrap(breakpoints: number, singleStep: boolean): 'delivered' | 'shutdown' {
    setDebugStatus(this.#state, breakpoints | (singleStep ? DR6_SINGLE_STEP : 0));
    return this.delivery.deliver('trap', Vector.Debug);
  }
}

interface Parts {
  readonly state: State;
  readonly delivery: InterruptDelivery;
  readonly identification: ProcessorIdentification;
  readonly flags: FlagControl;
  readonly control: ControlRegisters;
  readonly debug: DebugRegisters;
  readonly registers: ModelSpecificRegisters;
  readonly segments: SegmentLoader;
  readonly transfers: FarTransfers;
  readonly returns: Returns;
  readonly calls: FastSystemCalls;
  readonly tableRegisters: TableRegisters;
  readonly ports: Ports;
  readonly hooks: SystemHooks;
}

function systemHelpers(parts: Parts): SystemHelpers {
  const { state, delivery, flags, control, debug, registers, segments, transfers, returns, calls, ports } =
    parts;
  const { identification, tableRegisters, hooks } = parts;
  /** INT n and the like clear TF at their gate: the handler is not traced, nor is the instruction that went there. */
  const software = (kind: 'software' | 'trap', vector: number): number => {
    hooks.traceByNewFlag();
    return delivery.attempt(kind, vector);
  };
  /** An instruction that only ring 0 may execute and that otherwise does nothing here. */
  const privileged = (status: number): number =>
    currentPrivilege(state) === 0 ? status : generalProtection(state);
  return {
    ud2: () => invalidOpcode(state),
    movFromControl: (register, gprOffset) => control.movFromControl(register, gprOffset),
    movToControl: (register, gprOffset) => control.movToControl(register, gprOffset),
    movFromDebug: (register, gprOffset) => debug.movFromDebug(register, gprOffset),
    movToDebug: (register, gprOffset) => debug.movToDebug(register, gprOffset),
    clts: () => control.clts(),
    lmsw: (value) => control.lmsw(value),
    invlpg: (low, high) => control.invlpg(low, high),
    wbinvd: () => privileged(Status.Next),
    rdmsr: () => registers.rdmsr(),
    wrmsr: () => registers.wrmsr(),
    rdtsc: () => registers.rdtsc(),
    rdtscp: () => registers.rdtscp(),
    rdpmc: () => generalProtection(state),
    cpuid: () => identification.cpuid(),
    xgetbv: () => control.xgetbv(),
    xsetbv: () => control.xsetbv(),
    hlt: () => {
      const status = privileged(Status.Halt);
      if (status === Status.Halt) state.set32(layout.HALTED, 1);
      return status;
    },
    cli: () => flags.cli(),
    sti: () => flags.sti(),
    stac: () => flags.setAlignmentCheck(AC),
    clac: () => flags.setAlignmentCheck(0),
    pushfValue: () => flags.pushfValue(),
    popf: (value, operandSize) => flags.popf(value, operandSize),
    syscall: () => calls.syscall(),
    sysret: (operandSize) => calls.sysret(operandSize),
    sysenter: () => calls.sysenter(),
    sysexit: (_operandSize) => calls.sysenter(),
    swapgs: () => calls.swapgs(),
    iret: (operandSize) => returns.iret(operandSize),
    softwareInterrupt: (vector) => software('software', vector & 0xff),
    int3: () => software('software', Vector.Breakpoint),
    int1: () => software('trap', Vector.Debug),
    into: () => {
      if (is64BitCode(state)) return invalidOpcode(state);
      if ((readArithmeticFlags(state) & OF) === 0) return Status.Next;
      return software('software', Vector.Overflow);
    },
    lgdt: (low, high, operandSize) => tableRegisters.load(layout.GDTR, low, high, operandSize),
    lidt: (low, high, operandSize) => tableRegisters.load(layout.IDTR, low, high, operandSize),
    sgdt: (low, high) => tableRegisters.store(layout.GDTR, low, high),
    sidt: (low, high) => tableRegisters.store(layout.IDTR, low, high),
    lldt: (selector) => segments.lldt(selector),
    ltr: (selector) => segments.ltr(selector),
    lar: (selector, gprOffset, operandSize) => segments.lar(selector, gprOffset, operandSize),
    lsl: (selector, gprOffset, operandSize) => segments.lsl(selector, gprOffset, operandSize),
    verr: (selector) => segments.verr(selector),
    verw: (selector) => segments.verw(selector),
    loadSegment: (segment, selector) => segments.loadSegment(segment, selector),
    farJump: (selector, low, high) => transfers.farJump(selector, low, high),
    farCall: (selector, low, high, operandSize) => transfers.farCall(selector, low, high, operandSize),
    farReturn: (operandSize, popBytes) => returns.farReturn(operandSize, popBytes),
    portIn: (port, size) => ports.portIn(port, size),
    portOut: (port, size) => ports.portOut(port, size),
    checkPortString: (size) => ports.checkPortString(size),
    portInString: (size, low, high) => ports.portInString(size, low, high),
    portOutString: (size, low, high) => ports.portOutString(size, low, high),
  };
}
