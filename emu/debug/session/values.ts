import { BaseType, DWARF_REGISTER_NAMES, stripType, type Type } from '../../symbols/index.ts';
import {
  CValue,
  type ExpressionContext,
  ExpressionError,
  evaluate,
  type FormatLetter,
  type FormatOptions,
  formatValue,
  INT,
  integerFromBytes,
  integerOf,
  LONG,
  type Place,
  pointerTo,
  programsIn,
  typeOf,
} from '../expressions/index.ts';
import type { GuestWriter } from '../guest-writer.ts';
import { attempt } from '../programs/programs.ts';
import { ProcessorRegisters } from '../registers/processor-registers.ts';
import { REGISTER_ROWS } from '../registers/register-table.ts';
import { REGISTER_TYPES } from '../registers/register-types.ts';
import type { Debuggee } from './debuggee.ts';
import type { Selection } from './selection.ts';

/** Other names of registers. */
export const REGISTER_ALIASES: Readonly<Record<string, string>> = {
  pc: 'rip',
  sp: 'rsp',
  fp: 'rbp',
  rflags: 'eflags',
  kernel_gs_base: 'k_gs_base',
};
/** The parts of a general register: its name, bytes, and first byte. */
const PARTS = new Map<string, readonly [whole: string, size: number, offset: number]>();
for (const letter of ['a', 'b', 'c', 'd']) {
  PARTS.set(`e${letter}x`, [`r${letter}x`, 4, 0]);
  PARTS.set(`${letter}x`, [`r${letter}x`, 2, 0]);
  PARTS.set(`${letter}l`, [`r${letter}x`, 1, 0]);
  PARTS.set(`${letter}h`, [`r${letter}x`, 1, 1]);
}
for (const name of ['si', 'di', 'bp', 'sp']) {
  PARTS.set(`e${name}`, [`r${name}`, 4, 0]);
  PARTS.set(`${name}l`, [`r${name}`, 1, 0]);
}
for (let number = 8; number < 16; number++) {
  PARTS.set(`r${number}d`, [`r${number}`, 4, 0]);
  PARTS.set(`r${number}w`, [`r${number}`, 2, 0]);
  PARTS.set(`r${number}l`, [`r${number}`, 1, 0]);
}
/** Members of struct cpu_info by the names that OpenBSD's machine headers have for them; an empty one is the structure's own address. */
export const PER_CPU_MEMBERS: Readonly<Record<string, string>> = {
  curproc: 'ci_curproc',
  curpcb: 'ci_curpcb',
  curcpu: '',
};

/** Every register name that an expression may use, without the dollar sign. */
export const REGISTER_NAMES: readonly string[] = [
  ...REGISTER_ROWS.map(({ name }) => name),
  ...Object.keys(REGISTER_ALIASES),
  ...PARTS.keys(),
];

/** Expressions as commands evaluate them: in the selected frame, with registers, values of before, and the debugger's own variables. */
export class Values implements ExpressionContext {
  readonly #debuggee: Debuggee;
  readonly #selection: Selection;
  readonly #writer: GuestWriter;
  readonly #processor: ProcessorRegisters;
  readonly #history: CValue[] = [];
  readonly #variables = new Map<string, CValue>();

  constructor(debuggee: Debuggee, selection: Selection, writer: GuestWriter) {
    this.#debuggee = debuggee;
    this.#selection = selection;
    this.#writer = writer;
    this.#processor = new ProcessorRegisters(debuggee.machine, writer);
  }

  /** Keeps a value that was printed. Returns its number: `$1`, `$2` … */
  record(value: CValue): number {
    // What was printed stays what it was.
    const { bytes } = value;
    this.#history.push(new CValue(value.type, value.place, () => bytes));
    return this.#history.length;
  }

