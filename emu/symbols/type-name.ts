import { DwarfError } from './errors.ts';
import type { FunctionType, Type } from './types.ts';

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
    case 'qualified':
      // `const char` qualifies what is written before it, a const pointer what is written after its star.
      if (isDerived(type.target)) return declare(type.target, ` ${type.qualifier}${spaced(inner)}`, budget);
      return `${type.qualifier} ${declare(type.target, inner, budget)}`;
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

function isDerived(type: Type): boolean {
  const bare = type.kind === 'qualified' ? type.target : type;
  return bare.kind === 'pointer';
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
