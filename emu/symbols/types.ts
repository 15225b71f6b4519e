import { DwarfError } from './errors.ts';

/** How the bits of a base type are read (DW_AT_encoding). */
export type BaseEncoding =
  | 'signed'
  | 'unsigned'
  | 'signed-char'
  | 'unsigned-char'
  | 'boolean'
  | 'float'
  | 'other';

/** A type of the guest's C program. Types refer to each other lazily, so that reading one costs little. */
export type Type =
  | VoidType
  | BaseType
  | PointerType
  | StructType
  | TypedefType
  | QualifiedType
  | ArrayType
  | EnumType
  | FunctionType
  | OpaqueType;

/** A typedef of a typedef of … ends after fewer steps than this in any program. */
const CHAIN_LIMIT = 64;

/** No type: what `void *` points to, what a procedure returns. */
export class VoidType {
  readonly kind = 'void';
  readonly name = 'void';
  readonly size = 0;
}

/** int, char, _Bool, double … */
export class BaseType {
  readonly kind = 'base';
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly encoding: BaseEncoding;

  constructor(name: string, size: number, encoding: BaseEncoding) {
    this.name = name;
    this.size = size;
    this.encoding = encoding;
  }

  get isSigned(): boolean {
    return this.encoding === 'signed' || this.encoding === 'signed-char';
  }

  /** Whether values are letters. */
  get isCharacter(): boolean {
    return this.encoding === 'signed-char' || this.encoding === 'unsigned-char';
  }
}

export class PointerType {
  readonly kind = 'pointer';
  readonly name = undefined;
  readonly size: number;
  readonly #target: Lazy<Type>;

  constructor(size: number, target: () => Type) {
    this.size = size;
    this.#target = new Lazy(target);
  }

  get target(): Type {
    return this.#target.value;
  }
}

export class TypedefType {
  readonly kind = 'typedef';
  readonly name: string;
  readonly #target: Lazy<Type>;

  constructor(name: string, target: () => Type) {
    this.name = name;
    this.#target = new Lazy(target);
  }

  get target(): Type {
    return this.#target.value;
  }

  get size(): number {
    return sizeOf(this);
  }
}

export type Qualifier = 'const' | 'volatile' | 'restrict' | '_Atomic';

export class QualifiedType {
  readonly kind = 'qualified';
  readonly name = undefined;
  readonly qualifier: Qualifier;
  readonly #target: Lazy<Type>;

  constructor(qualifier: Qualifier, target: () => Type) {
    this.qualifier = qualifier;
    this.#target = new Lazy(target);
  }

  get target(): Type {
    return this.#target.value;
  }

  get size(): number {
    return sizeOf(this);
  }
}

/** One dimension of an array; `int a[2][3]` is an array of 2 arrays of 3. */
export class ArrayType {
  readonly kind = 'array';
  readonly name = undefined;
  /** Elements; undefined for `x[]`. */
  readonly count: number | undefined;
  readonly #element: Lazy<Type>;

  constructor(count: number | undefined, element: () => Type) {
    this.count = count;
    this.#element = new Lazy(element);
  }

  get element(): Type {
    return this.#element.value;
  }

  get size(): number {
    return sizeOf(this);
  }
}

export class EnumType {
  readonly kind = 'enum';
  readonly name: string | undefined;
  readonly size: number;
  readonly isSigned: boolean;
  readonly #enumerators: Lazy<ReadonlyMap<string, number>>;

  constructor(
    name: string | undefined,
    size: number,
    isSigned: boolean,
    enumerators: () => ReadonlyMap<string, number>,
  ) {
    this.name = name;
    this.size = size;
    this.isSigned = isSigned;
    this.#enumerators = new Lazy(enumerators);
  }

  /** Values by name, in the order of declaration. */
  get enumerators(): ReadonlyMap<string, number> {
    return this.#enumerators.value;
  }

  /** The first enumerator with a value. */
  nameOf(value: number): string | undefined {
    for (const [name, candidate] of this.enumerators) if (candidate === value) return name;
    return undefined;
  }
}

export class FunctionType {
  readonly kind = 'function';
  readonly name = undefined;
  readonly size = 1;
  readonly variadic: boolean;
  /** False for the old `int f()`, which says nothing about its parameters. */
  readonly prototyped: boolean;
  readonly #returns: Lazy<Type>;
  readonly #parameters: Lazy<readonly Type[]>;

  constructor(
    returns: () => Type,
    parameters: () => readonly Type[],
    variadic: boolean,
    prototyped: boolean,
  ) {
    this.#returns = new Lazy(returns);
    this.#parameters = new Lazy(parameters);
    this.variadic = variadic;
    this.prototyped = prototyped;
  }

  get returns(): Type {
    return this.#returns.value;
  }

  get parameters(): readonly Type[] {
    return this.#parameters.value;
  }
}

/** A kind of type C does not have (of another language, or in a file puffer does not see). */
export class OpaqueType {
  readonly kind = 'opaque';
  readonly name: string | undefined;
  readonly size: number;

  constructor(name: string | undefined, size: number) {
    this.name = name;
    this.size = size;
  }
}

/** A member as declared; `name` is undefined for an anonymous struct or union. */
export class Member {
  readonly name: string | undefined;
  /** Bytes from the start of the structure; for a bit-field, of the byte that holds its lowest bit. */
  readonly offset: number;
  /** Lowest bit of a bit-field inside that byte, 0 to 7. */
  readonly bitOffset: number | undefined;
  /** Bits of a bit-field. */
  readonly bitSize: number | undefined;
  readonly #type: Lazy<Type>;

