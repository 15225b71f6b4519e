import { addressOfKey, type KeyRange, keyOfAddress } from './address.ts';
import { ByteReader, sectionOf } from './byte-reader.ts';
import { CodeRanges } from './code-ranges.ts';
import type { Die } from './die.ts';
import { DW_AT, DW_TAG } from './dwarf-constants.ts';
import { DW_OP } from './dwarf-operations.ts';
import { type DwarfSections, dwarfSections } from './dwarf-sections.ts';
import type { ElfFile } from './elf.ts';
import {
  declarationFile,
  FunctionIndex,
  FunctionInfo,
  type FunctionReaders,
  firstNumber,
  type SourceFrame,
  sourceFrames,
  typeThroughOrigins,
} from './functions.ts';
import { type InlinedCall, inlinedCalls } from './inlined-calls.ts';
import { LineTable } from './line-table.ts';
import { evaluateLocal, type FrameState, type LocalVariable, localsAt } from './locals.ts';
import type { Location } from './location.ts';
import { NameIndex, type NameSpace, nameOf } from './name-index.ts';
import { rangesOf } from './ranges.ts';
import { compilersName } from './type-name.ts';
import { TypeReader } from './type-reader.ts';
import type { EnumType, StructType, Type } from './types.ts';
import type { Unit } from './unit.ts';
import { UnitTable } from './unit-table.ts';

const STRUCT_TAGS: readonly number[] = [DW_TAG.structureType, DW_TAG.unionType, DW_TAG.classType];

/** A variable with a fixed address. */
export interface VariableInfo {
  readonly name: string;
  readonly address: bigint;
  readonly type: Type;
  readonly declFile: string | undefined;
  readonly declLine: number | undefined;
}

/**
 * The debugging information of a linked file (DWARF 4 and 5; 2 and 3 as far as they agree).
 *
 * Opening reads the unit headers only. A question by name reads the top level of units, one by one, until the
 * answer is found; a question by address reads the one unit it falls in. All methods throw DwarfError on damaged
 * input and give undefined for what is not there.
 */
export class DebugInfo {
  /** The line table of the same file. */
  readonly lines: LineTable;
  readonly #code: CodeRanges;
  readonly #units: UnitTable;
  readonly #types: TypeReader;
  readonly #readers: FunctionReaders;
  readonly #indexes = new Map<Unit, NameIndex>();
  readonly #functions = new Map<Unit, FunctionIndex>();
  readonly #found = new Map<string, Die | undefined>();
  #enumerators: ReadonlyMap<string, { readonly type: EnumType; readonly value: number }> | undefined;

  private constructor(sections: DwarfSections, lines: LineTable, code: CodeRanges) {
    this.#code = code;
    this.lines = lines;
    this.#units = new UnitTable(sections);
    this.#types = new TypeReader((tag, name) => this.#findTag(tag, name));
    this.#readers = { types: this.#types, lines };
  }

  /** Opens the debugging information; a file without any gives an empty one. Throws ElfError and DwarfError. */
  static open(elf: ElfFile): DebugInfo {
    const sections = dwarfSections(elf);
    return new DebugInfo(sections, LineTable.open(elf, sections), new CodeRanges(elf));
  }

  /** The source files compiled into this one, as given to the compiler. */
  compilationUnits(): { readonly name: string | undefined; readonly directory: string | undefined }[] {
    return this.#units.units.map(({ name, compilationDirectory: directory }) => ({ name, directory }));
  }

  /**
   * The struct or union with a tag: `struct('proc')`. Two source files may each have their own structure of that
   * tag; this gives the first one, `structs` all.
   */
  struct(name: string): StructType | undefined {
    for (const tag of STRUCT_TAGS) {
      const die = this.#findTag(tag, name);
      const type = die && this.#types.read(die);
      if (type?.kind === 'struct' || type?.kind === 'union') return type;
    }
    return undefined;
  }

