import { type StructType, stripType, type Type } from '../../symbols/index.ts';
import { type CValue, Evaluator, type ExpressionContext, integerOf } from '../expressions/index.ts';
import { DebugError } from './errors.ts';

/** The heads and links of queue(3): the head's pointer to the first element, the link's to the next, the link's pointer back. */
const KINDS = [
  { first: 'lh_first', next: 'le_next', back: 'le_prev' },
  { first: 'tqh_first', next: 'tqe_next', back: 'tqe_prev' },
  { first: 'slh_first', next: 'sle_next', back: undefined },
  { first: 'sqh_first', next: 'sqe_next', back: undefined },
] as const;

const LENGTH_LIMIT = 10_000;

/** A list of queue(3), walked. */
export interface Queue {
  readonly element: Type;
  /** The member that links the elements: `ps_list`. */
  readonly link: string;
  readonly elements: readonly CValue[];
  /** The list runs in a circle, or on and on, or into unmapped memory. */
  readonly damage: string | undefined;
}

/** Walks the list whose head a value is; undefined when it is no head of a list. */
export function queueOf(head: CValue, context: ExpressionContext): Queue | undefined {
  const type = stripType(head.type);
  if (type.kind !== 'struct') return undefined;
  const kind = KINDS.find(({ first }) => type.member(first) !== undefined);
  const firstMember = kind && type.member(kind.first);
  const pointer = firstMember && stripType(firstMember.type);
  if (kind === undefined || firstMember === undefined || pointer?.kind !== 'pointer') return undefined;
  const element = stripType(pointer.target);
  if (element.kind !== 'struct' || head.address === undefined) return undefined;
  const evaluator = new Evaluator(context);
  const first = integerOf(evaluator.object(firstMember.type, head.address + BigInt(firstMember.offset)));
  const place = head.address + BigInt(firstMember.offset);
  const links = linksOf(element, kind.next);
  const link =
    links.find(
      (name) =>
        kind.back !== undefined && pointsBack(evaluator, element, first, `${name}.${kind.back}`, place),
    ) ?? (links.length === 1 || first === 0n ? links[0] : undefined);
  if (link === undefined) {
    if (links.length === 0) return undefined;
    throw new DebugError(
      'not-found',
      `none of the links ${links.join(', ')} of the first element points back to the list's head`,
    );
  }
  return {
    element: pointer.target,
    link,
    ...follow(evaluator, element, pointer.target, first, `${link}.${kind.next}`),
  };
}

/** The members of a structure that link it into lists of a kind. */
function linksOf(element: StructType, next: string): string[] {
  return element.members.flatMap(({ name, type }) => {
    const bare = stripType(type);
    return name !== undefined && bare.kind === 'struct' && bare.member(next) !== undefined ? [name] : [];
  });
}

/** Whether the first element's link is the one whose pointer back leads to the head: an element may be on several lists. */
function pointsBack(
  evaluator: Evaluator,
  element: StructType,
  first: bigint,
  path: string,
  place: bigint,
): boolean {
  const member = element.member(path);
  if (first === 0n || member === undefined) return false;
  return integerOf(evaluator.object(member.type, first + BigInt(member.offset))) === place;
}

function follow(
  evaluator: Evaluator,
  element: StructType,
  type: Type,
  first: bigint,
  path: string,
): Pick<Queue, 'elements' | 'damage'> {
  const next = element.member(path);
  const elements: CValue[] = [];
  const seen = new Set<bigint>();
  for (let address = first; address !== 0n; ) {
    if (seen.has(address)) return { elements, damage: `comes back to 0x${address.toString(16)}` };
    if (elements.length >= LENGTH_LIMIT)
      return { elements, damage: `does not end after ${LENGTH_LIMIT} elements` };
    seen.add(address);
    const value = evaluator.object(type, address);
    elements.push(value);
    if (next === undefined) break;
    try {
      address = integerOf(evaluator.object(next.type, address + BigInt(next.offset)));
    } catch {
      return { elements, damage: `leads to unmapped memory after 0x${address.toString(16)}` };
    }
  }
  return { elements, damage: undefined };
}