  constructor(
    name: string | undefined,
    offset: number,
    type: () => Type,
    bits?: { readonly offset: number; readonly size: number },
  ) {
    this.name = name;
    this.offset = offset;
    this.bitOffset = bits?.offset;
    this.bitSize = bits?.size;
    this.#type = new Lazy(type);
  }

  get type(): Type {
    return this.#type.value;
  }
}

/** Where a member path leads: everything that is needed to read or write it. */
export interface MemberPlace {
  /** Bytes from the start of the outermost structure. */
  readonly offset: number;
  readonly type: Type;
  readonly bitOffset?: number;
  readonly bitSize?: number;
}

/** A struct or a union. */
export class StructType {
  readonly kind: 'struct' | 'union';
  /** The tag; undefined for an anonymous one. */
  readonly name: string | undefined;
  /** Bytes; 0 when only declared. */
  readonly size: number;
  /** False when the program only declares it (`struct x;`). */
  readonly isComplete: boolean;
  readonly #members: Lazy<readonly Member[]>;
  readonly #places = new Map<string, MemberPlace | undefined>();

  constructor(
    kind: 'struct' | 'union',
    name: string | undefined,
    size: number,
    isComplete: boolean,
    members: () => readonly Member[],
  ) {
    this.kind = kind;
    this.name = name;
    this.size = size;
    this.isComplete = isComplete;
    this.#members = new Lazy(members);
  }

  /** The members in the order of declaration. */
  get members(): readonly Member[] {
    return this.#members.value;
  }

  /**
   * The place of a member: `member('p_md.md_regs')`, `member('ps_comm[3]')`. Members of anonymous structs and unions
   * are found by their own names, as in C. A path does not follow pointers. Undefined when there is no such member.
   */
  member(path: string): MemberPlace | undefined {
    if (!this.#places.has(path)) this.#places.set(path, placeOf(this, path));
    return this.#places.get(path);
  }
}

/** A value computed once, when first asked for. */
class Lazy<T> {
  #compute: (() => T) | undefined;
  #value: T | undefined;

  constructor(compute: () => T) {
    this.#compute = compute;
  }

  get value(): T {
    if (this.#compute !== undefined) {
      this.#value = this.#compute();
      this.#compute = undefined;
    }
    return this.#value as T;
  }
}

/** The type behind typedefs and qualifiers. Throws DwarfError "limit" when it never ends. */
export function stripType(type: Type): Exclude<Type, TypedefType | QualifiedType> {
  let stripped = type;
  for (let steps = 0; steps < CHAIN_LIMIT; steps++) {
    if (stripped.kind !== 'typedef' && stripped.kind !== 'qualified') return stripped;
    stripped = stripped.target;
  }
  throw new DwarfError('limit', `the type ${type.name ?? 'without a name'} refers to itself`);
}

/** The size of a type in bytes; `x[]` has none. Throws DwarfError "limit" when the type contains itself. */
export function sizeOf(type: Type): number {
  let count = 1;
  let inner = stripType(type);
  for (let depth = 0; depth < CHAIN_LIMIT; depth++) {
    if (inner.kind !== 'array') return count * inner.size;
    count *= inner.count ?? 0;
    inner = stripType(inner.element);
  }
  throw new DwarfError('limit', 'an array type contains itself');
}

const PATH_STEP = /^(?:\.?([A-Za-z_$][\w$]*)|\[(\d+)\])/;

function placeOf(struct: StructType, path: string): MemberPlace | undefined {
  let place: MemberPlace = { offset: 0, type: struct };
  let rest = path;
  while (rest !== '') {
    const [step, name, index] = PATH_STEP.exec(rest) ?? [];
    if (step === undefined || (step.startsWith('.') && rest === path)) return undefined;
    const type = stripType(place.type);
    let next: MemberPlace | undefined;
    if (name !== undefined && (type.kind === 'struct' || type.kind === 'union'))
      next = findMember(type, name, new Set());
    if (index !== undefined && type.kind === 'array') next = elementPlace(type, Number(index));
    if (next === undefined) return undefined;
    place = { ...next, offset: place.offset + next.offset };
    rest = rest.slice(step.length);
  }
  return path === '' ? undefined : place;
}

function elementPlace(array: ArrayType, index: number): MemberPlace | undefined {
  // `x[]` at the end of a structure has as many elements as whoever allocated it says.
  if (array.count !== undefined && index >= array.count) return undefined;
  return { offset: index * sizeOf(array.element), type: array.element };
}

/** `visited` keeps damaged types, which may contain themselves, from being searched again and again. */
function findMember(struct: StructType, name: string, visited: Set<StructType>): MemberPlace | undefined {
  visited.add(struct);
  for (const member of struct.members) {
    if (member.name === name) {
      const { offset, type, bitOffset, bitSize } = member;
      return bitOffset === undefined || bitSize === undefined
        ? { offset, type }
        : { offset, type, bitOffset, bitSize };
    }
    if (member.name !== undefined) continue;
    const inner = stripType(member.type);
    if ((inner.kind !== 'struct' && inner.kind !== 'union') || visited.has(inner)) continue;
    const found = findMember(inner, name, visited);
    if (found !== undefined) return { ...found, offset: member.offset + found.offset };
  }
  return undefined;
}
