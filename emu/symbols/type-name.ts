import { DwarfError } from './errors.ts';
import { ArrayType, type FunctionType, QualifiedType, type Qualifier, type Type } from './types.ts';

/** How programmers write the base types whose names compilers spell out. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['long int', 'long'],
  ['long unsigned int', 'unsigned long'],
  ['short int', 'short'],
  ['short unsigned int', 'unsigned short'],
  ['long long int', 'long long'],
  ['long long unsigned int', 'unsigned long long'],
]);
const LONG_NAMES: ReadonlyMap<string, string> = new Map(
  [...SHORT_NAMES].map(([long, short]) => [short, long]),
);

/** The name compilers give a base type in DWARF: `long unsigned int` for `unsigned long`. */
export function compilersName(name: string): string {
  return name === 'unsigned' ? 'unsigned int' : (LONG_NAMES.get(name) ?? name);
}

/** A written type has fewer parts than this in any program. */
const PART_LIMIT = 1000;

/** Counts the parts written so far, so that a damaged type, which may contain itself, ends. */
interface Budget {
  left: number;
}

/**
 * A type in C's words: `struct proc *`, `char [24]`, `int (*)(void *)`.
 * With a `declarator`, the declaration of that name: `char ps_comm[24]`.
 */
export function formatType(type: Type, declarator = ''): string {
  return declare(type, declarator, { left: PART_LIMIT });
}

function declare(type: Type, inner: string, budget: Budget): string {
  if (budget.left-- <= 0) throw new DwarfError('limit', 'a type is nested without end');
  switch (type.kind) {
    case 'pointer':
      return declare(type.target, `*${inner}`, budget);
    case 'array':
      return declare(type.element, `${grouped(inner)}[${type.count ?? ''}]`, budget);
    case 'function':
      return declare(type.returns, `${grouped(inner)}(${parameterList(type, budget)})`, budget);
    case 'qualified': {
      const { found, target } = qualification(type);
      // C has no qualified arrays: their elements are qualified.
      if (target.kind === 'array') return declare(qualifiedElements(target, found), inner, budget);
      const qualifiers = QUALIFIER_ORDER.filter((one) => found.has(one)).join(' ');
      // `const char` qualifies what is written before it, a const pointer what is written after its star.
      if (target.kind === 'pointer') return declare(target, ` ${qualifiers}${spaced(inner)}`, budget);
      return `${qualifiers} ${declare(target, inner, budget)}`;
    }
    case 'struct':
    case 'union':
    case 'enum':
      return `${type.kind} ${type.name ?? '{...}'}${spaced(inner)}`;
    case 'base':
      return `${SHORT_NAMES.get(type.name) ?? type.name}${spaced(inner)}`;
    default:
      return `${type.name ?? '?'}${spaced(inner)}`;
  }
}

const QUALIFIER_ORDER: readonly Qualifier[] = ['const', 'volatile', 'restrict', '_Atomic'];

/** A type is qualified less often than this; what is qualified more leads in a circle. */
const QUALIFIER_LIMIT = 64;

/** All qualifiers of a type, and what they qualify. */
function qualification(type: QualifiedType): { found: ReadonlySet<Qualifier>; target: Type } {
  const found = new Set<Qualifier>();
  let target: Type = type;
  for (let step = 0; step < QUALIFIER_LIMIT && target.kind === 'qualified'; step++) {
    found.add(target.qualifier);
    target = target.target;
  }
  return { found, target };
}

function qualifiedElements(array: ArrayType, qualifiers: ReadonlySet<Qualifier>): ArrayType {
  let element = array.element;
  for (const qualifier of qualifiers) {
    const target = element;
    element = new QualifiedType(qualifier, () => target);
  }
  return new ArrayType(array.count, () => element);
}

/** A declarator that begins with a star binds weaker than `[]` and `()`. */
function grouped(inner: string): string {
  return inner.startsWith('*') ? `(${inner})` : inner;
}

function spaced(inner: string): string {
  return inner === '' || inner.startsWith(' ') ? inner : ` ${inner}`;
}

function parameterList(type: FunctionType, budget: Budget): string {
  const names = type.parameters.map((parameter) => declare(parameter, '', budget));
  if (type.variadic) names.push('...');
  if (names.length === 0) return type.prototyped ? 'void' : '';
  return names.join(', ');
}
