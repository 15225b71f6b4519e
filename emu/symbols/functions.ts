import { addressOfKey, type KeyRange, keyOfAddress, lastNotAbove } from './address.ts';
import type { Die } from './die.ts';
import { DW_AT, DW_TAG } from './dwarf-constants.ts';
import type { LineTable } from './line-table.ts';
import { nameOf } from './name-index.ts';
import { rangesContain, rangesOf } from './ranges.ts';
import type { TypeReader } from './type-reader.ts';
import { FunctionType, type Type } from './types.ts';

/** Blocks and inlined calls nest less deeply than this in any compiler's output. */
const SCOPE_LIMIT = 256;

/** What describing a function needs besides its entry. */
export interface FunctionReaders {
  readonly types: TypeReader;
  readonly lines: LineTable;
}

/** A parameter of a function. */
export interface Parameter {
  readonly name: string;
  readonly type: Type;
  /** The entry that says where the value is; `DebugInfo.locals` and `locate` read it. */
  readonly die: Die;
}

/** An addressable range of code. */
export interface CodeRange {
  readonly low: bigint;
  /** Exclusive. */
  readonly high: bigint;
}

/** A function with code. Everything but name and ranges is read when asked for. */
export class FunctionInfo {
  readonly name: string;
  readonly die: Die;
  readonly keyRanges: readonly KeyRange[];
  readonly #readers: FunctionReaders;

  constructor(die: Die, keyRanges: readonly KeyRange[], readers: FunctionReaders) {
    this.name = nameOf(die) ?? '';
    this.die = die;
    this.keyRanges = keyRanges;
    this.#readers = readers;
  }

