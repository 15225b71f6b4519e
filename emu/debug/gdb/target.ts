import type { WatchedAccess } from '../../cpu/index.ts';
import type { MachineStop } from '../../machine/index.ts';

/** Signal numbers of the protocol (GDB's include/gdb/signals.def). */
export const Signal = { Interrupt: 2, Trap: 5, Abort: 6, SegmentationFault: 11 } as const;

/** Why the target stands. */
export type TargetStop =
  | { readonly kind: 'signal'; readonly signal: number }
  /** The next instruction has a breakpoint. */
  | { readonly kind: 'breakpoint'; readonly type: BreakpointType }
  /** The step just taken (going back: the one about to be taken) accesses watched memory. */
  | { readonly kind: 'watchpoint'; readonly access: WatchedAccess; readonly address: bigint }
  /** Nothing is known of what was before. */
  | { readonly kind: 'historyBegin' }
  /** It will not run again. */
  | { readonly kind: 'ended'; readonly stop: MachineStop };

/** `Z0` and `Z1`: whether gdb counts it as a software or a hardware breakpoint; the guest's memory is untouched by both. */
export type BreakpointType = 'software' | 'hardware';

/** One register of the description. */
export interface RegisterRow {
  readonly name: string;
  /** Size in bits. */
  readonly bits: number;
  /** A type gdb knows or the feature declares. */
  readonly type: string;
  readonly group?: string | undefined;
}

/** Registers by their number in the description; values are little-endian. */
export interface TargetRegisters {
  /** target.xml. */
  readonly description: string;
  readonly rows: readonly RegisterRow[];
  /** Numbers that every stop reply has, so that gdb need not ask. */
  readonly expedited: readonly number[];
  /** A register of a thread; undefined when its value is not kept anywhere. */
  read(thread: number, register: number): Uint8Array | undefined;
  /** Throws PacketError 'refused' when it cannot be changed. */
  write(thread: number, register: number, value: Uint8Array): void;
}

/** Addresses from `start` on; `size` in bytes. */
export interface AddressRange {
  readonly start: bigint;
  readonly size: bigint;
}

/** Memory by linear address in the present address space. */
export interface TargetMemory {
  /** Where memory may be; undefined when nothing is known of that. */
  readonly ranges?: readonly AddressRange[] | undefined;
  /** As many bytes as are mapped, up to `size`. */
  read(address: bigint, size: number): Uint8Array;
  /** Writes all or nothing. Throws PacketError 'unmapped'. */
  write(address: bigint, bytes: Uint8Array): void;
}

export type Resume =
  | { readonly kind: 'continue' }
  | { readonly kind: 'step'; readonly thread?: number | undefined }
  /** Steps while the next instruction lies in [start, end). */
  | { readonly kind: 'range'; readonly start: bigint; readonly end: bigint };

export interface TargetRun {
  /** Runs as asked; the promise is kept when the target stands. */
  resume(how: Resume): Promise<TargetStop>;
  /** The resume in progress stops soon. */
  interrupt(): void;
  /** Sets the next instruction of the running thread. */
  jump(address: bigint): void;
}

export interface TargetBreakpoints {
  add(type: BreakpointType, address: bigint): void;
  remove(type: BreakpointType, address: bigint): void;
  clear(): void;
}

/** Stops after a step that has changed memory (`Z2`), read it (`Z3`), or done either (`Z4`). */
export interface TargetWatchpoints {
  add(access: WatchedAccess, address: bigint, size: number): void;
  remove(access: WatchedAccess, address: bigint, size: number): void;
  clear(): void;
}

/** Threads by the numbers the protocol has for them: positive. */
export interface TargetThreads {
  current(): number;
  list(): number[];
  /** One line about it. */
  describe(thread: number): string;
}

/** Going back in time. */
export interface TargetReverse {
  step(): Promise<TargetStop>;
  resume(): Promise<TargetStop>;
}

/** `monitor COMMAND`: the text to be shown. */
export type TargetMonitor = (command: string) => string;

/** What the stub serves. What a target lacks is neither advertised nor answered. */
export interface GdbTarget {
  readonly registers: TargetRegisters;
  readonly memory: TargetMemory;
  readonly run: TargetRun;
  readonly threads: TargetThreads;
  readonly breakpoints?: TargetBreakpoints | undefined;
  readonly watchpoints?: TargetWatchpoints | undefined;
  readonly reverse?: TargetReverse | undefined;
  readonly monitor?: TargetMonitor | undefined;
}
