export { BootError, type BootErrorCode } from './boot/errors.ts';
export type { BootProtocol, KernelPlacement } from './boot/placement.ts';
export type { BreakpointObserver, Breakpoints, BreakpointVerdict } from './breakpoints.ts';
export type { ConsoleScript, OutputListener } from './console.ts';
export type { KeyName } from './devices/keyboard-codes.ts';
export type { Ending } from './ending.ts';
export { MachineError, type MachineErrorCode } from './errors.ts';
export { StateHash } from './hash.ts';
export {
  type InputEntry,
  InputError,
  type InputErrorCode,
  type InputEvent,
  type InputMark,
} from './input-log.ts';
export { Machine } from './machine.ts';
export type { KernelOptions, MachineConsole, MachineOptions } from './machine-options.ts';
export type { MachineStop, RunOptions, StopCause } from './machine-stop.ts';
export { countUnsharedPages, PAGE_SIZE, type PageGroup, type Pages } from './pages.ts';
export { GENERAL_REGISTERS, type GeneralRegister, type RegisterName, Registers } from './registers.ts';
export { type Snapshot, SnapshotError, type SnapshotErrorCode } from './snapshot.ts';
export { decodeSnapshot, encodeSnapshot } from './snapshot-file.ts';
export type { TextScreen } from './text-screen.ts';
export type { WatchObserver, Watchpoints } from './watchpoints.ts';
