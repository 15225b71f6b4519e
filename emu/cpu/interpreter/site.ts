import * as layout from '../layout.ts';
import { Vector } from '../system/exception.ts';
import { Status } from '../system/status.ts';
import type { Form, OperandForm } from '../table/form.ts';
import type { MemoryAccess, MemoryPointer, Operand, OperandSize, Site } from '../table/site.ts';
import type { Body, Local } from '../wasm/body.ts';
import { type I32, type I64, i32, i64, type V128 } from '../wasm/expressions.ts';
import { v128 } from '../wasm/vector.ts';

/** Where a site finds what the decoder found out: in a record, or known when the code is generated. */
export interface Fields {
  registerSlot(index: number): I32;
  base(): I32;
  index(): I32;
  scale(): I64;
  displacement(): I64;
  immediate(): I64;
  /** Offsets in the instruction's page of its first byte, and of the byte after it. */
  start(): I64;
  next(): I64;
}

/** How a site leaves an instruction, and what it does where the straight path ends. */
export interface Exits {
  /** The data TLB of the current privilege. */
  readonly tlb: I32;
  next(): void;
  fault(): void;
  lookup(): void;
  /** Goes on as the status of a system helper says, which is not Fault. */
  status(status: I32): void;
  branch(target: I64): void;
  again(): void;
  readonly budget: I32;
  setBudget(value: I32): void;
  /** An access missed the TLB: sets `pointer`, or leaves. */
  miss(pointer: Local<'i32'>, access: MemoryAccess, address: I64, size: number, stack: I32): void;
  /** Where the condition holds, does the rest of the instruction by `write`, or has it done out of line. */
  rarely(condition: I32, write: () => void): void;
  /** After the last store through `pointer`. */
  commit(pointer: I32): void;
  /** Calls a system helper. */
  helper(name: string, operands: readonly I32[]): I32;
}

/** A site for one form, over given fields and exits. */
export class FormSite implements Site {
  readonly body: Body;
  readonly size: number;
  readonly addressSize: number;
  readonly long: boolean;
  readonly repeat: 'none' | 'rep' | 'repne';
  readonly operands: readonly Operand[];
  readonly #fields: Fields;
  readonly #exits: Exits;
  #ended = false;

  constructor(form: Form, body: Body, fields: Fields, exits: Exits) {
    this.body = body;
    this.size = form.size;
    this.addressSize = form.addressSize;
    this.long = form.long;
    this.repeat = form.repeat;
    this.#fields = fields;
    this.#exits = exits;
    this.operands = form.operands.map((operand, index) =>
      this.#operand(operand, index === 0 ? form.access : 'read'),
    );
  }

