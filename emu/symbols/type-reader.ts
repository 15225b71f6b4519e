import type { Die } from './die.ts';
import { ADDRESS_SIZE, DW_AT, DW_ATE, DW_TAG } from './dwarf-constants.ts';
import { DwarfError } from './errors.ts';
import {
  ArrayType,
  type BaseEncoding,
  BaseType,
  EnumType,
  FunctionType,
  Member,
  OpaqueType,
  PointerType,
  QualifiedType,
  StructType,
  stripType,
  type Type,
  TypedefType,
  VoidType,
} from './types.ts';
import type { Unit } from './unit.ts';

const ENCODINGS = new Map<number, BaseEncoding>([
  [DW_ATE.boolean, 'boolean'],
  [DW_ATE.float, 'float'],
  [DW_ATE.signed, 'signed'],
  [DW_ATE.signedChar, 'signed-char'],
  [DW_ATE.unsigned, 'unsigned'],
  [DW_ATE.unsignedChar, 'unsigned-char'],
  [DW_ATE.address, 'unsigned'],
  [DW_ATE.utf, 'unsigned'],
]);

const VOID = new VoidType();
const BITS_PER_BYTE = 8;
/** C's int, the size of an enumeration that does not say. */
const INT_SIZE = 4;

/** A declaration leads to its definition at once in any compiler's output. */
const DEFINITION_LIMIT = 16;

/** Finds the definition of a type that one unit only declares. */
export type DefinitionFinder = (tag: number, name: string) => Die | undefined;

/** Makes types of debugging information entries; each entry becomes one object, made when first asked for. */
export class TypeReader {
  readonly #types = new Map<Unit, Map<number, Type>>();
  readonly #findDefinition: DefinitionFinder;
  #depth = 0;

  constructor(findDefinition: DefinitionFinder) {
    this.#findDefinition = findDefinition;
  }

  /** The type an entry has (DW_AT_type); void when it has none. */
  typeOf(die: Die): Type {
    const reference = die.reference(DW_AT.type);
    return reference === undefined ? VOID : this.read(reference);
  }

  /** The type an entry defines. Throws DwarfError on damage. */
  read(die: Die): Type {
    const ofUnit = this.#types.get(die.unit) ?? new Map<number, Type>();
    this.#types.set(die.unit, ofUnit);
    const known = ofUnit.get(die.offset);
    if (known !== undefined) return known;
    if (this.#depth >= DEFINITION_LIMIT) {
      throw new DwarfError('limit', `the definition of ${die.name ?? 'a type'} leads to another without end`);
    }
    this.#depth++;
    let type: Type;
    try {
      type = this.#make(die);
    } finally {
      this.#depth--;
    }
    ofUnit.set(die.offset, type);
    return type;
  }

