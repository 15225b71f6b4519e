import type { Die } from './die.ts';
import { DW_AT, DW_TAG } from './dwarf-constants.ts';
import type { Unit } from './unit.ts';

/** C's name spaces as far as one looks things up by name. */
export type NameSpace = 'tag' | 'type' | 'function' | 'variable';

const SPACES = new Map<number, NameSpace>([
  [DW_TAG.structureType, 'tag'],
  [DW_TAG.classType, 'tag'],
  [DW_TAG.unionType, 'tag'],
  [DW_TAG.enumerationType, 'tag'],
  [DW_TAG.typedef, 'type'],
  [DW_TAG.baseType, 'type'],
  [DW_TAG.subprogram, 'function'],
  [DW_TAG.variable, 'variable'],
]);

const NAMED_TAGS: ReadonlySet<number> = new Set(SPACES.keys());

/** The definitions at the top level of one unit: by name, and all functions in order. */
export class NameIndex {
  readonly unit: Unit;
  /** Offsets of the subprogram entries, abstract ones included. */
  readonly functions: readonly number[];
  /** Offsets of the enumerations, with and without a tag. */
  readonly enumerations: readonly number[];
  readonly #names: ReadonlyMap<NameSpace, ReadonlyMap<string, readonly number[]>>;

  /** Goes through the children of the unit once. Throws DwarfError on damage. */
  constructor(unit: Unit) {
    this.unit = unit;
    const names = new Map<NameSpace, Map<string, number[]>>();
    const functions: number[] = [];
    const enumerations: number[] = [];
    for (const die of unit.children(unit.root, NAMED_TAGS)) {
      const space = SPACES.get(die.tag);
      if (space === undefined || die.flag(DW_AT.declaration)) continue;
      if (space === 'function') functions.push(die.offset);
      if (die.tag === DW_TAG.enumerationType) enumerations.push(die.offset);
      const name = nameOf(die);
      if (name === undefined) continue;
      const entries = names.get(space) ?? new Map<string, number[]>();
      names.set(space, entries);
      const offsets = entries.get(name);
      if (offsets === undefined) entries.set(name, [die.offset]);
      else offsets.push(die.offset);
    }
    this.#names = names;
    this.functions = functions;
    this.enumerations = enumerations;
  }

  /** The definitions of a name in this unit. */
  find(space: NameSpace, name: string): Die[] {
    return (this.#names.get(space)?.get(name) ?? []).map((offset) => this.unit.dieAt(offset));
  }

  /** All names of a name space in this unit. */
  names(space: NameSpace): Iterable<string> {
    return this.#names.get(space)?.keys() ?? [];
  }
}

/** The name of an entry, its own or that of what it completes. */
export function nameOf(die: Die): string | undefined {
  const own = die.name;
  if (own !== undefined) return own;
  for (const origin of die.lineage()) {
    const name = origin.name;
    if (name !== undefined) return name;
  }
  return undefined;
}
