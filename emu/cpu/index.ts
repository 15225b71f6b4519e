export type { AccessSize, Bus } from './bus.ts';
export { Cpu, type CpuOptions } from './cpu.ts';
export type { DirtyPages } from './dirty-pages.ts';
export * as layout from './layout.ts';
export type { Processor, StopReason, UnimplementedInstruction } from './processor.ts';
export { CS, DS, ES, FS, GS, LDTR, type Segment, SS, State, TR } from './state.ts';
export type { WatchedAccess, WatchedRange, WatchHit } from './system/data-watch.ts';
export { MemoryInspector } from './system/inspect.ts';
export type { PageTableEntry } from './system/paging.ts';