  /** The definitions of a tag in all units: every unit that includes a header defines its structures anew. */
  structs(name: string): StructType[] {
    return this.#units.units
      .flatMap((unit) => this.#index(unit).find('tag', name))
      .filter((die) => STRUCT_TAGS.includes(die.tag))
      .map((die) => this.#types.read(die))
      .filter((type): type is StructType => type.kind === 'struct' || type.kind === 'union');
  }

  /** The enumeration with a tag. */
  enum(name: string): EnumType | undefined {
    const die = this.#findTag(DW_TAG.enumerationType, name);
    const type = die && this.#types.read(die);
    return type?.kind === 'enum' ? type : undefined;
  }

  /** A type by name: `struct proc`, `union sigval`, `enum x`, a typedef (`pid_t`) or a base type. */
  type(name: string): Type | undefined {
    const [, keyword, tag] = /^(struct|union|enum)\s+(\S+)$/.exec(name) ?? [];
    if (tag !== undefined) return keyword === 'enum' ? this.enum(tag) : this.struct(tag);
    const die = this.#find('type', compilersName(name), () => true);
    return die && this.#types.read(die);
  }

  /** The tags of all structs and unions defined in the program, sorted. */
  structNames(): string[] {
    const names = new Set<string>();
    for (const unit of this.#units.units) for (const name of this.#index(unit).names('tag')) names.add(name);
    return [...names].filter((name) => this.struct(name) !== undefined).sort();
  }

  /** Every function with code, by unit. Reads the top level of the whole file. */
  *functions(): Generator<FunctionInfo, void, undefined> {
    for (const unit of this.#units.units) yield* this.#functionsOf(unit).all;
  }

  /** The function of that name that has code. */
  function(name: string): FunctionInfo | undefined {
    const die = this.#find('function', name, (candidate) => this.#codeOf(candidate).length > 0);
    return die && new FunctionInfo(die, this.#codeOf(die), this.#readers);
  }

  /** The function whose code holds an address (not the function inlined there: see `framesAt`). */
  functionAt(address: bigint): FunctionInfo | undefined {
    const unit = this.#units.unitAt(keyOfAddress(address));
    return unit && this.#functionsOf(unit).at(address);
  }

  /** The calls that were inlined into a function, at any depth. */
  inlinedCalls(info: FunctionInfo): InlinedCall[] {
    return [...inlinedCalls(info.die, this.lines)];
  }

  /**
   * The functions an address belongs to, innermost first: those inlined there, each with the line it has reached,
   * then the function that has the code.
   */
  framesAt(address: bigint): SourceFrame[] {
    const info = this.functionAt(address);
    return info === undefined ? [] : sourceFrames(info.die, address, this.lines);
  }

  /** The global or file-static variable of that name that has an address. */
  variable(name: string): VariableInfo | undefined {
    const die = this.#find('variable', name, (candidate) => staticAddress(candidate) !== undefined);
    return die && this.#variableOf(die, name);
  }

  #variableOf(die: Die, name: string): VariableInfo | undefined {
    const address = staticAddress(die);
    if (address === undefined) return undefined;
    return {
      name: nameOf(die) ?? name,
      address: addressOfKey(address),
      type: typeThroughOrigins(die, this.#types),
      declFile: declarationFile(die, this.lines),
      declLine: firstNumber(die, DW_AT.declLine),
    };
  }

  /**
   * The variable of that name as the code at `address` sees it: the one of its own source file before those of others. With `file` (its
   * path, or the end of it) only a variable declared there.
   */
  variableSeenFrom(name: string, address: bigint | undefined, file?: string): VariableInfo | undefined {
    const own = address === undefined ? undefined : this.#units.unitAt(keyOfAddress(address));
    const units = own === undefined ? this.#units.units : [own, ...this.#units.units];
    for (const unit of units) {
      for (const die of this.#index(unit).find('variable', name)) {
        const variable = this.#variableOf(die, name);
        if (variable !== undefined && (file === undefined || isFile(variable.declFile, file)))
          return variable;
      }
    }
    return undefined;
  }

  /** The constant of that name of an enumeration, with or without a tag, of the whole program. */
  enumerator(name: string): { readonly type: EnumType; readonly value: number } | undefined {
    return this.#allEnumerators.get(name);
  }

  /** The names of global variables and functions, of types and enumerators, sorted: what a prompt completes. */
  names(): string[] {
    const names = new Set<string>(this.#allEnumerators.keys());
    for (const unit of this.#units.units) {
      for (const space of ['variable', 'function', 'type'] as const) {
        for (const name of this.#index(unit).names(space)) names.add(name);
      }
    }
    return [...names].sort();
  }

  get #allEnumerators(): ReadonlyMap<string, { readonly type: EnumType; readonly value: number }> {
    this.#enumerators ??= this.#readEnumerators();
    return this.#enumerators;
  }

  #readEnumerators(): Map<string, { readonly type: EnumType; readonly value: number }> {
    const found = new Map<string, { readonly type: EnumType; readonly value: number }>();
    for (const unit of this.#units.units) {
      for (const offset of this.#index(unit).enumerations) {
        const type = this.#types.read(unit.dieAt(offset));
        if (type.kind !== 'enum') continue;
        for (const [name, value] of type.enumerators) if (!found.has(name)) found.set(name, { type, value });
      }
    }
    return found;
  }

  /**
   * The parameters and local variables in scope at an address, innermost scope first: those of inlined calls, too.
   * `locate` finds them in a frame.
   */
  locals(address: bigint): LocalVariable[] {
    const info = this.functionAt(address);
    return info === undefined ? [] : localsAt(info.die, address, this.#types);
  }

  /**
   * Where a local variable is in a frame that executes inside its scope; `readLocation` gives its bytes there.
   * With `frame.caller` set, values are found, too, that only the caller still has.
   */
  locate(local: LocalVariable, frame: FrameState): Location {
    return evaluateLocal(local, frame, (address) => this.functionAt(address)?.die);
  }

  #index(unit: Unit): NameIndex {
    const known = this.#indexes.get(unit);
    if (known !== undefined) return known;
    const index = new NameIndex(unit);
    this.#indexes.set(unit, index);
    return index;
  }

  #functionsOf(unit: Unit): FunctionIndex {
    const known = this.#functions.get(unit);
    if (known !== undefined) return known;
    const found: FunctionInfo[] = [];
    for (const offset of this.#index(unit).functions) {
      const die = unit.dieAt(offset);
      const ranges = this.#codeOf(die);
      if (ranges.length > 0) found.push(new FunctionInfo(die, ranges, this.#readers));
    }
    const index = new FunctionIndex(found);
    this.#functions.set(unit, index);
    return index;
  }

  /** The ranges of a function that the linker kept. */
  #codeOf(die: Die): KeyRange[] {
    return rangesOf(die).filter((range) => this.#code.holds(range));
  }

  #findTag(tag: number, name: string): Die | undefined {
    return this.#find('tag', name, (die) => die.tag === tag, tag);
  }

  /** The first definition of a name that is accepted, in the order of units. */
  #find(space: NameSpace, name: string, accept: (die: Die) => boolean, tag = 0): Die | undefined {
    const key = `${space} ${tag} ${name}`;
    if (!this.#found.has(key)) this.#found.set(key, this.#search(space, name, accept));
    return this.#found.get(key);
  }

  #search(space: NameSpace, name: string, accept: (die: Die) => boolean): Die | undefined {
    for (const unit of this.#units.units) {
      for (const die of this.#index(unit).find(space, name)) if (accept(die)) return die;
    }
    return undefined;
  }
}

/** Whether a path, as the compiler was given it, is what was asked for: its whole, or its last parts. */
function isFile(path: string | undefined, asked: string): boolean {
  return path === asked || (path?.endsWith(`/${asked}`) ?? false);
}

/** The address key of a variable whose location is a constant address. */
function staticAddress(die: Die): number | undefined {
  const expression = die.block(DW_AT.location);
  if (expression === undefined || expression.length === 0) return undefined;
  const reader = new ByteReader(sectionOf('a variable location', expression));
  const operation = reader.u8();
  if (operation === DW_OP.addr) return reader.addressKey() + die.unit.sections.info.loadBias;
  return operation === DW_OP.addrx ? die.unit.indexedAddress(reader.uleb()) : undefined;
}
