/**
 * Where things live in the one linear memory that the generated code and TypeScript share.
 * All numbers are byte offsets into it. Only this file knows them.
 */

/** Registers are 64-bit little-endian slots, in encoding order: rax rcx rdx rbx rsp rbp rsi rdi r8 … r15. */
export const GPR = 0x000;
/** A slot that always holds zero: the base or index of an address that has none. */
export const ZERO = 0x080;
/** Address computed by an address prefix record, used as the base of the record after it. */
export const EA = 0x088;
/** Instruction pointer (RIP/EIP, not yet offset by CS.base). Valid outside `run` and at lookups; see `PAGE_BASE`. */
export const RIP = 0x090;
/** Value to be added to a record's page offset to give the instruction pointer. */
export const PAGE_BASE = 0x098;

/**
 * Lazy flags. ZF = (result == 0); SF = (result < 0) ^ bit 1 of carry; PF = even parity of result's low byte, ^ bit 2 of carry;
 * CF = bit 0 of carry; OF = bit 63 of aux ^ CF; AF = bit 4 of aux. `result` is sign-extended from the operand size;
 * for additions and subtractions aux is source1 ^ source2 ^ result.
 */
export const FLAG_RESULT = 0x0a0;
export const FLAG_AUX = 0x0a8;
/** 32-bit. */
export const FLAG_CARRY = 0x0b0;
/** 32-bit: the flags that are not lazy, at their RFLAGS positions (TF IF DF IOPL NT RF VM AC VIF VIP ID), bit 1 set. */
export const RFLAGS_SYSTEM = 0x0b4;

/** Temporary slots that a micro-record may leave for the record after it. */
export const SCRATCH = 0x0b8;

/** Control registers: 64-bit slots CR0, CR2, CR3, CR4, CR8. */
export const CR0 = 0x0c0;
export const CR2 = 0x0c8;
export const CR3 = 0x0d0;
export const CR4 = 0x0d8;
export const CR8 = 0x0e0;
/** XCR0 and the debug registers DR0–DR3, DR6, DR7: 64-bit slots. */
export const XCR0 = 0x0e8;
export const DR0 = 0x0f0;
export const DR6 = 0x110;
export const DR7 = 0x118;

/**
 * Segment registers ES CS SS DS FS GS, then LDTR and TR, 32 bytes each:
 * +0 selector (u16), +4 attributes (u32: descriptor bits 40–55 in bits 0–15, 0x10000 = unusable), +8 limit (u32, in bytes, expanded), +16 base (u64).
 */
export const SEGMENTS = 0x120;
export const SEGMENT_SIZE = 32;
export const SEGMENT_SELECTOR = 0;
export const SEGMENT_ATTRIBUTES = 4;
export const SEGMENT_LIMIT = 8;
export const SEGMENT_BASE = 16;
/** GDTR and IDTR: +0 limit (u32), +8 base (u64). */
export const GDTR = 0x220;
export const IDTR = 0x230;

/** MSRs that are state of their own: 64-bit slots. FS.base and GS.base live in the segment registers. */
export const EFER = 0x240;
export const STAR = 0x248;
export const LSTAR = 0x250;
export const CSTAR = 0x258;
export const SFMASK = 0x260;
export const KERNEL_GS_BASE = 0x268;
export const TSC_AUX = 0x270;
export const SYSENTER_CS = 0x278;
export const SYSENTER_ESP = 0x280;
export const SYSENTER_EIP = 0x288;
export const PAT = 0x290;
export const APIC_BASE = 0x298;
export const TSC_OFFSET = 0x2a0;

/** 32-bit: current privilege level, 0–3. */
export const CPL = 0x2a8;
/** 32-bit: not 0 while the instruction that follows STI, MOV SS or POP SS has not yet retired (interrupt shadow); see `Shadow`. */
export const INTERRUPT_SHADOW = 0x2ac;
/** What the shadow holds back: after STI interrupts, after a load of SS debug exceptions too. */
export const Shadow = { Interrupts: 1, Debug: 2 } as const;
/** 32-bit: 1 after HLT until an interrupt arrives. */
export const HALTED = 0x2b0;
/** 32-bit: the code size in bytes of an address: 2, 4 or 8 (16-bit, 32-bit, 64-bit code). */
export const CODE_SIZE = 0x2b4;
/** 64-bit: bits OR-ed into an instruction-TLB tag: valid, CPL 3, code size (see `ITLB`). */
export const FETCH_TAG = 0x2b8;
/** 32-bit: offset of the data TLB for the current privilege (TLB_SUPERVISOR or TLB_USER), or TLB_NONE. */
export const TLB_BASE = 0x2c0;
/** 32-bit: 1 when the breakpoint at the next instruction has been reported and must be passed over once. */
export const BREAK_PASSED = 0x2c4;

/** The exception that a slow path recorded before it returned a fault status: vector, error code (u32 each); flag: has error code. */
export const FAULT_VECTOR = 0x2c8;
export const FAULT_ERROR = 0x2cc;
export const FAULT_HAS_ERROR = 0x2d0;
/** 32-bit: steps left in this slice when `run` returned. */
export const BUDGET = 0x2d4;
/** 32-bit: a store went to the bounce buffer and must be committed: its size in bytes, else 0. */
export const BOUNCE_SIZE = 0x2d8;