  get variableNames(): string[] {
    return [...this.#variables.keys()];
  }

  format(value: CValue, letter?: FormatLetter): string {
    return formatValue(value, { ...this.formatOptions, format: letter });
  }

  readonly formatOptions: FormatOptions = {
    symbolOf: (address) => this.symbolOf(address),
    readSome: (address, size) => this.#selection.readSome(address, size),
  };

  /** Sets a variable of the debugger: `$_` and its like. */
  setVariable(name: string, value: CValue): void {
    this.#variables.set(name, value);
  }

  /** The type of an expression; an unsigned integer of `size` bytes where it has none any more. */
  typeOf(expression: string, size: number): Type {
    try {
      return typeOf(expression, this);
    } catch (error) {
      if (error instanceof ExpressionError) return new BaseType(`${size * 8} bits`, size, 'unsigned');
      throw error;
    }
  }

  /** The members of the structure that an expression is, or points to; none when it is something else. */
  membersOf(expression: string): string[] {
    try {
      const type = stripType(typeOf(expression, this));
      const target = type.kind === 'pointer' ? stripType(type.target) : type;
      if (target.kind !== 'struct' && target.kind !== 'union') return [];
      return target.members.flatMap(({ name }) => (name === undefined ? [] : [name]));
    } catch (error) {
      if (error instanceof ExpressionError) return [];
      throw error;
    }
  }

  /**
   * Does something with an expression's value where the memory is that of the program it names: `prog:ksh:NAME` is in a process that runs
   * ksh, whoever runs now. Throws ExpressionError 'syntax' and DebugError 'not-found'.
   */
  inSpaceOf<T>(expression: string, action: () => T): T {
    return programsIn(expression).reduce<() => T>(
      (inner, program) => () => this.#selection.inSpaceOf(program, inner),
      action,
    )();
  }

  /** The address that an expression means: a pointer's value, a function's or array's place. Throws ExpressionError. */
  addressOf(expression: string): bigint {
    return BigInt.asUintN(64, integerOf(evaluate(expression, this)));
  }

  /** `fork1+4` for an address, by the program that the selected thread has there. */
  symbolOf(address: bigint): string | undefined {
    return this.#debuggee.programs
      .at(address, this.#selection.process, this.#selection.readMemory)
      ?.symbolOf(address);
  }

  variable(name: string, scope: string | undefined, program?: string): CValue | undefined {
    const found = this.#selection.scope.find(name, scope, program);
    return found ?? (scope === undefined && program === undefined ? this.#perCpu(name) : undefined);
  }

  type(name: string): Type | undefined {
    return this.#selection.scope.type(name);
  }

  isTypeName(name: string): boolean {
    const { scope } = this.#selection;
    return scope.find(name, undefined) === undefined && scope.type(name) !== undefined;
  }

  readMemory(address: bigint, size: number): Uint8Array | undefined {
    return this.#selection.readMemory(address, size);
  }

  register(name: string): CValue | undefined {
    const earlier = this.#earlier(name);
    if (earlier !== undefined) return earlier;
    const known = this.#variables.get(name);
    // An object in memory that is remembered stays one: its members can be followed.
    if (known?.address !== undefined) return known;
    if (known !== undefined) return new CValue(known.type, { kind: 'convenience', name }, () => known.bytes);
    const part = PARTS.get(name);
    if (part === undefined) return this.#wholeRegister(REGISTER_ALIASES[name] ?? name);
    const [whole, size, offset] = part;
    const register = this.#wholeRegister(whole);
    return (
      register &&
      CValue.integer(
        size === 4 ? INT : LONG,
        BigInt.asUintN(8 * size, integerFromBytes(register.bytes) >> BigInt(8 * offset)),
      )
    );
  }

  write(place: Place, value: CValue): void {
    switch (place.kind) {
      case 'convenience':
        this.#variables.set(place.name, value);
        break;
      case 'memory':
        this.#writer.memory(place.address, value.bytes);
        break;
      case 'register':
        this.#writeRegister(place, value.bytes);
        break;
    }
  }

  /** Of a part the rest of the register stays as it is. */
  #writeRegister({ name, offset = 0 }: Place & { kind: 'register' }, bytes: Uint8Array): void {
    const row = REGISTER_ROWS.find((one) => one.name === name);
    if (row === undefined) throw new ExpressionError('read-only', `$${name} cannot be written`);
    const whole = this.#processor.read(row);
    whole.set(bytes, offset);
    this.#processor.write(row, whole);
  }

  /** `curproc` and what else OpenBSD's machine headers define as macros over the running processor's struct cpu_info. */
  #perCpu(name: string): CValue | undefined {
    const member = PER_CPU_MEMBERS[name];
    if (member === undefined) return undefined;
    const { kernel } = this.#debuggee;
    const info = attempt(() => kernel.cpuInfo());
    if (info === undefined)
      throw new ExpressionError('unknown-name', `there is no ${name} yet: the kernel has not set it up`);
    if (member === '') return CValue.integer(pointerTo(info.type), info.address);
    const view = info.member(member);
    return new CValue(view.type, { kind: 'memory', address: view.address }, () =>
      kernel.memory.read(view.address, 8),
    );
  }

  /** `$1`, `$` the last value, `$$` the one before, `$$3` the third before the last. */
  #earlier(name: string): CValue | undefined {
    const [whole, back, number] = /^(?:(\$\d*)|(\d+))?$/.exec(name) ?? [];
    if (whole === undefined) return undefined;
    const history = this.#history;
    const distance = back === undefined ? 0 : back === '$' ? 1 : Number(back.slice(1));
    const value = history[number === undefined ? history.length - 1 - distance : Number(number) - 1];
    if (value !== undefined) return value;
    const last = history.length === 0 ? 'nothing has been printed yet' : `the last one is $${history.length}`;
    throw new ExpressionError('unknown-name', `there is no value $${name}: ${last}`);
  }

  #wholeRegister(name: string): CValue | undefined {
    const number = (DWARF_REGISTER_NAMES as readonly string[]).indexOf(name);
    if (number >= 0) {
      const type = REGISTER_TYPES[name] ?? LONG;
      const value = this.#selection.registers[number];
      return new CValue(type, this.#writable(name), () => {
        if (value === undefined)
          throw new ExpressionError('optimised-out', `$${name} was not kept for this frame`);
        return CValue.integer(type, value).bytes;
      });
    }
    const row = REGISTER_ROWS.find((one) => one.name === name);
    if (row === undefined) return undefined;
    return new CValue(REGISTER_TYPES[name] ?? LONG, this.#writable(name), () => {
      if (!this.#selection.isRunning)
        throw new ExpressionError('optimised-out', `$${name} is not kept for a thread that does not run`);
      return this.#processor.read(row);
    });
  }

  /** Only the processor's own registers can be written; those of outer frames are in memory, or nowhere. */
  #writable(name: string): Place | undefined {
    return this.#selection.isRunning && this.#selection.index === 0 ? { kind: 'register', name } : undefined;
  }
}
