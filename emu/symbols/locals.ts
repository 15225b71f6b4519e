import { keyOfAddress } from './address.ts';
import type { Die } from './die.ts';
import { DW_AT, DW_ATE, DW_TAG } from './dwarf-constants.ts';
import { evaluateAddress, evaluateLocation } from './expression.ts';
import { scopesAt, typeThroughOrigins } from './functions.ts';
import type { ExpressionContext, Location } from './location.ts';
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
  /** The inlined function it belongs to, or undefined when it belongs to the function that has the code. */
  readonly inlinedFunction: string | undefined;
  readonly die: Die;
  /** The function that has the code: its frame base is what locations refer to. */
  readonly functionDie: Die;
}

/** The machine as one frame sees it. */
export interface FrameState {
  /** The instruction, or for a caller the return address less one. */
  readonly pc: bigint;
  /** By DWARF number; undefined where unwinding could not keep a value. */
  readonly registers: RegisterValues;
  readonly cfa: bigint | undefined;
  readonly readMemory: MemoryReader;
}

/** The variables in scope at an address, innermost first. */
export function localsAt(functionDie: Die, address: bigint, types: TypeReader): LocalVariable[] {
  const locals: LocalVariable[] = [];
  const scopes = scopesAt(functionDie, address);
  let inlinedFunction: string | undefined;
  scopes.forEach((scope, index) => {
    if (scope.tag === DW_TAG.inlinedSubroutine) inlinedFunction = nameOf(scope);
    for (const die of scope.unit.children(scope)) {
      const isParameter = die.tag === DW_TAG.formalParameter;
      if (!isParameter && die.tag !== DW_TAG.variable) continue;
      const name = nameOf(die);
      // `extern` inside a function declares what is elsewhere.
      if (name === undefined || die.flag(DW_AT.declaration)) continue;
      const depth = scopes.length - 1 - index;
      const type = typeThroughOrigins(die, types);
      locals.push({ name, type, isParameter, depth, inlinedFunction, die, functionDie });
    }
  });
  return locals.sort((a, b) => a.depth - b.depth);
}

/** Where a local variable is in a frame. Throws DwarfError on damage. */
export function evaluateLocal(local: LocalVariable, frame: FrameState): Location {
  const key = keyOfAddress(frame.pc);
  const constant = constantValue(local.die, sizeOf(local.type));
  if (constant !== undefined) return constant;
  // A static variable of an inlined function has its place at the origin.
  for (const die of local.die.lineage()) {
    if (!die.has(DW_AT.location)) continue;
    const expression = locationExpression(die, DW_AT.location, key);
    if (expression === undefined) break;
    return evaluateLocation(expression, contextOf(local, frame, key));
  }
  return { kind: 'optimised-out', reason: 'the compiler kept no location for this address' };
}

function contextOf(local: LocalVariable, frame: FrameState, key: number): ExpressionContext {
  const { unit } = local.die;
  const base: ExpressionContext = {
    register: (index) => frame.registers[index],
    readMemory: frame.readMemory,
    cfa: () => frame.cfa,
    indexedAddress: (index) => BigInt.asUintN(64, BigInt(unit.indexedAddress(index))),
    baseType: (offset) => integerType(unit.dieAt(unit.start + offset)),
    offsetSize: unit.format.offsetSize,
    version: unit.format.version,
  };
  const frameBase = (): bigint | undefined => {
    const expression = locationExpression(local.functionDie, DW_AT.frameBase, key);
    return expression && evaluateAddress(expression, base);
  };
  return { ...base, frameBase };
}

function integerType(die: Die): { size: number; isSigned: boolean } | undefined {
  const encoding = die.number(DW_AT.encoding);
  const size = die.number(DW_AT.byteSize);
  if (size === undefined || size > 16 || encoding === undefined) return undefined;
  const isSigned = encoding === DW_ATE.signed || encoding === DW_ATE.signedChar;
  const isInteger =
    isSigned ||
    encoding === DW_ATE.unsigned ||
    encoding === DW_ATE.unsignedChar ||
    encoding === DW_ATE.boolean;
  return isInteger ? { size, isSigned } : undefined;
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

/** Bits of a general register. */
const REGISTER_BYTES = 8;
const BITS_PER_BYTE = 8n;
/** Values are assembled bit by bit; nothing in a register or a few pieces is longer. */
const SIZE_LIMIT = 1 << 16;

/**
 * The bytes at a location, `size` of them, or undefined when any of them is not known.
 * `readValue(type, bytes)` makes a value of them.
 */
export function readLocation(location: Location, size: number, frame: FrameState): Uint8Array | undefined {
  switch (location.kind) {
    case 'memory':
      return frame.readMemory(location.address, size);
    case 'register': {
      const value = frame.registers[location.register];
      return value === undefined || size > REGISTER_BYTES ? undefined : bytesOf(value, size);
    }
    case 'value':
      return size > REGISTER_BYTES ? undefined : bytesOf(location.value, size);
    case 'bytes':
      return location.bytes.length < size ? undefined : location.bytes.subarray(0, size);
    case 'pieces':
      return readPieces(location.pieces, size, frame);
    case 'optimised-out':
      return undefined;
  }
}

function readPieces(
  pieces: Extract<Location, { kind: 'pieces' }>['pieces'],
  size: number,
  frame: FrameState,
): Uint8Array | undefined {
  if (size > SIZE_LIMIT) return undefined;
  let value = 0n;
  let filled = 0;
  for (const { location, bitSize, bitOffset } of pieces) {
    const byteSize = Math.ceil((bitOffset + bitSize) / Number(BITS_PER_BYTE));
    if (byteSize > SIZE_LIMIT) return undefined;
    const bytes = readLocation(location, byteSize, frame);
    if (bytes === undefined) return undefined;
    let bits = 0n;
    for (let index = bytes.length - 1; index >= 0; index--)
      bits = (bits << BITS_PER_BYTE) | BigInt(bytes[index] ?? 0);
    value |= BigInt.asUintN(bitSize, bits >> BigInt(bitOffset)) << BigInt(filled);
    filled += bitSize;
    if (filled > SIZE_LIMIT * Number(BITS_PER_BYTE)) return undefined;
  }
  return filled < size * Number(BITS_PER_BYTE) ? undefined : bytesOf(value, size);
}

function bytesOf(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = value;
  for (let index = 0; index < size; index++) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= BITS_PER_BYTE;
  }
  return bytes;
}
