import { DwarfError } from './errors.ts';
import type { FunctionType, Type } from './types.ts';

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
