import { ByteReader } from './byte-reader.ts';
import { CFA_OPERAND_MASK, CFA_PRIMARY_MASK, DW_CFA } from './call-frame-constants.ts';
import { type FrameDescription, readCodeAddress } from './call-frame-table.ts';

/** How to find the canonical frame address: the value of the stack pointer before the call. */
export type CfaRule =
  | { readonly kind: 'register'; readonly register: number; readonly offset: number }
  | { readonly kind: 'expression'; readonly expression: Uint8Array };

/** How to find the caller's value of a register (DWARF 5, 6.4.1). Offsets are bytes from the CFA. */
export type RegisterRule =
  | { readonly kind: 'undefined' }
  | { readonly kind: 'same' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'val-offset'; readonly offset: number }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'expression'; readonly expression: Uint8Array }
  | { readonly kind: 'val-expression'; readonly expression: Uint8Array };

/** The rules that hold at one address. */
export interface CallFrameRow {
  readonly cfa: CfaRule | undefined;
  /** By DWARF register number; registers without a rule are left to the ABI. */
  readonly registers: ReadonlyMap<number, RegisterRule>;
  readonly returnAddressRegister: number;
  /** The frame was made by an interrupt or signal: its pc is no return address. */
  readonly isSignalFrame: boolean;
}

interface State {
  cfa: CfaRule | undefined;
  registers: Map<number, RegisterRule>;
}

/** Runs the instructions of a description up to an address (key) inside it. Throws DwarfError on damage. */
export function runCallFrameProgram(description: FrameDescription, key: number): CallFrameRow {
  const { common } = description;
  const program = new CallFrameProgram(description, key);
  program.run(new ByteReader(common.section, common.start, common.end));
  program.keepInitial();
  program.run(new ByteReader(common.section, description.start, description.end));
  return {
    cfa: program.state.cfa,
    registers: program.state.registers,
    returnAddressRegister: common.returnAddressRegister,
    isSignalFrame: common.isSignalFrame,
  };
}

class CallFrameProgram {
  state: State = { cfa: undefined, registers: new Map() };
  readonly #description: FrameDescription;
  readonly #key: number;
  readonly #remembered: State[] = [];
  #initial: ReadonlyMap<number, RegisterRule> = new Map();
  #location: number;

  constructor(description: FrameDescription, key: number) {
    this.#description = description;
    this.#key = key;
    this.#location = description.low;
  }

  /** The rules so far are what DW_CFA_restore goes back to. */
  keepInitial(): void {
    this.#initial = new Map(this.state.registers);
  }

  run(reader: ByteReader): void {
    while (!reader.atEnd && this.#location <= this.#key) this.#step(reader);
  }

  #step(reader: ByteReader): void {
    const code = reader.u8();
    const operand = code & CFA_OPERAND_MASK;
    switch (code & CFA_PRIMARY_MASK) {
      case DW_CFA.advanceLoc:
        this.#advance(operand);
        break;
      case DW_CFA.offset:
        this.#set(operand, { kind: 'offset', offset: this.#factored(reader.uleb()) });
        break;
      case DW_CFA.restore:
        this.#restore(operand);
        break;
      default:
        if (!this.#moves(reader, code) && !this.#definesCfa(reader, code)) this.#setsRule(reader, code);
    }
  }

  /** Instructions that move on, or do nothing to the rules. */
  #moves(reader: ByteReader, code: number): boolean {
    switch (code) {
      case DW_CFA.nop:
        return true;
      case DW_CFA.setLoc: {
        this.#location = readCodeAddress(reader, this.#description.common.pointerEncoding);
        return true;
      }
      case DW_CFA.advanceLoc1:
        this.#advance(reader.u8());
        return true;
      case DW_CFA.advanceLoc2:
        this.#advance(reader.u16());
        return true;
      case DW_CFA.advanceLoc4:
        this.#advance(reader.u32());
        return true;
      case DW_CFA.rememberState:
        this.#remembered.push({ cfa: this.state.cfa, registers: new Map(this.state.registers) });
        return true;
      case DW_CFA.restoreState: {
        const state = this.#remembered.pop();
        if (state === undefined) throw reader.malformed('a state is restored that was not remembered');
        this.state = state;
        return true;
      }
      case DW_CFA.gnuArgsSize:
        reader.skipLeb();
        return true;
      default:
        return false;
    }
  }

  #definesCfa(reader: ByteReader, code: number): boolean {
    switch (code) {
      case DW_CFA.defCfa:
        this.state.cfa = { kind: 'register', register: reader.uleb(), offset: reader.uleb() };
        return true;
      case DW_CFA.defCfaSf:
        this.state.cfa = { kind: 'register', register: reader.uleb(), offset: this.#factored(reader.sleb()) };
        return true;
      case DW_CFA.defCfaRegister:
        this.state.cfa = { ...this.#cfaRegister(reader), register: reader.uleb() };
        return true;
      case DW_CFA.defCfaOffset:
        this.state.cfa = { ...this.#cfaRegister(reader), offset: reader.uleb() };
        return true;
      case DW_CFA.defCfaOffsetSf:
        this.state.cfa = { ...this.#cfaRegister(reader), offset: this.#factored(reader.sleb()) };
        return true;
      case DW_CFA.defCfaExpression:
        this.state.cfa = { kind: 'expression', expression: reader.take(reader.uleb()) };
        return true;
      default:
        return false;
    }
  }

  #setsRule(reader: ByteReader, code: number): void {
    const register = reader.uleb();
    if (code === DW_CFA.restoreExtended) this.#restore(register);
    else this.#set(register, this.#rule(reader, code));
  }

  #rule(reader: ByteReader, code: number): RegisterRule {
    switch (code) {
      case DW_CFA.offsetExtended:
        return { kind: 'offset', offset: this.#factored(reader.uleb()) };
      case DW_CFA.offsetExtendedSf:
        return { kind: 'offset', offset: this.#factored(reader.sleb()) };
      case DW_CFA.gnuNegativeOffsetExtended:
        return { kind: 'offset', offset: -this.#factored(reader.uleb()) };
      case DW_CFA.valOffset:
        return { kind: 'val-offset', offset: this.#factored(reader.uleb()) };
      case DW_CFA.valOffsetSf:
        return { kind: 'val-offset', offset: this.#factored(reader.sleb()) };
      case DW_CFA.undefined:
        return { kind: 'undefined' };
      case DW_CFA.sameValue:
        return { kind: 'same' };
      case DW_CFA.register:
        return { kind: 'register', register: reader.uleb() };
      case DW_CFA.expression:
        return { kind: 'expression', expression: reader.take(reader.uleb()) };
      case DW_CFA.valExpression:
        return { kind: 'val-expression', expression: reader.take(reader.uleb()) };
      default:
        throw reader.malformed(`call-frame instruction 0x${code.toString(16)} is not known`);
    }
  }

  #advance(delta: number): void {
    this.#location += delta * this.#description.common.codeAlignment;
  }

  #factored(offset: number): number {
    return offset * this.#description.common.dataAlignment;
  }

  #set(register: number, rule: RegisterRule): void {
    this.state.registers.set(register, rule);
  }

  #restore(register: number): void {
    const rule = this.#initial.get(register);
    if (rule === undefined) this.state.registers.delete(register);
    else this.state.registers.set(register, rule);
  }

  #cfaRegister(reader: ByteReader): Extract<CfaRule, { kind: 'register' }> {
    if (this.state.cfa?.kind !== 'register')
      throw reader.malformed('the frame address has no register to change');
    return this.state.cfa;
  }
}