  #make(die: Die): Type {
    const target = (): Type => this.typeOf(die);
    switch (die.tag) {
      case DW_TAG.baseType:
        return baseType(die);
      case DW_TAG.pointerType:
      case DW_TAG.referenceType:
        return new PointerType(die.number(DW_AT.byteSize) ?? ADDRESS_SIZE, target);
      case DW_TAG.typedef:
        return new TypedefType(die.name ?? '', target);
      case DW_TAG.constType:
        return new QualifiedType('const', target);
      case DW_TAG.volatileType:
        return new QualifiedType('volatile', target);
      case DW_TAG.restrictType:
        return new QualifiedType('restrict', target);
      case DW_TAG.atomicType:
        return new QualifiedType('_Atomic', target);
      case DW_TAG.structureType:
      case DW_TAG.classType:
      case DW_TAG.unionType:
        return this.#structType(die);
      case DW_TAG.arrayType:
        return this.#arrayType(die);
      case DW_TAG.enumerationType:
        return this.#enumType(die);
      case DW_TAG.subroutineType:
      case DW_TAG.subprogram:
        return this.#functionType(die);
      case DW_TAG.unspecifiedType:
        return VOID;
      default:
        return new OpaqueType(die.name, die.number(DW_AT.byteSize) ?? 0);
    }
  }

  #structType(die: Die): Type {
    const isDeclaration = die.flag(DW_AT.declaration);
    const definition = this.#definitionOf(die);
    if (definition !== undefined) return this.read(definition);
    const kind = die.tag === DW_TAG.unionType ? 'union' : 'struct';
    const size = die.number(DW_AT.byteSize) ?? 0;
    return new StructType(kind, die.name, size, !isDeclaration, () => this.#members(die));
  }

  /**
   * The definition of a type that is not defined here: in the type unit the entry names, or for a declaration in
   * another compilation. Undefined when the entry is the definition, or when there is none.
   */
  #definitionOf(die: Die): Die | undefined {
    const signed = die.reference(DW_AT.signature);
    if (signed !== undefined && signed.offset !== die.offset) return signed;
    if (!die.flag(DW_AT.declaration) || die.name === undefined) return undefined;
    return this.#findDefinition(die.tag, die.name);
  }

  #members(struct: Die): Member[] {
    const members: Member[] = [];
    for (const die of struct.unit.children(struct)) {
      if (die.tag === DW_TAG.member) members.push(this.#member(die));
    }
    return members;
  }

  #member(die: Die): Member {
    const offset = die.number(DW_AT.dataMemberLocation) ?? 0;
    const type = (): Type => this.typeOf(die);
    const bitSize = die.number(DW_AT.bitSize);
    if (bitSize === undefined) return new Member(die.name, offset, type);
    const bit =
      offset * BITS_PER_BYTE + (die.number(DW_AT.dataBitOffset) ?? this.#oldBitOffset(die, bitSize));
    const byte = Math.floor(bit / BITS_PER_BYTE);
    return new Member(die.name, byte, type, { offset: bit - byte * BITS_PER_BYTE, size: bitSize });
  }

  /** DWARF 2 to 4: DW_AT_bit_offset counts from the most significant bit of the storage unit (DWARF 3, 5.6.6). */
  #oldBitOffset(die: Die, bitSize: number): number {
    const fromTop = die.number(DW_AT.bitOffset);
    if (fromTop === undefined) return 0;
    const storage = die.number(DW_AT.byteSize) ?? stripType(this.typeOf(die)).size;
    return storage * BITS_PER_BYTE - fromTop - bitSize;
  }

  #arrayType(die: Die): Type {
    const counts: (number | undefined)[] = [];
    for (const child of die.unit.children(die)) {
      if (child.tag === DW_TAG.subrangeType) counts.push(elementCount(child));
    }
    let element = (): Type => this.typeOf(die);
    for (const count of counts.slice(1).reverse()) {
      const inner = new ArrayType(count, element);
      element = () => inner;
    }
    return new ArrayType(counts[0], element);
  }

  #enumType(die: Die): Type {
    const definition = this.#definitionOf(die);
    if (definition !== undefined) return this.read(definition);
    const size = die.number(DW_AT.byteSize) ?? INT_SIZE;
    const encoding = ENCODINGS.get(die.number(DW_AT.encoding) ?? this.#underlyingEncoding(die));
    const isSigned = encoding === 'signed' || encoding === 'signed-char';
    return new EnumType(die.name, size, isSigned, () => enumerators(die, size, isSigned));
  }

  #underlyingEncoding(die: Die): number {
    return die.reference(DW_AT.type)?.number(DW_AT.encoding) ?? DW_ATE.unsigned;
  }

  #functionType(die: Die): Type {
    let variadic = false;
    for (const child of die.unit.children(die)) {
      if (child.tag === DW_TAG.unspecifiedParameters) variadic = true;
    }
    const parameters = (): Type[] => {
      const types: Type[] = [];
      for (const child of die.unit.children(die)) {
        if (child.tag === DW_TAG.formalParameter) types.push(this.typeOf(child));
      }
      return types;
    };
    return new FunctionType(() => this.typeOf(die), parameters, variadic, die.flag(DW_AT.prototyped));
  }
}

function baseType(die: Die): Type {
  const encoding = ENCODINGS.get(die.number(DW_AT.encoding) ?? 0) ?? 'other';
  return new BaseType(die.name ?? '', die.number(DW_AT.byteSize) ?? 0, encoding);
}

/** DW_AT_count, or DW_AT_upper_bound + 1 (C counts from 0); undefined for `x[]` and for variable lengths. */
function elementCount(subrange: Die): number | undefined {
  const count = subrange.number(DW_AT.count);
  if (count !== undefined) return count;
  const upper = subrange.constant(DW_AT.upperBound);
  if (upper === undefined) return undefined;
  // `x[0]` has an upper bound of -1, in whatever width.
  const isMinusOne = upper === 0xffff_ffff_ffff_ffffn || upper === 0xffff_ffffn;
  const elements = isMinusOne ? 0 : Number(upper) + 1;
  return elements >= 0 && Number.isSafeInteger(elements) ? elements : undefined;
}

function enumerators(die: Die, size: number, isSigned: boolean): Map<string, number> {
  const values = new Map<string, number>();
  const bits = size * BITS_PER_BYTE;
  for (const child of die.unit.children(die)) {
    const value = child.tag === DW_TAG.enumerator ? child.constant(DW_AT.constValue) : undefined;
    if (value === undefined || child.name === undefined) continue;
    values.set(child.name, Number(isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)));
  }
  return values;
}
