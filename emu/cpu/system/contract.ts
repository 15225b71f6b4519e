/**
 * What the system half offers the generated code, as signatures. Every parameter and result is a 32-bit integer
 * (a wasm i32; signedness does not matter); 64-bit values are passed as low and high halves.
 */

/** What the system half asks of the interpreter around it. */
export interface SystemHooks {
  /** A store is about to change `size` bytes at `offset` of a physical page that has decoded records. */
  codeWritten(physicalPage: number, offset: number, size: number): void;
  /** Drops the instruction TLB, or all but global pages: translations may have changed. */
  flushFetch(keepGlobal: boolean): void;
  /** Drops the instruction TLB's entry of the 4 KiB at a linear address. */
  flushFetchOf(low: number): void;
  /** Asks the run in progress to return to its loop after this instruction. */
  endSlice(): void;
  /** Steps since power-on, exact for the instruction in progress. */
  position(): number;
  /** The INTR pin. */
  interruptRequest(): boolean;
  /** Linear address of the instruction in progress; outside of one, of the next. */
  instructionAddress(): bigint;
  /** The run loop is to look at what was recorded for it after the step in progress. */
  endStep(): void;
  /** RFLAGS.TF as the instruction in progress leaves it decides whether a single-step trap follows, not as it found it. */
  traceByNewFlag(): void;
  /** Replaces the addresses of the debug registers' instruction breakpoints. */
  setInstructionBreakpoints(addresses: Iterable<bigint>): void;
}

/**
 * Memory accesses that missed the data TLB, cross a page or go to a device. `through` is a `Through`: what
 * the address is relative to. A non-canonical address through the stack is #SS(0), else #GP(0). Sizes are 1–64 bytes.
 * A result of 0 means that a fault was recorded.
 */
export interface SlowPaths {
  /** Offset in the linear memory where the bytes can be loaded: the RAM itself, or `layout.BOUNCE` filled. */
  readSlow(low: number, high: number, size: number, through: number): number;
  /**
   * Offset in the linear memory where the bytes must be stored. All pages are probed for writing. When the result is
   * `layout.BOUNCE`, `layout.BOUNCE_SIZE` is set and `commitBounce` must follow the store.
   */
  writeSlow(low: number, high: number, size: number, through: number): number;
  /** As `writeSlow`, for a read-modify-write: the bounce buffer holds the present bytes. */
  modifySlow(low: number, high: number, size: number, through: number): number;
  /** Copies the bounce buffer where it belongs and clears `layout.BOUNCE_SIZE`. Cannot fault. */
  commitBounce(): void;
}

/**
 * One function per system instruction. `layout.RIP` holds the address of the NEXT instruction when one is called. All
 * return a `Status`, except where said otherwise. `gprOffset` is the byte offset of a register slot (`layout.GPR + 8 * n`).
 * Operand sizes are in bytes. The emitter has computed linear addresses, segment base included.
 */