  /** The entry point. */
  get lowPc(): bigint {
    return addressOfKey(this.#main.low);
  }

  /** The end (exclusive) of the range that holds the entry point. */
  get highPc(): bigint {
    return addressOfKey(this.#main.high);
  }

  /** All ranges: a function whose unlikely part was moved away has more than one. */
  get ranges(): readonly CodeRange[] {
    return this.keyRanges.map(({ low, high }) => ({ low: addressOfKey(low), high: addressOfKey(high) }));
  }

  /** Whether other units can call it by name. */
  get isExternal(): boolean {
    return this.die.lineage().some((die) => die.flag(DW_AT.external));
  }

  /** The file of its declaration, as the line table names it. */
  get declFile(): string | undefined {
    return declarationFile(this.die, this.#readers.lines);
  }

  get declLine(): number | undefined {
    return firstNumber(this.die, DW_AT.declLine);
  }

  get returnType(): Type {
    for (const die of this.die.lineage()) if (die.has(DW_AT.type)) return this.#readers.types.typeOf(die);
    return this.#readers.types.typeOf(this.die);
  }

  get parameters(): readonly Parameter[] {
    return parametersOf(this.die, this.#readers.types);
  }

  /** What a pointer to it points to. */
  get type(): FunctionType {
    const variadic = this.die
      .lineage()
      .some((die) => [...die.unit.children(die)].some(({ tag }) => tag === DW_TAG.unspecifiedParameters));
    return new FunctionType(
      () => this.returnType,
      () => this.parameters.map(({ type }) => type),
      variadic,
      true,
    );
  }

  /** gcc puts the hot part, with the entry point, first. */
  get #main(): KeyRange {
    const entry = this.die.address(DW_AT.entryPc);
    const holding = this.keyRanges.find(
      ({ low, high }) => entry !== undefined && entry >= low && entry < high,
    );
    return holding ?? this.keyRanges[0] ?? { low: 0, high: 0 };
  }
}

/** The parameters below a function or inlined call. */
export function parametersOf(parent: Die, types: TypeReader): Parameter[] {
  const parameters: Parameter[] = [];
  for (const die of parent.unit.children(parent)) {
    if (die.tag !== DW_TAG.formalParameter) continue;
    parameters.push({ name: nameOf(die) ?? '', type: typeThroughOrigins(die, types), die });
  }
  return parameters;
}

/** The type of an entry whose type may stand at its origin. */
export function typeThroughOrigins(die: Die, types: TypeReader): Type {
  const typed = die.lineage().find((candidate) => candidate.has(DW_AT.type));
  return types.typeOf(typed ?? die);
}

/** The first value of a numeric attribute along an entry's origins. */
export function firstNumber(die: Die, attribute: number): number | undefined {
  for (const candidate of die.lineage()) {
    const value = candidate.number(attribute);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The file an entry was declared in. */
export function declarationFile(die: Die, lines: LineTable): string | undefined {
  for (const candidate of die.lineage()) {
    const index = candidate.number(DW_AT.declFile);
    if (index !== undefined) return fileName(candidate, index, lines);
  }
  return undefined;
}

/** The path of a file index used in an entry's unit. */
export function fileName(die: Die, index: number, lines: LineTable): string | undefined {
  const program = die.unit.lineProgram;
  return program === undefined ? undefined : lines.fileName(program, index);
}

/** The functions of a file, by address. */
export class FunctionIndex {
  /** Ascending by entry point. */
  readonly all: readonly FunctionInfo[];
  readonly #ranges: readonly (KeyRange & { readonly info: FunctionInfo })[];

  constructor(functions: readonly FunctionInfo[]) {
    this.all = [...functions].sort((a, b) => (a.keyRanges[0]?.low ?? 0) - (b.keyRanges[0]?.low ?? 0));
    this.#ranges = this.all
      .flatMap((info) => info.keyRanges.map(({ low, high }) => ({ low, high, info })))
      .sort((a, b) => a.low - b.low);
  }

  at(address: bigint): FunctionInfo | undefined {
    const key = keyOfAddress(address);
    const ranges = this.#ranges;
    const range = ranges[lastNotAbove(ranges.length, key, (index) => ranges[index]?.low ?? 0)];
    return range !== undefined && key < range.high ? range.info : undefined;
  }
}

/**
 * The scopes around an address inside a function, outermost first: the function, then the lexical blocks and
 * inlined calls that hold the address.
 */
export function scopesAt(functionDie: Die, address: bigint): Die[] {
  const key = keyOfAddress(address);
  const scopes = [functionDie];
  for (let scope: Die | undefined = functionDie; scope !== undefined && scopes.length < SCOPE_LIMIT; ) {
    scope = innerScope(scope, key);
    if (scope !== undefined) scopes.push(scope);
  }
  return scopes;
}

function innerScope(parent: Die, key: number): Die | undefined {
  for (const die of parent.unit.children(parent)) {
    const isScope = die.tag === DW_TAG.lexicalBlock || die.tag === DW_TAG.inlinedSubroutine;
    if (isScope && rangesContain(rangesOf(die), key)) return die;
  }
  return undefined;
}

/** One level of the (possibly inlined) calls an address belongs to. */
export interface SourceFrame {
  readonly name: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** Whether this function was inlined into the next frame. */
  readonly isInlined: boolean;
}

/** The functions an address belongs to, innermost first; the last one is the function that has the code. */
export function sourceFrames(functionDie: Die, address: bigint, lines: LineTable): SourceFrame[] {
  const calls = scopesAt(functionDie, address).filter(({ tag }) => tag !== DW_TAG.lexicalBlock);
  const here = lines.at(address);
  let file = here?.file;
  let line = here?.line;
  let column = here?.column;
  const frames: SourceFrame[] = [];
  for (const call of calls.reverse()) {
    const isInlined = call.tag === DW_TAG.inlinedSubroutine;
    frames.push({ name: nameOf(call) ?? '', file, line, column, isInlined });
    const callFile = call.number(DW_AT.callFile);
    file = callFile === undefined ? undefined : fileName(call, callFile, lines);
    line = call.number(DW_AT.callLine);
    column = call.number(DW_AT.callColumn);
  }
  return frames;
}
