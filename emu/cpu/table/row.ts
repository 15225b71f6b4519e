import type { Site } from './site.ts';

/** Writes what an instruction does into the code of a site. */
export type Semantics = (site: Site) => void;

/** How an instruction uses its operand 0. */
export type Access = 'read' | 'write' | 'modify';

/** Flags in an instruction's documentation, as letters: o s z a p c, and d (DF), i (IF). */
export interface FlagUse {
  readonly read?: string;
  readonly written?: string;
  /** Written with a value that the manuals leave undefined. */
  readonly undefined?: string;
}

/**
 * One encoding of an instruction.
 *
 * `encoding` is written as in the manuals: optional mandatory prefix (NP, 66, F2, F3; NFx: neither F2 nor F3; LOCK), REX.W where it
 * selects the instruction, opcode bytes in hex (0F, 0F 38 and 0F 3A select the map), `+r` for a register in the opcode's low bits,
 * `/r` or `/0`…`/7` for ModRM; a hex byte after a two-byte opcode is a whole ModRM byte. A VEX encoding begins with
 * `VEX.LZ.` (VEX.L must be 0), its mandatory prefix and its map: `VEX.LZ.NP.0F38 F2 /r`.
 *
 * `operands` uses the letters of the Intel SDM, volume 2, appendix A: E ModRM r/m, R the same but register only, M memory
 * only, G ModRM reg, B VEX.vvvv, Z register in the opcode, I immediate (Ibs: sign-extended byte), J relative, O absolute offset, S segment
 * register, C control register, D debug register, A far pointer; V XMM register in ModRM.reg, W ModRM r/m as XMM register or
 * memory, U the same but register only; P, Q and N the same three for MMX registers; then the size: b w d q, t (10 bytes), dq ps pd (16 bytes), ss (4),
 * sd (8), v (operand size), z (operand size, at most 4 bytes), y (4 or 8). Fixed operands: AL, rAX, CL, DX, 1, ST (the x87 register ST(0)).
 * STi is the x87 register ST(i) that ModRM r/m names.
 */
export interface Row {
  readonly mnemonic: string;
  readonly encoding: string;
  readonly operands: string;
  readonly emit: Semantics;
  readonly access: Access;
  readonly flags: FlagUse;
  /** Code in which the encoding exists; default everywhere. */
  readonly mode?: '64' | 'legacy';
  /** Operand size in 64-bit code: 8 by default with 66 giving 2 ('default'), or always 8 ('force'). */
  readonly size64?: 'default' | 'force';
  /** The semantics depend on the operand size though no operand shows it. */
  readonly sized?: boolean;
  /** The operand size is one byte (string instructions, which show no operand). */
  readonly byteSize?: boolean;
  /**
   * The semantics depend on the address size (string instructions, LOOP, JrCXZ). With a memory operand they cut its offset to an
   * address size below 8 themselves (BT m, r): the record's base is then the whole sum, and its index the segment's base.
   */
  readonly addressed?: boolean;
  /** 64-bit and legacy code get forms of their own: the semantics use the stack implicitly, or make linear addresses. */
  readonly stack?: boolean;
  /** POP m: an address with RSP as its base counts with the RSP after the pop. */
  readonly addressAfterPop?: boolean;
  /** A 16-byte memory operand may lie anywhere; without it #GP(0) is raised unless it is aligned. */
  readonly unaligned?: boolean;
  /** An x87 instruction that the last-instruction pointers remember: its opcode and its operand's segment stand in the record's immediate. */
  readonly remembered?: boolean;
  /** LOCK is allowed on a memory operand 0. */
  readonly lock?: boolean;
  /** A string instruction: REP prefixes select a form. */
  readonly repeat?: 'rep' | 'repz';
  /** Operand sizes whose forms live in the interpreter's main loop (0 for instructions without a size). */
  readonly hot?: readonly number[];
  /**
   * What the manuals leave open, or vendors do differently, and what is done here (AMD's way): a sentence for the documentation.
   */
  readonly profile?: string;
  /**
   * The result is an approximation: how far it may lie from another processor's, relative to it, as the manual bounds it.
   */
  readonly approximate?: number;
  /** The same for x87: how many units in the last place the result may lie from the exact one. */
  readonly ulps?: number;
  /**
   * Results that are each processor's own (time, random numbers, identification): operands by number and registers by name whose
   * written bits are not compared with other processors.
   */
  readonly own?: readonly (0 | 'rax' | 'rcx' | 'rdx' | 'rbx')[];
  /** CPUID feature that announces the instruction; baseline when absent. */
  readonly feature?: string;
  /** The instruction never falls through (decoding stops after it). */
  readonly ends?: boolean;
}

const NO_FLAGS: FlagUse = {};

/** A table row: `row('ADD', '01 /r', 'Ev,Gv', add, { access: 'modify', … })`. Operand 0 is written unless said otherwise. */
export function row(
  mnemonic: string,
  encoding: string,
  operands: string,
  emit: Semantics,
  options: Partial<Omit<Row, 'mnemonic' | 'encoding' | 'operands' | 'emit'>> = {},
): Row {
  return { mnemonic, encoding, operands, emit, access: 'write', flags: NO_FLAGS, ...options };
}
