/**
 * What a slow path or a system helper tells the generated code to do next. Nothing is thrown through WebAssembly:
 * a JavaScript exception costs about 75 times more and loses the locals.
 */
export const Status = {
  /** Continue with the next record. */
  Next: 0,
  /** An exception was recorded in `layout.FAULT_*` and no other architectural register was changed. */
  Fault: 1,
  /** `layout.RIP` was set: look the instruction up there and continue with it. */
  Lookup: 2,
  /** Like `Next`, and interrupts stay inhibited until the next instruction has retired. */
  Shadow: 3,
  /** HLT: the processor waits for an interrupt. */
  Halt: 4,
} as const;

export type Status = (typeof Status)[keyof typeof Status];
