/** The kernel room: what makes puffer OpenBSD-aware. */
export { KERNEL_HALF } from './address-space.ts';
export {
  type BacktraceOptions,
  backtrace,
  formatBacktrace,
  formatFrame,
  type TraceFrame,
} from './backtrace.ts';
export { type CodeLevel, codeLevels } from './code-levels.ts';
export { waitsForInput } from './console-input.ts';
export {
  decodeFlags,
  decodeForkFlags,
  decodePFlag,
  decodePsFlags,
  describeWaitStatus,
  errorName,
  type FlagNames,
  FORK_FLAGS,
  signalName,
  systemCallName,
  threadStateName,
} from './constants.ts';
export { KernelError, type KernelErrorCode } from './errors.ts';
export { encodeEvent, toJson } from './event-encoding.ts';
export {
  EVENT_SCHEMA,
  EVENT_VERSION,
  type EventArgument,
  type EventHeader,
  type EventName,
  type EventOf,
  type EventValue,
  type EventValues,
  type FieldCopy,
  type FrameField,
  type FunctionValues,
  type KernelEvent,
  type ListPlace,
  type ReturnRegisters,
  type StructureCopy,
} from './events.ts';
export { ForkRecorder, type ForkRecorderOptions } from './fork-report/recorder.ts';
export { type RenderOptions, renderForkReport } from './fork-report/render.ts';
export {
  type Fact,
  type FactValue,
  FORK_REPORT_SCHEMA,
  FORK_REPORT_VERSION,
  type ForkOutcome,
  type ForkReport,
  type ForkRole,
  type ForkStep,
} from './fork-report/report.ts';
export type { TracedFunction } from './function-watch.ts';
export { GuestMemory, type LinearMemory } from './guest-memory.ts';
export { Kernel, type KernelOptions, type ThreadIdentity } from './kernel.ts';
export { type CodePlace, KernelImage } from './kernel-image.ts';
export { listElements } from './lists.ts';
export { type Call, type Detach, type FunctionProbe, Probes } from './probes.ts';
export { programPlaces } from './program-places.ts';
export { dumpRegisters } from './register-dump.ts';
export { panicMessage } from './sources/panic.ts';
export { EVENT_NAMES, EventStream, KernelTracer } from './tracer.ts';
export { StructViews, View } from './view.ts';
