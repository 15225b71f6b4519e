import type { View } from '../../kernel/index.ts';
import { stripType } from '../../symbols/index.ts';

/** A member of a structure: a number where one can hold it, a pointer as a bigint, characters as text, a structure as its fields. */
export type FieldContent =
  | number
  | bigint
  | string
  | boolean
  | StructFields
  | readonly FieldContent[]
  | undefined;

/** The members of a structure by name, read from the guest when they are asked for. */
export interface StructFields {
  readonly [member: string]: FieldContent;
}

/** A structure by its members: `fieldsOf(view).ps_flags`. A member that it does not have throws KernelError 'no-member'. */
export function fieldsOf(view: View): StructFields {
  return new Proxy<StructFields>(
    {},
    {
      get: (_, member) => (typeof member === 'string' ? content(view, member) : undefined),
      has: (_, member) => typeof member === 'string' && view.members().includes(member),
      ownKeys: () => [...view.members()],
      getOwnPropertyDescriptor: (_, member) => ({
        configurable: true,
        enumerable: true,
        value: typeof member === 'string' ? content(view, member) : undefined,
      }),
    },
  );
}

function content(view: View, member: string): FieldContent {
  const place = view.member(member);
  const type = stripType(place.type);
  switch (type.kind) {
    case 'struct':
    case 'union':
      return fieldsOf(place);
    case 'pointer':
      return view.pointer(member);
    case 'array': {
      const value = view.get(member);
      if (typeof value === 'string') return value;
      return Array.from({ length: type.count ?? 0 }, (_, index) => content(view, `${member}[${index}]`));
    }
    default: {
      const value = view.integer(member);
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
  }
}
