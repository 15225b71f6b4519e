import type { RegisterName } from '../../machine/index.ts';
import type { LineHit, SourceLine } from '../../symbols/index.ts';
import type { Program } from '../programs/program.ts';
import type { Debuggee } from '../session/debuggee.ts';

const LONGEST_INSTRUCTION = 15;
/** Opcodes of near calls (AMD APM vol. 3): E8 relative, FF /2 indirect. */
const CALL_RELATIVE = 0xe8;
const GROUP_5 = 0xff;
const MODRM_CALL = 2;
const SYSCALL = [0x0f, 0x05] as const;
const REX_FIRST = 0x40;
const REX_LAST = 0x4f;

/** What stepping looks at between two steps. Everything is read when it is asked for. */
export class Moment {
  readonly #debuggee: Debuggee;
  readonly #register: (name: RegisterName) => bigint;

  constructor(debuggee: Debuggee) {
    this.#debuggee = debuggee;
    this.#register = (name) => debuggee.kernel.registers.get(name);
  }

  get pc(): bigint {
    return this.#debuggee.cpu.linearInstructionPointer();
  }

  get rsp(): bigint {
    return this.#register('rsp');
  }

  get cr3(): bigint {
    return this.#register('cr3');
  }

  /** How many exceptions and interrupts have been delivered so far. */
  get deliveries(): number {
    return this.#debuggee.cpu.system.delivery.last.count;
  }

  /** The vector of the last one. */
  get vector(): number {
    return this.#debuggee.cpu.system.delivery.last.vector;
  }

  /** The last one was an instruction's purpose: INT n, INT3, INTO. */
  get isSoftwareInterrupt(): boolean {
    return this.#debuggee.cpu.system.delivery.last.kind === 'software';
  }

  get program(): Program | undefined {
    return this.#debuggee.programs.at(this.pc);
  }

  /** The source line of the next instruction; undefined where the compiler has none. */
  get line(): LineHit | undefined {
    const hit = this.program?.image.lines.aboutToExecute(this.pc);
    return hit === undefined || hit.line === 0 ? undefined : hit;
  }

  /** The source line that begins with the next instruction. */
  get statement(): SourceLine | undefined {
    return this.program?.image.lines.statementAt(this.pc);
  }

  /** Start of the function or label that the next instruction belongs to. */
  get functionStart(): bigint | undefined {
    return this.program?.image.symbols.at(this.pc)?.symbol.address;
  }

  /** The next instruction calls a function. */
  get isCall(): boolean {
    const code = this.#code;
    let at = 0;
    while ((code[at] ?? 0) >= REX_FIRST && (code[at] ?? 0) <= REX_LAST) at++;
    const opcode = code[at];
    if (opcode === CALL_RELATIVE) return true;
    return opcode === GROUP_5 && (((code[at + 1] ?? 0) >> 3) & 7) === MODRM_CALL;
  }

  /** The next instruction is a system call. */
  get isSystemCall(): boolean {
    return SYSCALL.every((byte, index) => this.#code[index] === byte);
  }

  /** Where the next instruction's successor lies. */
  get following(): bigint {
    const { length } = this.#debuggee.disassembler.one(this.#code, this.pc);
    return this.pc + BigInt(length);
  }

  get #code(): Uint8Array {
    return this.#debuggee.cpu.system.inspector.readMemory(this.pc, LONGEST_INSTRUCTION);
  }
}