  /** Emits the form, and the way to the next instruction when the semantics fall through. */
  static emit(form: Form, body: Body, fields: Fields, exits: Exits): void {
    body.scope(() => {
      const site = new FormSite(form, body, fields, exits);
      form.emit(site);
      if (!site.#ended) exits.next();
    });
  }

  #operand({ kind, size, aligned, field }: OperandForm, access: MemoryAccess): Operand {
    if (kind === 'xmm') return vectorRegisterOperand(this.body, size, () => this.#fields.registerSlot(field));
    if (kind === 'x87') return x87Operand(size);
    if (kind === 'mmx') return mmxRegisterOperand(this.body, size, () => this.#fields.registerSlot(field));
    if (kind === 'register') return registerOperand(this.body, size, () => this.#fields.registerSlot(field));
    if (kind === 'immediate') return immediateOperand(size, () => this.#fields.immediate());
    return memoryOperand(this, size, access, aligned);
  }

  operand(index: number): Operand {
    const found = this.operands[index];
    if (found === undefined) throw new RangeError(`the form has no operand ${index}`);
    return found;
  }

  get64(offset: number): I64 {
    return i64.load(i32.const(0), offset);
  }

  set64(offset: number, value: I64): void {
    this.body.store64(i32.const(0), value, offset);
  }

  get32(offset: number): I32 {
    return i32.load(i32.const(0), offset);
  }

  set32(offset: number, value: I32): void {
    this.body.store32(i32.const(0), value, offset);
  }

  registerSlot(index: number): I32 {
    return this.#fields.registerSlot(index);
  }

  immediate(): I64 {
    return this.#fields.immediate();
  }

  displacement(): I64 {
    return this.#fields.displacement();
  }

  address(): I64 {
    const { base, index, scale, displacement } = this.#fields;
    return i64.add(i64.add(i64.load(base()), i64.shl(i64.load(index()), scale())), displacement());
  }

  baseSlot(): I32 {
    return this.#fields.base();
  }

  /** Whether the memory operand's base is RSP or RBP, which makes it an access through SS. */
  throughStack(): I32 {
    return i32.eq(i32.and(this.#fields.base(), i32.const(~8)), i32.const(layout.GPR + 4 * 8));
  }

  sourceBase(): I64 {
    return i64.load(this.#fields.base());
  }

  destinationBase(): I64 {
    return i64.load(this.#fields.index());
  }

  thisInstruction(): I64 {
    return i64.add(this.get64(layout.PAGE_BASE), this.#fields.start());
  }

  nextInstruction(): I64 {
    return i64.add(this.get64(layout.PAGE_BASE), this.#fields.next());
  }

  branchTarget(): I64 {
    return i64.add(this.get64(layout.PAGE_BASE), this.#fields.displacement());
  }

  memory(linear: I64, size: number, access: MemoryAccess, stack: I32 = i32.const(0)): MemoryPointer {
    const { body } = this;
    const address = body.let64(linear);
    const pointer = body.local('i32');
    const entry = body.let32(
      i32.add(
        this.#exits.tlb,
        i32.and(
          i32.wrap(i64.shrU(address, i64.const(12 - Math.log2(layout.TLB_ENTRY_SIZE)))),
          i32.const((layout.TLB_ENTRIES - 1) * layout.TLB_ENTRY_SIZE),
        ),
      ),
    );
    // The last byte's page is compared, so that an access across a page boundary never matches.
    const last = size === 1 ? address : i64.add(address, i64.const(size - 1));
    const tag = access === 'read' ? layout.TLB_READ_TAG : layout.TLB_WRITE_TAG;
    body.if(
      i64.ne(i64.load(entry, tag), i64.and(last, i64.const(-4096))),
      () => this.#exits.miss(pointer, access, address, size, stack),
      () => body.set(pointer, i32.add(i32.wrap(address), i32.load(entry, layout.TLB_ADDEND))),
    );
    return {
      pointer: pointer.get,
      commit: () => {
        if (access !== 'read') this.#exits.commit(pointer.get);
      },
    };
  }

  raise(vector: number, errorCode?: number): void {
    this.set32(layout.FAULT_VECTOR, i32.const(vector));
    this.set32(layout.FAULT_ERROR, i32.const(errorCode ?? 0));
    this.set32(layout.FAULT_HAS_ERROR, i32.const(errorCode === undefined ? 0 : 1));
    this.#exits.fault();
  }

  rarely(condition: I32, write: () => void): void {
    this.#exits.rarely(condition, write);
  }

  jump(target: I64): void {
    this.set64(layout.RIP, this.long ? target : i64.and(target, i64.const(0xffff_ffff)));
    this.#exits.lookup();
    this.#ended = true;
  }

  branch(): void {
    this.#exits.branch(this.branchTarget());
  }

  helper(name: string, ...operands: I32[]): void {
    this.helperThen(() => {}, name, ...operands);
  }

  helperThen(commit: () => void, name: string, ...operands: I32[]): void {
    this.set64(layout.RIP, this.nextInstruction());
    const status = this.#callHelper(name, operands);
    this.body.if(i32.eq(status, i32.const(Status.Fault)), () => this.#exits.fault());
    commit();
    this.#exits.status(status);
    this.#ended = true;
  }

  #callHelper(name: string, operands: readonly I32[]): I32 {
    return this.body.let32(this.#exits.helper(name, operands));
  }

  call(name: string, ...operands: I32[]): void {
    this.body.if(this.#callHelper(name, operands), () => this.#exits.fault());
  }

  budget(): I32 {
    return this.#exits.budget;
  }

  setBudget(value: I32): void {
    this.#exits.setBudget(value);
  }

  again(): void {
    this.#exits.again();
  }
}

type IntegerLoad = (address: I32, offset?: number) => I64;

const wider = (): never => {
  throw new RangeError('an operand of more than 8 bytes has no integer value');
};
const LOAD_SIGNED: Record<OperandSize, IntegerLoad> = {
  1: i64.load8s,
  2: i64.load16s,
  4: i64.load32s,
  8: i64.load,
  10: wider,
  16: wider,
};
const LOAD_UNSIGNED: Record<OperandSize, IntegerLoad> = {
  1: i64.load8u,
  2: i64.load16u,
  4: i64.load32u,
  8: i64.load,
  10: wider,
  16: wider,
};

function loadVector(size: OperandSize, from: I32): V128 {
  if (size === 16) return v128.load(from);
  if (size === 8) return v128.load64Zero(from);
  if (size === 4) return v128.load32Zero(from);
  throw new RangeError(`no vector has ${size} bytes`);
}

function storeVector(body: Body, size: OperandSize, to: I32, value: V128): void {
  if (size < 4) throw new RangeError(`no vector has ${size} bytes`);
  body.storeVector(size as 4 | 8 | 16, to, value);
}

function registerOperand(body: Body, size: OperandSize, slotOf: () => I32): Operand {
  return {
    ...vectorRegisterOperand(body, size, slotOf),
    write: (value) => {
      if (size === 4) body.store64(slotOf(), i64.and(value, i64.const(0xffff_ffff)));
      else body.storeLow(size, slotOf(), value);
    },
  };
}

/** What a write to an MMX register leaves in the exponent and sign of the x87 register that it is part of. */
const MMX_UPPER = 0xffff;
const MMX_UPPER_OFFSET = 8;

function mmxRegisterOperand(body: Body, size: OperandSize, slotOf: () => I32): Operand {
  const operand = vectorRegisterOperand(body, size, slotOf);
  const mark = (): void => body.storeLow(2, slotOf(), i64.const(MMX_UPPER), MMX_UPPER_OFFSET);
  return {
    ...operand,
    write: (value) => {
      operand.write(value);
      mark();
    },
    writeVector: (value) => {
      operand.writeVector(value);
      mark();
    },
  };
}

/** An XMM or MMX register: a write leaves what is above the operand. */
function vectorRegisterOperand(body: Body, size: OperandSize, slotOf: () => I32): Operand {
  return {
    size,
    isMemory: false,
    signed: () => LOAD_SIGNED[size](slotOf()),
    unsigned: () => LOAD_UNSIGNED[size](slotOf()),
    write: (value) => body.storeLow(size, slotOf(), value),
    vector: () => loadVector(size, slotOf()),
    writeVector: (value) => storeVector(body, size, slotOf(), value),
    pointer: slotOf,
  };
}

/** An x87 register, which only the x87 unit looks into. */
function x87Operand(size: OperandSize): Operand {
  const never = (): never => {
    throw new RangeError('an x87 register is no operand of generated code');
  };
  return {
    size,
    isMemory: false,
    signed: never,
    unsigned: never,
    write: never,
    vector: never,
    writeVector: never,
    pointer: never,
  };
}

function immediateOperand(size: OperandSize, immediate: () => I64): Operand {
  const never = (): never => {
    throw new RangeError('an immediate is not written and is no vector');
  };
  return {
    size,
    isMemory: false,
    signed: immediate,
    unsigned: () =>
      size === 8 ? immediate() : i64.and(immediate(), i64.const((1n << BigInt(size * 8)) - 1n)),
    write: never,
    vector: never,
    writeVector: never,
    pointer: never,
  };
}

/** The first use translates the address, for writing when the form writes it; all uses must be reached through the first. */
function memoryOperand(site: FormSite, size: OperandSize, access: MemoryAccess, aligned: boolean): Operand {
  let translated: MemoryPointer | undefined;
  const pointer = (): MemoryPointer => {
    if (translated !== undefined) return translated;
    let address = site.address();
    if (aligned) {
      address = site.body.let64(address);
      const misaligned = i32.and(i32.wrap(address), i32.const(size - 1));
      site.rarely(misaligned, () => site.raise(Vector.GeneralProtection, 0));
    }
    translated = site.memory(address, size, access, site.throughStack());
    return translated;
  };
  return {
    size,
    isMemory: true,
    signed: () => LOAD_SIGNED[size](pointer().pointer),
    unsigned: () => LOAD_UNSIGNED[size](pointer().pointer),
    write: (value) => {
      const { pointer: to, commit } = pointer();
      site.body.storeLow(size, to, value);
      commit();
    },
    vector: () => loadVector(size, pointer().pointer),
    writeVector: (value) => {
      const { pointer: to, commit } = pointer();
      storeVector(site.body, size, to, value);
      commit();
    },
    pointer: () => pointer().pointer,
  };
}
