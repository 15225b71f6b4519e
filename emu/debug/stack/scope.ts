import type { View } from '../../kernel/index.ts';
import {
  DWARF_REGISTER_NAMES,
  type FrameState,
  type LocalVariable,
  type Location,
  type MemoryReader,
  readLocation,
  SHN,
  sizeOf,
  type Type,
} from '../../symbols/index.ts';
import { CValue, ExpressionError, INT, type Place } from '../expressions/index.ts';
import type { Program } from '../programs/program.ts';
import type { Programs } from '../programs/programs.ts';
import type { StackLevel } from './call-stack.ts';

/** The names that the code of one stack level sees: its parameters and variables, those of its file, those of its program, of the kernel. */
export class Scope {
  readonly #level: StackLevel | undefined;
  readonly #programs: Programs;
  readonly #readMemory: MemoryReader;
  readonly #process: View | undefined;

  /** `process`: whose memory is read, and who may have loaded a program anywhere. */
  constructor(level: StackLevel | undefined, programs: Programs, readMemory: MemoryReader, process?: View) {
    this.#process = process;
    this.#level = level;
    this.#programs = programs;
    this.#readMemory = readMemory;
  }

  /** The program whose names come first. */
  get program(): Program {
    return this.#level?.program ?? this.#programs.kernel;
  }

  /** The parameters and variables of this level, innermost scope first; a name hides the same name further out. */
  locals(): LocalVariable[] {
    const level = this.#level;
    if (level === undefined) return [];
    const all = this.program.image.debug.locals(level.frame.lookupPc);
    return all.filter((local) => local.level === level.inlineLevel);
  }

  /** A local's value, or why there is none: reading it throws ExpressionError 'optimised-out'. */
  localValue(local: LocalVariable): CValue {
    const level = this.#level as StackLevel;
    const { debug } = this.program.image;
    const state = this.#frameState(level);
    const location = debug.locate(local, state);
    return new CValue(local.type, placeOf(location), () => {
      if (location.kind === 'optimised-out')
        throw new ExpressionError(
          'optimised-out',
          `${local.name} was optimised out here: ${location.reason}`,
        );
      if (location.kind === 'memory') return this.#read(location.address, sizeOf(local.type));
      const bytes = readLocation(location, sizeOf(local.type), state);
      if (bytes !== undefined) return bytes;
      throw new ExpressionError(
        'optimised-out',
        `${local.name} was optimised out here: its place was not kept`,
      );
    });
  }

  /** A variable, function or enumerator; of `owner` alone, when it is given. Throws ExpressionError for an owner that nobody knows. */
  find(name: string, scope: string | undefined, owner?: string): CValue | undefined {
    if (owner !== undefined) return this.#ofProgram(owner, name, scope);
    if (scope === undefined) return this.#local(name) ?? this.#global(name);
    if (scope === '') return this.#globalOf(this.program, name, undefined) ?? this.#global(name);
    const program = this.#named(scope);
    if (program !== undefined && program !== this.program) return this.#globalOf(program, name, undefined);
    return (
      this.#inFunction(scope, name) ??
      this.#inFile(scope, name) ??
      (program && this.#globalOf(program, name, undefined))
    );
  }

  #ofProgram(owner: string, name: string, scope: string | undefined): CValue | undefined {
    const program = this.#named(owner);
    if (program === undefined)
      throw new ExpressionError('unknown-name', `no program ${owner} is known with its symbols`);
    if (scope === undefined || scope === '') return this.#globalOf(program, name, undefined);
    const variable = program.image.debug.variableSeenFrom(name, undefined, scope);
    return variable && this.#object(variable.type, variable.address);
  }

  #named(name: string): Program | undefined {
    const program = this.#programs.byName(name);
    return program && this.#programs.inProcess(program, this.#process);
  }

  type(name: string): Type | undefined {
    return this.#eachProgram((program) => program.image.debug.type(name));
  }

  #local(name: string): CValue | undefined {
    const local = this.locals().find((one) => one.name === name);
    return local && this.localValue(local);
  }

  #global(name: string): CValue | undefined {
    return this.#eachProgram((program) => this.#globalOf(program, name, this.#level?.frame.lookupPc));
  }

  /** The program of this level first, then the kernel. */
  #eachProgram<T>(look: (program: Program) => T | undefined): T | undefined {
    const own = this.program;
    return look(own) ?? (own === this.#programs.kernel ? undefined : look(this.#programs.kernel));
  }

  #globalOf(program: Program, name: string, near: bigint | undefined): CValue | undefined {
    const { debug, symbols } = program.image;
    const variable = debug.variableSeenFrom(name, near);
    if (variable !== undefined) return this.#object(variable.type, variable.address);
    const info = debug.function(name);
    if (info !== undefined) {
      return new CValue(info.type, { kind: 'memory', address: info.lowPc }, () => this.#read(info.lowPc, 1));
    }
    const constant = debug.enumerator(name);
    if (constant !== undefined) return CValue.integer(constant.type, BigInt(constant.value));
    const symbol = symbols.allByName(name).find(({ sectionIndex }) => sectionIndex !== SHN.absolute);
    // A symbol of assembly, whose type nobody has written down: gdb takes the word there.
    return symbol === undefined ? undefined : this.#object(INT, symbol.address);
  }

  #inFunction(scope: string, name: string): CValue | undefined {
    const info = this.program.image.debug.function(scope);
    if (info === undefined) return undefined;
    const local = this.program.image.debug.locals(info.lowPc).find((one) => one.name === name);
    if (local === undefined) return undefined;
    const state: FrameState = {
      pc: info.lowPc,
      lookupPc: info.lowPc,
      registers: [],
      cfa: undefined,
      readMemory: this.#readMemory,
    };
    const location = this.program.image.debug.locate(local, state);
    if (location.kind !== 'memory') {
      throw new ExpressionError(
        'unknown-name',
        `${name} of ${scope} is no static variable; select a frame of ${scope} to see it`,
      );
    }
    return this.#object(local.type, location.address);
  }

  #inFile(file: string, name: string): CValue | undefined {
    const variable = this.#eachProgram((program) =>
      program.image.debug.variableSeenFrom(name, undefined, file),
    );
    return variable && this.#object(variable.type, variable.address);
  }

  #object(type: Type, address: bigint): CValue {
    return new CValue(type, { kind: 'memory', address }, () => this.#read(address, sizeOf(type)));
  }

  #read(address: bigint, size: number): Uint8Array {
    const bytes = this.#readMemory(address, size);
    if (bytes !== undefined) return bytes;
    throw new ExpressionError('unmapped', `cannot access memory at address 0x${address.toString(16)}`);
  }

  #frameState(level: StackLevel): FrameState {
    const { frame, caller } = level;
    const state = (one: typeof frame): FrameState => ({ ...one, readMemory: this.#readMemory });
    return { ...state(frame), caller: caller && state(caller) };
  }
}

/** Where a location can be written; undefined for what is computed, or lies in pieces. */
function placeOf(location: Location): Place | undefined {
  if (location.kind === 'memory') return { kind: 'memory', address: location.address };
  const register = location.kind === 'register' ? DWARF_REGISTER_NAMES[location.register] : undefined;
  return register === undefined ? undefined : { kind: 'register', name: register };
}
