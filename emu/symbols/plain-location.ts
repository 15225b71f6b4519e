import { addressOfKey, keyOfAddress } from './address.ts';
import { ByteReader, sectionOf } from './byte-reader.ts';
import type { CfaRule } from './call-frame-program.ts';
import { DW_AT } from './dwarf-constants.ts';
import { DW_OP } from './dwarf-operations.ts';
import type { LocalVariable } from './locals.ts';
import { locationExpression } from './location-list.ts';

/** A place that is the same for every arrival at an address, but for the values of registers. */
export type PlainLocation =
  /** A register by its DWARF number. */
  | { readonly kind: 'register'; readonly register: number }
  /** Memory, so many bytes from where a register points to. */
  | { readonly kind: 'memory'; readonly register: number; readonly offset: number }
  /** Memory at a fixed address. */
  | { readonly kind: 'static'; readonly address: bigint };

/**
 * Where a local variable is at an address of the innermost frame, when one register or a constant tells; undefined for what takes more
 * to find out (see `DebugInfo.locate`). `cfa` is the rule that holds there. Throws DwarfError on damage.
 */
export function plainLocation(
  local: LocalVariable,
  address: bigint,
  cfa: CfaRule | undefined,
): PlainLocation | undefined {
  const { die, functionDie } = local;
  const key = keyOfAddress(address);
  const lineage = [...die.lineage()];
  if (lineage.some((one) => one.has(DW_AT.constValue))) return undefined;
  for (const candidate of lineage) {
    if (!candidate.has(DW_AT.location)) continue;
    const expression = locationExpression(candidate, DW_AT.location, key);
    const frameBase = (): Uint8Array | undefined => locationExpression(functionDie, DW_AT.frameBase, key);
    return (
      expression &&
      read(expression, {
        frameBase,
        cfa,
        loadBias: die.unit.sections.info.loadBias,
        indexedAddress: (index) => die.unit.indexedAddress(index),
      })
    );
  }
  return undefined;
}

interface PlainContext {
  readonly frameBase: () => Uint8Array | undefined;
  readonly cfa: CfaRule | undefined;
  readonly loadBias: number;
  /** The address key of an entry of the unit's address table. */
  readonly indexedAddress: (index: number) => number;
}

/** An expression of one operation. */
function read(expression: Uint8Array, context: PlainContext): PlainLocation | undefined {
  const reader = new ByteReader(sectionOf('expression', expression));
  if (reader.atEnd) return undefined;
  const location = operation(reader, context);
  return reader.atEnd ? location : undefined;
}

function operation(reader: ByteReader, context: PlainContext): PlainLocation | undefined {
  const code = reader.u8();
  if (code >= DW_OP.reg0 && code <= DW_OP.reg31) return { kind: 'register', register: code - DW_OP.reg0 };
  if (code >= DW_OP.breg0 && code <= DW_OP.breg31)
    return { kind: 'memory', register: code - DW_OP.breg0, offset: reader.sleb() };
  switch (code) {
    case DW_OP.fbreg: {
      const offset = reader.sleb();
      const expression = context.frameBase();
      // A frame base that is a register means what the register holds (DWARF 5, 3.3.5).
      const base = expression && read(expression, { ...context, frameBase: () => undefined });
      if (base?.kind === 'register') return { kind: 'memory', register: base.register, offset };
      return base?.kind === 'memory' ? { ...base, offset: base.offset + offset } : undefined;
    }
    case DW_OP.callFrameCfa: {
      const { cfa } = context;
      return cfa?.kind === 'register'
        ? { kind: 'memory', register: cfa.register, offset: cfa.offset }
        : undefined;
    }
    case DW_OP.addr:
      return { kind: 'static', address: addressOfKey(reader.addressKey() + context.loadBias) };
    case DW_OP.addrx:
      return { kind: 'static', address: addressOfKey(context.indexedAddress(reader.uleb())) };
    default:
      return undefined;
  }
}
