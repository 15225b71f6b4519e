import { type EnumType, type StructType, sizeOf, stripType, type Type } from '../../emu/symbols/index.ts';
import { run } from './programs.ts';

/** A debugging information entry as readelf prints it. */
interface Entry {
  readonly tag: string;
  /** 1 for what stands outside of functions. */
  readonly level: number;
  readonly attributes: Map<string, string>;
  readonly children: Entry[];
}

const START = /^ <([0-9a-f]+)><([0-9a-f]+)>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)$/;
const ATTRIBUTE = /^ +<[0-9a-f]+> +DW_AT_(\w+) *: (?:\([^)]*\) )?(.*)$/;
const STRING_PLACE = /^\(?(?:indirect (?:line )?string, )?\(?offset: 0x[0-9a-f]+\)?: /;
const POINTER_SIZE = 8;
/** Types that stand for another one, of which they have the size. */
const NAMES_FOR = ['typedef', 'const_type', 'volatile_type', 'restrict_type', 'atomic_type'];

/** What readelf says of the types of a file; sizes and offsets in bits. */
export class ReadelfTypes {
  readonly #entries = new Map<string, Entry>();

  constructor(path: string) {
    const open: Entry[] = [];
    for (const line of run('readelf', '--debug-dump=info', '-W', path).split('\n')) {
      const start = START.exec(line);
      if (start) {
        const [, depth = '0', offset = '', tag = ''] = start;
        const level = Number.parseInt(depth, 16);
        const entry: Entry = { tag, level, attributes: new Map(), children: [] };
        open.length = level;
        open[level - 1]?.children.push(entry);
        open[level] = entry;
        this.#entries.set(offset, entry);
        continue;
      }
      const [, name, value = ''] = ATTRIBUTE.exec(line) ?? [];
      if (name !== undefined) open.at(-1)?.attributes.set(name, value.replace(STRING_PLACE, '').trim());
    }
  }

  /** The layouts of each tag of a struct or union that is defined outside of functions: one of each source file that defines it. */
  structs(): Map<string, string[]> {
    return this.#byName(['structure_type', 'union_type'], (entry) => this.#layout(entry));
  }

  /** Names and values of each tag of an enumeration. */
  enums(): Map<string, string[]> {
    return this.#byName(['enumeration_type'], (entry) =>
      entry.children
        .filter(({ tag }) => tag === 'enumerator')
        .map(({ attributes }) => `${attributes.get('name')}=${Number(attributes.get('const_value'))}`)
        .join(' '),
    );
  }

  #byName(tags: readonly string[], describe: (entry: Entry) => string): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const entry of this.#entries.values()) {
      const name = entry.attributes.get('name');
      const isDefined = entry.level === 1 && !entry.attributes.has('declaration');
      if (!tags.includes(entry.tag) || name === undefined || !isDefined) continue;
      found.set(name, [...(found.get(name) ?? []), describe(entry)]);
    }
    return found;
  }

  #layout(entry: Entry): string {
    const members = entry.children
      .filter(({ tag }) => tag === 'member')
      .map((member) => {
        const { attributes } = member;
        const name = attributes.get('name') ?? '';
        const bits = attributes.get('bit_size');
        const place =
          Number(attributes.get('data_bit_offset') ?? 0) +
          8 * Number(attributes.get('data_member_location') ?? 0);
        const type = this.#typeOf(member);
        const bare = this.#strip(type);
        const size = bits === undefined ? 8 * this.#sizeOf(type) : Number(bits);
        const isNested = bare !== undefined && /^(structure|union)_type$/.test(bare.tag);
        const inside = isNested && !bare.attributes.has('name') ? this.#layout(bare) : '';
        return `${name}@${place}+${size}${inside}`;
      });
    return `{${entry.attributes.get('byte_size')}: ${members.join(' ')}}`;
  }

  #typeOf({ attributes }: Entry): Entry | undefined {
    const reference = /^<0x([0-9a-f]+)>/.exec(attributes.get('type') ?? '')?.[1];
    return reference === undefined ? undefined : this.#entries.get(reference);
  }

  #strip(entry: Entry | undefined): Entry | undefined {
    return entry !== undefined && NAMES_FOR.includes(entry.tag) ? this.#strip(this.#typeOf(entry)) : entry;
  }

  #sizeOf(entry: Entry | undefined): number {
    const bare = this.#strip(entry);
    if (bare?.tag === 'pointer_type') return POINTER_SIZE;
    if (bare?.tag !== 'array_type') return Number(bare?.attributes.get('byte_size') ?? 0);
    const counts = bare.children
      .filter(({ tag }) => tag === 'subrange_type')
      .map(({ attributes }) =>
        Number(attributes.get('count') ?? Number(attributes.get('upper_bound') ?? -1) + 1),
      );
    return counts.reduce((size, count) => size * count, this.#sizeOf(this.#typeOf(bare)));
  }
}

/** The reader's layout in the same words. */
export function layoutOf(struct: StructType): string {
  const members = struct.members.map(({ name, offset, bitOffset, bitSize, type }) => {
    const place = 8 * offset + (bitOffset ?? 0);
    const bare: Type = stripType(type);
    const isNested = bare.kind === 'struct' || bare.kind === 'union';
    const inside = isNested && bare.name === undefined ? layoutOf(bare) : '';
    return `${name ?? ''}@${place}+${bitSize ?? 8 * sizeOf(type)}${inside}`;
  });
  return `{${struct.size}: ${members.join(' ')}}`;
}

/** The reader's names and values in the same words. */
export function valuesOf(type: EnumType): string {
  return Array.from(type.enumerators, ([name, value]) => `${name}=${value}`).join(' ');
}
