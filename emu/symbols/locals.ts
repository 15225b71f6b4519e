import { keyOfAddress } from './address.ts';
import type { Die } from './die.ts';
import { DW_AT, DW_TAG } from './dwarf-constants.ts';
import { evaluateLocation } from './expression.ts';
import { frameContext } from './frame-context.ts';
import { scopesAt, typeThroughOrigins } from './functions.ts';
import type { Location } from './location.ts';
import { locationExpression } from './location-list.ts';
import { nameOf } from './name-index.ts';
import type { MemoryReader, RegisterValues } from './registers.ts';
import type { TypeReader } from './type-reader.ts';
import { sizeOf, type Type } from './types.ts';

/** A parameter or variable in scope somewhere. */
export interface LocalVariable {
  readonly name: string;
  readonly type: Type;
  readonly isParameter: boolean;
  /** 0 for the innermost scope; a name hides the same name of a greater depth. */
  readonly depth: number;
  /** Which of the functions at the address it belongs to: an index into `framesAt`, 0 for the innermost. */
  readonly level: number;
  readonly die: Die;
  /** The function that has the code: its frame base is what locations refer to. */
  readonly functionDie: Die;
}

/** The machine as one frame sees it: a frame of `unwind`, with memory and, when known, with its caller. */
export interface FrameState {
  /** Where the frame executes; in a caller the return address. */
  readonly pc: bigint;
  /** The address that decides what is in scope (see `Frame`). */
  readonly lookupPc: bigint;
  /** By DWARF number; undefined where unwinding could not keep a value. */
  readonly registers: RegisterValues;
  readonly cfa: bigint | undefined;
  readonly readMemory: MemoryReader;
  /** Lets values be found that only the caller still has. */
  readonly caller?: FrameState | undefined;
}

/** The function whose code holds an address. */
export type FunctionFinder = (address: bigint) => Die | undefined;

/** The variables in scope at an address, innermost first. */
export function localsAt(functionDie: Die, address: bigint, types: TypeReader): LocalVariable[] {
  const locals: LocalVariable[] = [];
  const scopes = scopesAt(functionDie, address);
  let level = scopes.filter(({ tag }) => tag === DW_TAG.inlinedSubroutine).length;
  scopes.forEach((scope, index) => {
    if (scope.tag === DW_TAG.inlinedSubroutine) level--;
    const depth = scopes.length - 1 - index;
    for (const die of variablesOf(scope)) {
      const name = nameOf(die);
      if (name === undefined) continue;
      const isParameter = die.tag === DW_TAG.formalParameter;
      const type = typeThroughOrigins(die, types);
      locals.push({ name, type, isParameter, depth, level, die, functionDie });
    }
  });
  return locals.sort((a, b) => a.depth - b.depth);
}

/**
 * The variables of one scope: its own, and those static variables that are described only once, at the origin of
 * all its copies.
 */
function variablesOf(scope: Die): Die[] {
  const variables: Die[] = [];
  const origins = new Set<number>();
  for (const die of scope.unit.children(scope)) {
    if (!isVariable(die)) continue;
    variables.push(die);
    const origin = die.reference(DW_AT.abstractOrigin);
    if (origin !== undefined) origins.add(origin.offset);
  }
  const origin = scope.reference(DW_AT.abstractOrigin);
  if (origin === undefined) return variables;
  for (const die of origin.unit.children(origin)) {
    if (isVariable(die) && die.has(DW_AT.location) && !origins.has(die.offset)) variables.push(die);
  }
  return variables;
}

/** `extern` inside a function declares what is elsewhere. */
function isVariable(die: Die): boolean {
  const isKind = die.tag === DW_TAG.formalParameter || die.tag === DW_TAG.variable;
  return isKind && !die.flag(DW_AT.declaration);
}

/** Where a local variable is in a frame. Throws DwarfError on damage. */
export function evaluateLocal(local: LocalVariable, frame: FrameState, functionAt: FunctionFinder): Location {
  const key = keyOfAddress(frame.lookupPc);
  const constant = constantValue(local.die, sizeOf(local.type));
  if (constant !== undefined) return constant;
  // A static variable of an inlined function has its place at the origin.
  for (const die of local.die.lineage()) {
    if (!die.has(DW_AT.location)) continue;
    const expression = locationExpression(die, DW_AT.location, key);
    if (expression === undefined) break;
    return evaluateLocation(expression, frameContext(local.die.unit, local.functionDie, frame, functionAt));
  }
  return { kind: 'optimised-out', reason: 'the compiler kept no location for this address' };
}

/** DW_AT_const_value: the variable is a constant wherever it is in scope. */
function constantValue(die: Die, size: number): Location | undefined {
  for (const candidate of die.lineage()) {
    const bytes = candidate.block(DW_AT.constValue);
    if (bytes !== undefined) return { kind: 'bytes', bytes };
    const value = candidate.constant(DW_AT.constValue);
    if (value !== undefined && size > 0) return { kind: 'value', value: BigInt.asUintN(64, value) };
  }
  return undefined;
}
