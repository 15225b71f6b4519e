import type { FlatCase } from './qemu-flat.ts';

/** One line of a flat image's transcript: fields in order; `pte` and its like may come more than once. */
export type FlatRecord = readonly (readonly [key: string, value: string])[];

const SELECTOR_FAULTS: ReadonlySet<string> = new Set(['a', 'b', 'c', 'd']);
const PAGE_FAULT = 'e';
const ACCESSED = 0x20n;
const DIRTY = 0x40n;
const ARITHMETIC_FLAGS = 0x8d5n;
/** Cases whose fault comes from the delivery of another; with the two selectors left out the handler runs, in ring 3, and faults itself. */
const DELIVERY_FAULT =
  /^gate (?!.*(ring 3|conforming) selector by exception ring 3).* by exception|^double (?!breakpoint)/;
const LAR_LIMIT = 0xf_0000n;
const ENTRIES: ReadonlySet<string> = new Set(['pte', 'pde', 'pdpte']);

export function parseRecord(line: string): FlatRecord {
  return line.split(' ').map((field) => {
    const at = field.indexOf('=');
    return [field.slice(0, at), field.slice(at + 1)] as const;
  });
}

export function formatRecord(record: FlatRecord): string {
  return record.map(([key, value]) => `${key}=${value}`).join(' ');
}

/**
 * What the manuals say where QEMU 7.2's own processor says something else. Both transcripts go through it, so that a rule can also
 * leave out what the manuals do not define.
 */
export function withoutQemuDeviations(test: FlatCase, record: FlatRecord, fromQemu: boolean): FlatRecord {
  const vector = record.find(([key]) => key === 'v')?.[1] ?? '';
  let adjusted = record;
  if (vector === PAGE_FAULT) adjusted = adjustPageFault(test, adjusted, fromQemu);
  if (SELECTOR_FAULTS.has(vector) && fromQemu) adjusted = adjustSelectorFault(test, vector, adjusted);
  // QEMU loses the arithmetic flags at SYSCALL; RFLAGS there is ANDed with NOT SFMASK (APM vol. 3, SYSCALL).
  if (test.name.startsWith('syscall'))
    adjusted = change(adjusted, 'fl', (flags) => flags & ~ARITHMETIC_FLAGS);
  // QEMU blanks the limit's upper bits in what LAR shows; an EPYC shows them.
  if (test.name.startsWith('questions')) adjusted = change(adjusted, 'a', (rights) => rights & ~LAR_LIMIT);
  return fromQemu && test.instead !== undefined ? replace(adjusted, test.instead) : adjusted;
}

function adjustPageFault(test: FlatCase, record: FlatRecord, fromQemu: boolean): FlatRecord {
  let adjusted = record;
  if (fromQemu) {
    // A reserved bit counts only in an entry that is present: RSVD without P cannot be (APM vol. 2, section 8.4.2).
    adjusted = change(adjusted, 'e', (error) => ((error & 8n) !== 0n ? error | 1n : error));
  }
  if (/^(crossing )?(modify|exchange|compare) /.test(test.name)) {
    // Read-modify-writes ask for permission to write first: their faults are writes (so on an EPYC), and
    // the A and D bits of what was reached before may differ.
    if (fromQemu) adjusted = change(adjusted, 'e', (error) => error | 2n);
    adjusted = adjusted.map((field) => (ENTRIES.has(field[0]) ? clear(field, ACCESSED | DIRTY) : field));
  }
  // QEMU sets A in an entry of the third level before it has looked whether that is a page it may not use.
  if (test.name.startsWith('1G ')) {
    adjusted = adjusted.map((field) => (field[0] === 'pdpte' ? clear(field, ACCESSED) : field));
  }
  return adjusted;
}

function adjustSelectorFault(test: FlatCase, vector: string, record: FlatRecord): FlatRecord {
  return change(record, 'e', (error) => {
    let right = error;
    // In long mode QEMU multiplies the vector in an IDT error code by 16; the code has the same format in every mode: an index from bit 3.
    if ((vector === 'b' || vector === 'd') && (error & 2n) !== 0n) right = ((error >> 4n) << 3n) | 2n;
    // QEMU never sets EXT; an exception's own delivery is an external event (APM vol. 2, section 8.4.1).
    return DELIVERY_FAULT.test(test.name) ? right | 1n : right;
  });
}

function change(record: FlatRecord, key: string, by: (value: bigint) => bigint): FlatRecord {
  return record.map((field) => (field[0] === key ? [key, by(BigInt(`0x${field[1]}`)).toString(16)] : field));
}

function clear([key, value]: readonly [string, string], bits: bigint): readonly [string, string] {
  return [key, (BigInt(`0x${value}`) & ~bits).toString(16)];
}

function replace(record: FlatRecord, instead: string): FlatRecord {
  const fields = new Map(parseRecord(instead));
  return record.map(([key, value]) => [key, fields.get(key) ?? value]);
}
