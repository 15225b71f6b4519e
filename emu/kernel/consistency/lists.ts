import { hex } from '../hexadecimal.ts';
import type { Findings } from './findings.ts';
import type { Structures } from './structures.ts';

/** Longer lists are taken for damage. */
const LENGTH_LIMIT = 100_000;
/** LIST_ENTRY, TAILQ_ENTRY and TAILQ_HEAD: the second pointer. */
const SECOND = 8n;
/** LIST_HEAD. */
const HEAD_SIZE = 8;

/** What a walk needs to know of a list of queue(3). */
export interface ListPlace {
  /** For reports: `allproc`. */
  readonly name: string;
  /** Where the head is. */
  readonly head: bigint;
  /** The link's offset in an element, bytes. */
  readonly link: number;
}

/** The elements of a LIST, first to last; each one's link back is looked at. */
export function listMembers(structures: Structures, list: ListPlace, findings: Findings): bigint[] {
  return walk(structures, list, findings).members;
}

/** The elements of a TAILQ, first to last; links back and the head's pointer to the end are looked at. */
export function tailqMembers(structures: Structures, list: ListPlace, findings: Findings): bigint[] {
  const { members, last } = walk(structures, list, findings);
  const end = structures.word(list.head + SECOND);
  if (end !== last) {
    findings.add(
      `list ${list.name}`,
      `the tail of ${list.name} is ${hex(end)}, not ${hex(last)}, the link of its last of ${members.length} elements`,
    );
  }
  return members;
}

/** The chains of a hash table of LISTs that have members. */
export function chains(
  structures: Structures,
  table: bigint,
  mask: bigint,
): { readonly index: number; readonly head: bigint }[] {
  return structures
    .occupiedAt(table, Number(mask) + 1)
    .map((index) => ({ index, head: table + BigInt(index * HEAD_SIZE) }));
}

function walk(
  structures: Structures,
  { name, head, link }: ListPlace,
  findings: Findings,
): { readonly members: bigint[]; readonly last: bigint } {
  const members: bigint[] = [];
  const seen = new Set<bigint>();
  let pointer = head;
  for (let element = structures.word(head); element !== 0n; element = structures.word(pointer)) {
    if (seen.has(element) || members.length >= LENGTH_LIMIT) {
      findings.add(`list ${name}`, `${name} comes back to ${hex(element)} after ${members.length} elements`);
      break;
    }
    const back = structures.word(element + BigInt(link) + SECOND);
    if (back !== pointer) {
      findings.add(
        `list ${name}`,
        `in ${name} the element at ${hex(element)} points back to ${hex(back)}, and ${hex(pointer)} points to it`,
      );
    }
    seen.add(element);
    members.push(element);
    pointer = element + BigInt(link);
  }
  return { members, last: pointer };
}
