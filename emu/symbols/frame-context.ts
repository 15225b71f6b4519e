import { addressOfKey, keyOfAddress } from './address.ts';
import type { Die } from './die.ts';
import { DW_AT, DW_ATE, DW_TAG } from './dwarf-constants.ts';
import { DwarfError } from './errors.ts';
import { evaluateAddress } from './expression.ts';
import type { FrameState, FunctionFinder } from './locals.ts';
import type { ExpressionContext } from './location.ts';
import { locationExpression } from './location-list.ts';
import { nameOf } from './name-index.ts';
import type { Unit } from './unit.ts';

/** The widest integer base type (__int128) in bytes. */
const WIDEST_INTEGER = 16;

/** Entry values one question may lead through: each may ask for several more in the caller. */
const ENTRY_VALUE_LIMIT = 256;

/**
 * What expressions of a unit may ask for in a frame of a function. `budget` is shared by everything one question
 * leads to.
 */
export function frameContext(
  unit: Unit,
  functionDie: Die,
  frame: FrameState,
  functionAt: FunctionFinder,
  budget = { left: ENTRY_VALUE_LIMIT },
): ExpressionContext {
  const base: ExpressionContext = {
    register: (index) => frame.registers[index],
    readMemory: frame.readMemory,
    cfa: () => frame.cfa,
    loadBias: BigInt(unit.sections.info.loadBias),
    indexedAddress: (index) => addressOfKey(unit.indexedAddress(index)),
    baseType: (offset) => integerType(unit.dieAt(unit.start + offset)),
    offsetSize: unit.format.offsetSize,
    version: unit.format.version,
    entryValue: (expression) => {
      if (budget.left-- <= 0) throw new DwarfError('limit', 'entry values lead to entry values without end');
      return entryValue(expression, functionDie, frame, functionAt, budget);
    },
  };
  const frameBase = (): bigint | undefined => {
    const expression = locationExpression(functionDie, DW_AT.frameBase, keyOfAddress(frame.lookupPc));
    return expression && evaluateAddress(expression, base);
  };
  return { ...base, frameBase };
}

function integerType(die: Die): { size: number; isSigned: boolean } | undefined {
  const encoding = die.number(DW_AT.encoding);
  const size = die.number(DW_AT.byteSize);
  if (size === undefined || size > WIDEST_INTEGER || encoding === undefined) return undefined;
  const isSigned = encoding === DW_ATE.signed || encoding === DW_ATE.signedChar;
  const isInteger =
    isSigned ||
    encoding === DW_ATE.unsigned ||
    encoding === DW_ATE.unsignedChar ||
    encoding === DW_ATE.boolean;
  return isInteger ? { size, isSigned } : undefined;
}

/**
 * The value an expression (a register) had when the function was entered, as the caller's call site describes it
 * (DWARF 5, 3.4.1). Known only when the call site names this very function: behind an indirect call there may have
 * been a tail call, after which registers hold something else.
 */
function entryValue(
  expression: Uint8Array,
  functionDie: Die,
  frame: FrameState,
  functionAt: FunctionFinder,
  budget: { left: number },
): bigint | undefined {
  const { caller } = frame;
  const callerDie = caller && functionAt(caller.lookupPc);
  if (caller === undefined || callerDie === undefined) return undefined;
  const site = findCallSite(callerDie, keyOfAddress(caller.pc));
  if (site === undefined || !calls(site, functionDie)) return undefined;
  for (const parameter of site.unit.children(site)) {
    const isParameter =
      parameter.tag === DW_TAG.callSiteParameter || parameter.tag === DW_TAG.gnuCallSiteParameter;
    const location = isParameter ? parameter.block(DW_AT.location) : undefined;
    if (location === undefined || !sameBytes(location, expression)) continue;
    const value = parameter.block(DW_AT.callValue) ?? parameter.block(DW_AT.gnuCallSiteValue);
    return value && evaluateAddress(value, frameContext(site.unit, callerDie, caller, functionAt, budget));
  }
  return undefined;
}

/** The call site that returns to an address, anywhere inside a function. */
function findCallSite(parent: Die, returnKey: number): Die | undefined {
  const open = [parent];
  for (let die = open.pop(); die !== undefined; die = open.pop()) {
    for (const child of die.unit.children(die)) {
      const isSite = child.tag === DW_TAG.callSite || child.tag === DW_TAG.gnuCallSite;
      if (isSite && (child.address(DW_AT.callReturnPc) ?? child.address(DW_AT.lowPc)) === returnKey)
        return child;
      if (child.abbreviation.hasChildren) open.push(child);
    }
  }
  return undefined;
}

/** Whether a call site calls a function; across units a declaration stands for it. */
function calls(site: Die, functionDie: Die): boolean {
  const target = site.reference(DW_AT.callOrigin) ?? site.reference(DW_AT.abstractOrigin);
  if (target === undefined) return false;
  if (functionDie.lineage().some(({ offset }) => offset === target.offset)) return true;
  return target.flag(DW_AT.declaration) && nameOf(target) === nameOf(functionDie);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