/** 32-bit: raised by one whenever a fetch translation may have changed; crossing records remember it. */
export const FETCH_GENERATION = 0x2dc;

/** 32-bit: the record that the main loop stopped at. */
export const RECORD = 0x2e0;
/** 32-bit: always 1 (a constant that the generated code reads from memory). */
export const ONE = 0x2e4;

/** 64-bit: the state of the generator behind RDRAND and RDSEED. No reset changes it. */
export const RANDOM = 0x2e8;

/** 32-bit: segment of the memory operand in progress, while SEGMENT_CHECKS is 1. */
export const ACCESS_SEGMENT = 0x3e0;
/** 32-bit: 1 while accesses of legacy code must be held against their segments; follows from the segment registers. */
export const SEGMENT_CHECKS = 0x3e4;
/** 64-bit: the bits of RSP that legacy code's stack has; follows from SS. */
export const STACK_MASK = 0x3e8;

/** 32-bit: bits of DR6 whose debug exception waits for the instruction after a load of SS. */
export const DEBUG_PENDING = 0x3f0;
/** 32-bit: 1 when the instruction at RIP has done some of its repetitions and has more to do. */
export const REPEATING = 0x3f4;

/** 16-bit: selectors of the last x87 instruction and of its memory operand, side by side (FNSTENV's, which the 64-bit FXSAVE has not). */
export const X87_SELECTORS = 0x3f8;
export const X87_CODE_SELECTOR = X87_SELECTORS;
export const X87_DATA_SELECTOR = X87_SELECTORS + 2;

/** 32-bit: whether a non-maskable interrupt waits, and whether one is being served: until IRET no other is delivered. */
export const NON_MASKABLE = 0x3fc;
export const NonMaskable = { Pending: 1, Served: 2 } as const;

/**
 * x87, MMX, SSE: 512 bytes laid out as FXSAVE's 64-bit image, but for the order of the x87 registers: they lie as the processor numbers
 * them, R0–R7, whatever TOP is (see `x87/register-file.ts`), and so MM0–MM7 are their low 8 bytes. The y halves of YMM follow it.
 */
export const FX = 0x400;
/** Inside it: x87 control, status and (abridged) tag words, opcode and addresses of the last instruction and its operand, MXCSR and its mask. */
export const X87_CONTROL = FX;
export const X87_STATUS = FX + 2;
export const X87_TAGS = FX + 4;
export const X87_OPCODE = FX + 6;
export const X87_INSTRUCTION = FX + 8;
export const X87_DATA = FX + 16;
export const MXCSR = FX + 24;
export const MXCSR_MASK = FX + 28;
export const X87 = FX + 32;
export const XMM = FX + 160;
export const STATE_END = 0x800;

/** Bytes of an access that crosses a page or goes to a device, before they are copied where they belong. 64 bytes. */
export const BOUNCE = 0x800;

/** The call log (see `call-log.ts`), no state of the guest's. 32-bit: where its next entry goes, and from where on it must be emptied. */
export const CALL_LOG_NEXT = 0x840;
export const CALL_LOG_LIMIT = 0x844;
/** 64-bit: steps since power-on when the slice in progress will have used its whole budget. */
export const CALL_LOG_SLICE_END = 0x848;

/** Instruction TLB: 256 entries of 16 bytes: +0 tag (i64: linear page | 1 valid | 2 if CPL 3 | 4 × code size | 64 with segment checks), +8 page map (u32). */
export const ITLB = 0x1000;
export const ITLB_ENTRIES = 256;
export const ITLB_ENTRY_SIZE = 16;
export const ITLB_TAG = 0;
export const ITLB_MAP = 8;

/**
 * Data TLBs, supervisor and user: 1024 entries of 32 bytes each: +0 read tag (i64: linear page; anything with a low bit set never matches),
 * +8 write tag (i64), +16 addend (u32: add to the low 32 bits of the linear address to get the offset in this memory).
 */
export const TLB_SUPERVISOR = 0x8000;
export const TLB_USER = 0x1_0000;
/** A data TLB without entries: every access takes the slow path. */
export const TLB_NONE = 0x1_8000;
export const TLB_ENTRIES = 1024;
export const TLB_ENTRY_SIZE = 32;
export const TLB_READ_TAG = 0;
export const TLB_WRITE_TAG = 8;
export const TLB_ADDEND = 16;
/** A tag that no address has. */
export const TLB_INVALID_LOW = 1;

/** Page maps: per code page and code size 4096 × u32: offset of the first record of the instruction at that byte, or 0. */
export const PAGE_MAPS = 0x2_0000;
export const PAGE_MAP_SIZE = 4096 * 4;
export const PAGE_MAP_COUNT = 2048;
/** Decoded-instruction records (see record.ts). */
export const RECORDS = PAGE_MAPS + PAGE_MAP_SIZE * PAGE_MAP_COUNT;
export const RECORDS_END = 0x5f0_0000;
/** Entries of the call log. */
export const CALL_LOG = RECORDS_END;
export const CALL_LOG_END = 0x600_0000;

/** Guest RAM, physical address 0. */
export const RAM = 0x600_0000;
