import type { TraceFrame } from './backtrace.ts';
import type { ThreadIdentity } from './kernel.ts';

export const EVENT_SCHEMA = 'puffer-event';
export const EVENT_VERSION = 1;

/** A register or field of the guest, or a piece of text about one; undefined when it could not be read. */
export type EventValue = bigint | number | string | boolean | undefined;

/** One field of a structure that fork copies. */
export type FieldCopy =
  | { readonly field: string; readonly from: bigint; readonly to: bigint }
  /** A field that is no word: only whether its bytes are the same. */
  | { readonly field: string; readonly size: number; readonly equal: boolean };

/** A structure that fork copied. */
export interface StructureCopy {
  /** Addresses of the parent's and of the child's. */
  readonly from: bigint;
  readonly to: bigint;
  readonly fields: readonly FieldCopy[];
}

/** A field of a stack frame, with the name of what it points to if that has one. */
export interface FrameField {
  readonly field: string;
  readonly value: bigint;
  readonly symbol: string | undefined;
}

/** The element at a certain place of a list of the kernel. */
export interface ListPlace {
  readonly list: string;
  readonly element: bigint | undefined;
}

/** The registers that a system call answers in. */
export interface ReturnRegisters {
  readonly rax: bigint;
  readonly rdx: bigint;
  /** The carry flag: an error. */
  readonly carry: boolean;
}

/** An argument of a kernel function, by the name the source gives it. */
export interface EventArgument {
  readonly name: string;
  readonly value: bigint;
}

/** What a probe of a function sees at its entry and after its return. */
export interface FunctionValues {
  readonly function: string;
  readonly address: bigint;
  /** Path as given to the compiler; undefined when the debugging information does not say. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly arguments: readonly EventArgument[];
  /** Values that were asked for, by the expression that names them. */
  readonly watched: Readonly<Record<string, EventValue>>;
}

/** What each event says besides its header. Addresses and registers are bigint, counts and ids numbers. */
export interface EventValues {
  /** A SYSCALL instruction has just executed in user mode. */
  'user:syscall': {
    /** Address of the instruction. */
    readonly instruction: bigint;
    /** rcx: where the call returns to. */
    readonly returnAddress: bigint;
    readonly stackPointer: bigint;
    readonly number: number;
    readonly systemCall: string | undefined;
    /** Address of the kernel's entry point, and its source line. */
    readonly entry: bigint;
    readonly entryName: string | undefined;
    readonly file: string | undefined;
    readonly line: number | undefined;
  };
  /** Back in user mode after a call of the fork family, before the instruction after SYSCALL. */
  'user:return': {
    readonly instruction: bigint;
    readonly stackPointer: bigint;
    readonly registers: ReturnRegisters;
  };
  'raw_syscalls:sys_enter': {
    readonly number: number;
    readonly systemCall: string | undefined;
    readonly args: readonly bigint[];
  };
  'raw_syscalls:sys_exit': {
    readonly number: number;
    readonly systemCall: string | undefined;
    /** 0, an errno, ERESTART or EJUSTRETURN. */
    readonly error: number;
    readonly rval: readonly bigint[];
  };
  /** A new thread is handed to the scheduler. */
  'sched:fork': {
    readonly child: ThreadIdentity | undefined;
    /** The child's struct proc and struct process. */
    readonly childAddress: bigint;
    readonly childProcess: bigint | undefined;
    readonly parentAddress: bigint;
    readonly flags: number;
    /** What stands first in the lists that the child was put on. */
    readonly lists: readonly ListPlace[];
  };
  /** The header's thread leaves the CPU. */
  'sched:off__cpu': {
    readonly from: bigint;
    readonly to: bigint;
    readonly next: ThreadIdentity | undefined;
    /** Where the next thread goes on. */
    readonly resumesAt: bigint;
    readonly resumesIn: string | undefined;
  };
  /** The header's thread has come on the CPU. */
  'sched:on__cpu': { readonly address: bigint };
  'uvm:fault': {
    readonly map: bigint;
    readonly address: bigint;
    readonly faultType: string;
    readonly access: readonly string[];
  };
  'uvm:uarea_alloc': {
    /** 0 when memory was short. */
    readonly address: bigint;
    /** As many as were asked for; undefined when the allocation was not seen. */
    readonly pages: number | undefined;
  };
  /** cpu_fork() has made the child's machine state of the parent's. */
  'proc:pcb_copy': {
    readonly childPid: number | undefined;
    readonly parentProc: bigint;
    readonly childProc: bigint;
    readonly pcb: StructureCopy | undefined;
    /** The trapframes of the last entry from user mode; undefined for a parent that never was there. */
    readonly trapframe: StructureCopy | undefined;
    /** What cpu_switchto() will pop when the child first runs. */
    readonly switchframe: { readonly address: bigint; readonly fields: readonly FrameField[] } | undefined;
  };
  'proc:child_return': {
    readonly childProc: bigint;
    readonly trapframe: bigint | undefined;
    readonly before: ReturnRegisters | undefined;
    readonly after: ReturnRegisters | undefined;
  };
  /** execve(2) is over; on failure `error` is not 0. */
  'proc:exec': {
    readonly path: string | undefined;
    readonly argv: readonly string[] | undefined;
    readonly error: number;
    /** Position at which sys_execve() was entered. */
    readonly began: number;
  };
  'proc:exit': { readonly status: number; readonly flags: number };
  /** wait4(2) has found a child. */
  'proc:wait': { readonly pid: number; readonly status: number | undefined };
  /** panic() has its message. */
  'kernel:panic': { readonly message: string; readonly trace: readonly TraceFrame[] };
  'kprobe:entry': FunctionValues;
  'kprobe:return': FunctionValues & {
    /** rax; undefined for a function that returns nothing. */
    readonly result: bigint | undefined;
    /** Position of the entry. */
    readonly entered: number;
  };
}

export type EventName = keyof EventValues;

/** What all events have. */
export interface EventHeader<N extends EventName> {
  readonly schema: typeof EVENT_SCHEMA;
  readonly version: typeof EVENT_VERSION;
  readonly name: N;
  /** Steps since power-on. */
  readonly position: number;
  /** Guest ns. */
  readonly guestTime: number;
  /** Who ran; undefined while there are no threads yet. */
  readonly thread: ThreadIdentity | undefined;
  /** What could not be read, in sentences; absent when all could. */
  readonly missing?: readonly string[];
}

/** An event by name: `EventOf<'sched:fork'>`. */
export type EventOf<N extends EventName> = EventHeader<N> & EventValues[N];

/** Any event. */
export type KernelEvent = { [N in EventName]: EventOf<N> }[EventName];
