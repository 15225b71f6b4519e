import type { View } from '../../kernel/index.ts';
import { fieldsOf, type StructFields } from './struct-fields.ts';

/**
 * A structure's view that also has the structure's members by their names in C: `process.ps_comm` is text, `process.ps_flags` a number,
 * `process.ps_pptr` a bigint. Where a member has the name of a method (`type`, `address`), the method is meant: `get('type')` reads the member.
 */
export type NamedView = View & StructFields;

const C_IDENTIFIER = /^[A-Za-z_]\w*$/;
/** What the language and test frameworks ask any object for; no structure of a kernel has these. */
const ASKED_OF_ALL: ReadonlySet<string> = new Set([
  'then',
  'toJSON',
  'asymmetricMatch',
  'nodeType',
  'tagName',
  'hasAttribute',
]);

/** A view with its members by name. One that the structure does not have throws KernelError 'no-member'. */
export function namedView(view: View): NamedView {
  const fields = fieldsOf(view);
  return new Proxy(view, {
    get: (target, name) => {
      if (name in target) {
        const own: unknown = Reflect.get(target, name, target);
        return typeof own === 'function' && name !== 'constructor' ? own.bind(target) : own;
      }
      if (typeof name !== 'string' || !C_IDENTIFIER.test(name) || ASKED_OF_ALL.has(name)) return undefined;
      return fields[name];
    },
    has: (target, name) => name in target || name in fields,
    getOwnPropertyDescriptor: (target, name) =>
      Reflect.getOwnPropertyDescriptor(target, name) ??
      (name in fields ? Reflect.getOwnPropertyDescriptor(fields, name) : undefined),
  }) as NamedView;
}
