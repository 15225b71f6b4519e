/** Traces of the kernel's functions. */
export { ARROW_FUNCTIONS, ChromeTraceWriter } from './chrome-writer.ts';
export { TraceError } from './errors.ts';
export { chooseFunctions, DEFAULT_FUNCTIONS, globPattern, kernelFunctions, nearNames } from './functions.ts';
export type {
  TraceCall,
  TraceCallKind,
  TraceLeave,
  TraceMoment,
  TraceThread,
  TraceValue,
  TraceVisitor,
} from './items.ts';
export { threadName } from './items.ts';
export { NdjsonTraceWriter, TRACE_SCHEMA, TRACE_VERSION } from './ndjson-writer.ts';
export { TextTraceWriter } from './text-writer.ts';
export { chooseEvents, FunctionTrace, type FunctionTraceOptions } from './tracing.ts';
export { chooseUserFunctions, isUserGlob } from './user-functions.ts';
