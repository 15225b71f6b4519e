import { stripType } from '../symbols/index.ts';
import { KernelError } from './errors.ts';
import { hex } from './hexadecimal.ts';
import type { StructViews, View } from './view.ts';

/** Longer lists are taken for damage. */
const LENGTH_LIMIT = 100_000;

/**
 * The elements of a list of queue(3), first to last. `head` is a LIST_HEAD, SLIST_HEAD, SIMPLEQ_HEAD or TAILQ_HEAD, `field` the
 * elements' link (`p_list`). Throws KernelError 'bad-list' when the list runs in a circle.
 */
export function* listElements(
  head: View,
  elements: StructViews,
  field: string,
): Generator<View, void, undefined> {
  const { first, next } = linkNames(head);
  const seen = new Set<bigint>();
  let address = head.pointer(first);
  while (address !== 0n) {
    if (seen.has(address) || seen.size >= LENGTH_LIMIT) {
      throw new KernelError(
        'bad-list',
        `the list at ${hex(head.address)} comes back to ${hex(address)} after ${seen.size} elements, or does not end`,
      );
    }
    seen.add(address);
    const element = elements.at(address);
    // Read on before the caller looks: it may take its time, but the guest does not move meanwhile.
    address = element.pointer(`${field}.${next}`);
    yield element;
  }
}

/** The names of queue(3) for the first element and the link to the next, by the kind of head. */
const LINKS = [
  { first: 'lh_first', next: 'le_next' },
  { first: 'tqh_first', next: 'tqe_next' },
  { first: 'slh_first', next: 'sle_next' },
  { first: 'sqh_first', next: 'sqe_next' },
] as const;

function linkNames(head: View): (typeof LINKS)[number] {
  const type = stripType(head.type);
  if (type.kind === 'struct') {
    for (const names of LINKS) if (type.member(names.first) !== undefined) return names;
  }
  throw new KernelError('wrong-kind', `what lies at ${hex(head.address)} is no head of a list`);
}