export interface SystemHelpers {
  /** Records #UD. */
  ud2(): number;
  /** MOV r, CRn: #UD for a register that does not exist, then #GP(0) unless CPL is 0. Writes 8 bytes in 64-bit mode, else 4 (upper half zero). */
  movFromControl(control: number, gprOffset: number): number;
  /** MOV CRn, r. May return `Lookup` when the mode or the translation changed. */
  movToControl(control: number, gprOffset: number): number;
  movFromDebug(debug: number, gprOffset: number): number;
  movToDebug(debug: number, gprOffset: number): number;
  clts(): number;
  /** LMSW with the 16-bit operand. (SMSW, SLDT and STR are plain loads of state slots.) */
  lmsw(value: number): number;
  invlpg(addressLow: number, addressHigh: number): number;
  wbinvd(): number;
  rdmsr(): number;
  wrmsr(): number;
  rdtsc(): number;
  rdtscp(): number;
  /** RDPMC: there are no performance counters, so every number of one is #GP(0), with or without permission to read it. */
  rdpmc(): number;
  cpuid(): number;
  xgetbv(): number;
  xsetbv(): number;
  hlt(): number;
  cli(): number;
  /** Returns `Shadow` when it set IF. */
  sti(): number;
  stac(): number;
  clac(): number;
  /** Not a status: RFLAGS as PUSHF stores it (VM and RF clear). */
  pushfValue(): number;
  /** POPF with the popped value. #GP(0) cannot happen outside virtual-8086 mode, which does not exist here. */
  popf(value: number, operandSize: number): number;
  syscall(): number;
  /** operandSize 8 with REX.W, else 4. */
  sysret(operandSize: number): number;
  sysenter(): number;
  sysexit(operandSize: number): number;
  swapgs(): number;
  /** Pops RIP, CS, RFLAGS and, where the mode says so, RSP and SS itself. */
  iret(operandSize: number): number;
  /** INT n. */
  softwareInterrupt(vector: number): number;
  int3(): number;
  /** INT1 (ICEBP). */
  int1(): number;
  /** INTO: #UD in 64-bit mode; does nothing when OF is clear. */
  into(): number;
  /** LGDT/LIDT m16&32 or m16&64 at a linear address: reads 10 bytes in 64-bit mode, else 6 (base masked to 24 bits when operandSize is 2). */
  lgdt(addressLow: number, addressHigh: number, operandSize: number): number;
  lidt(addressLow: number, addressHigh: number, operandSize: number): number;
  sgdt(addressLow: number, addressHigh: number): number;
  sidt(addressLow: number, addressHigh: number): number;
  lldt(selector: number): number;
  ltr(selector: number): number;
  /** Writes the register when ZF is set to 1. operandSize 2, 4 or 8. */
  lar(selector: number, gprOffset: number, operandSize: number): number;
  lsl(selector: number, gprOffset: number, operandSize: number): number;
  verr(selector: number): number;
  verw(selector: number): number;
  /**
   * MOV Sreg, POP Sreg, LDS…LGS: loads ES, SS, DS, FS or GS (encoding order) with all checks. Loading CS is #UD. `Shadow` for SS.
   * For POP the emitter adjusts RSP afterwards.
   */
  loadSegment(segment: number, selector: number): number;
  /** JMP ptr16:16/32 and JMP m16:16/32/64: selector and offset. */
  farJump(selector: number, offsetLow: number, offsetHigh: number): number;
  /** CALL far: pushes CS and `layout.RIP` with the operand size. */
  farCall(selector: number, offsetLow: number, offsetHigh: number, operandSize: number): number;
  /** RET far: pops RIP and CS, then `popBytes` more. */
  farReturn(operandSize: number, popBytes: number): number;
  /** IN: loads AL, AX or EAX. */
  portIn(port: number, size: number): number;
  /** OUT: stores AL, AX or EAX. */
  portOut(port: number, size: number): number;
  /** Checks that the program may access port DX with `size` bytes, as REP INS and REP OUTS do before they look at the count. */
  checkPortString(size: number): number;
  /** One INS iteration: port DX to the linear address (ES:rDI). The emitter moves rDI and rCX on `Next`. */
  portInString(size: number, addressLow: number, addressHigh: number): number;
  /** One OUTS iteration: the linear address to port DX. */
  portOutString(size: number, addressLow: number, addressHigh: number): number;
}

export type SystemHelperName = keyof SystemHelpers;

/** How many i32 parameters each helper takes: its wasm import type. */
export const SYSTEM_HELPER_ARITY: Readonly<Record<SystemHelperName, number>> = {
  ud2: 0,
  movFromControl: 2,
  movToControl: 2,
  movFromDebug: 2,
  movToDebug: 2,
  clts: 0,
  lmsw: 1,
  invlpg: 2,
  wbinvd: 0,
  rdmsr: 0,
  wrmsr: 0,
  rdtsc: 0,
  rdtscp: 0,
  rdpmc: 0,
  cpuid: 0,
  xgetbv: 0,
  xsetbv: 0,
  hlt: 0,
  cli: 0,
  sti: 0,
  stac: 0,
  clac: 0,
  pushfValue: 0,
  popf: 2,
  syscall: 0,
  sysret: 1,
  sysenter: 0,
  sysexit: 1,
  swapgs: 0,
  iret: 1,
  softwareInterrupt: 1,
  int3: 0,
  int1: 0,
  into: 0,
  lgdt: 3,
  lidt: 3,
  sgdt: 2,
  sidt: 2,
  lldt: 1,
  ltr: 1,
  lar: 3,
  lsl: 3,
  verr: 1,
  verw: 1,
  loadSegment: 2,
  farJump: 3,
  farCall: 4,
  farReturn: 2,
  portIn: 2,
  portOut: 2,
  checkPortString: 1,
  portInString: 3,
  portOutString: 3,
};
