import {
  addressOfKey,
  formatAddress,
  isExactKey,
  keyOfAddress,
  keyOfWords,
  lastNotAbove,
} from './address.ts';
import type { ElfFile, ElfSection } from './elf.ts';
import { SHF, SHN, SHT, STB, STT, SYM } from './elf-constants.ts';
import { ElfError } from './errors.ts';
import { cStringAt } from './text.ts';

export type SymbolKind = 'function' | 'object' | 'label' | 'tls' | 'section' | 'file' | 'other';
export type SymbolBinding = 'local' | 'global' | 'weak' | 'other';

/** One symbol of .symtab. */
export interface ElfSymbol {
  readonly name: string;
  /** st_value, exact. */
  readonly address: bigint;
  /** st_size in bytes; 0 for most labels of assembly files. */
  readonly size: number;
  /** "label" is STT_NOTYPE. */
  readonly kind: SymbolKind;
  readonly binding: SymbolBinding;
  /** st_shndx; SHN.undefined and SHN.absolute are no place. */
  readonly sectionIndex: number;
  /** Position in the symbol table. */
  readonly index: number;
}

/** A symbol and the distance from its start in bytes. */
export interface SymbolHit {
  readonly symbol: ElfSymbol;
  readonly offset: number;
}

/** Symbols that own addresses, ascending; `ends` are exclusive, `reach` is the largest end so far. */
interface AddressIndex {
  readonly symbols: readonly ElfSymbol[];
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly reach: Float64Array;
}

/**
 * The symbols of an ELF file by address and by name.
 *
 * An address belongs to the innermost symbol with a size that covers it. Only where none does, it belongs to the
 * nearest label without a size before it in the same section: so a label inside a sized function does not hide the
 * function, and an assembly entry point such as Xsyscall is found although nobody gave it a size.
 */
export class SymbolTable {
  /** All symbols in file order, without the null symbol. */
  readonly symbols: readonly ElfSymbol[];
  readonly #sections: readonly ElfSection[];
  #byAddress: AddressIndex | undefined;
  #byName: Map<string, ElfSymbol[]> | undefined;

  private constructor(symbols: readonly ElfSymbol[], sections: readonly ElfSection[]) {
    this.symbols = symbols;
    this.#sections = sections;
  }

  /** Reads .symtab, or .dynsym where there is none; a stripped file gives an empty table. Throws ElfError. */
  static open(elf: ElfFile): SymbolTable {
    const table =
      elf.sections.find(({ type }) => type === SHT.symbolTable) ??
      elf.sections.find(({ type }) => type === SHT.dynamicSymbols);
    return new SymbolTable(table === undefined ? [] : readSymbols(elf, table), elf.sections);
  }

  /** The symbol an address belongs to, or undefined. */
  at(address: bigint): SymbolHit | undefined {
    const key = keyOfAddress(address);
    if (!isExactKey(key)) return undefined;
    this.#byAddress ??= indexByAddress(this.symbols, this.#sections);
    const { symbols, starts, ends, reach } = this.#byAddress;
    let label: SymbolHit | undefined;
    const nearest = lastNotAbove(symbols.length, key, (index) => starts[index] ?? 0);
    for (let index = nearest; index >= 0 && (reach[index] ?? 0) > key; index--) {
      if ((ends[index] ?? 0) <= key) continue;
      const symbol = symbols[index];
      if (symbol === undefined) continue;
      const hit = { symbol, offset: key - (starts[index] ?? 0) };
      if (symbol.size > 0) return hit;
      label ??= hit;
    }
    return label;
  }

  /** Every symbol that starts exactly at an address, the preferred one first. */
  allAt(address: bigint): readonly ElfSymbol[] {
    this.#byAddress ??= indexByAddress(this.symbols, this.#sections);
    const { symbols, starts } = this.#byAddress;
    const key = keyOfAddress(address);
    const found: ElfSymbol[] = [];
    let index = lastNotAbove(symbols.length, key, (at) => starts[at] ?? 0);
    for (; index >= 0 && starts[index] === key; index--) {
      const symbol = symbols[index];
      if (symbol?.address === address) found.push(symbol);
    }
    return found;
  }

  /** The defined symbol of that name: global before weak before local; undefined when there is none. */
  byName(name: string): ElfSymbol | undefined {
    return this.allByName(name)[0];
  }

  /** Every defined symbol of that name, the preferred one first. */
  allByName(name: string): readonly ElfSymbol[] {
    this.#byName ??= indexByName(this.symbols);
    return this.#byName.get(name) ?? [];
  }

  /** The address of a name. */
  addressOf(name: string): bigint | undefined {
    return this.byName(name)?.address;
  }

  /** The names that stand for more than one address, with their symbols. */
  duplicates(): Map<string, readonly ElfSymbol[]> {
    this.#byName ??= indexByName(this.symbols);
    const found = new Map<string, readonly ElfSymbol[]>();
    for (const [name, symbols] of this.#byName) {
      if (symbols.some(({ address }) => address !== symbols[0]?.address)) found.set(name, symbols);
    }
    return found;
  }

  /** `fork1+0x24`, `fork1`, or the bare address. */
  format(address: bigint): string {
    return this.nameOf(address) ?? formatAddress(address);
  }

  /** `fork1+0x24` or `fork1`; undefined where no symbol covers the address. */
  nameOf(address: bigint): string | undefined {
    const hit = this.at(address);
    if (hit === undefined) return undefined;
    return hit.offset === 0 ? hit.symbol.name : `${hit.symbol.name}+0x${hit.offset.toString(16)}`;
  }
}

const KINDS = new Map<number, SymbolKind>([
  [STT.noType, 'label'],
  [STT.object, 'object'],
  [STT.common, 'object'],
  [STT.function, 'function'],
  [STT.indirect, 'function'],
  [STT.section, 'section'],
  [STT.file, 'file'],
  [STT.tls, 'tls'],
]);

const BINDINGS = new Map<number, SymbolBinding>([
  [STB.local, 'local'],
  [STB.global, 'global'],
  [STB.weak, 'weak'],
]);

function readSymbols(elf: ElfFile, table: ElfSection): ElfSymbol[] {
  const strings = elf.sections[table.link];
  if (strings?.type !== SHT.stringTable) {
    throw new ElfError(
      'bad-header',
      `${table.name} links to section ${table.link}, which is no string table`,
    );
  }
  if (table.size % SYM.size !== 0) {
    throw new ElfError('bad-header', `${table.name} holds ${table.size} bytes, no multiple of ${SYM.size}`);
  }
  const view = new DataView(table.data.buffer, table.data.byteOffset, table.data.byteLength);
  const symbols: ElfSymbol[] = [];
  const loadBias = Number(elf.loadBias);
  for (let at = SYM.size, index = 1; at < table.data.length; at += SYM.size, index++) {
    const nameOffset = view.getUint32(at + SYM.name, true);
    const name = cStringAt(strings.data, nameOffset);
    if (name === undefined) {
      throw new ElfError(
        'bad-offset',
        `the name of symbol ${index} (offset ${nameOffset}) is outside ${strings.name}`,
      );
    }
    const info = view.getUint8(at + SYM.info);
    const low = view.getUint32(at + SYM.value, true);
    const high = view.getUint32(at + SYM.value + 4, true);
    const sectionIndex = view.getUint16(at + SYM.sectionIndex, true);
    const isLoaded = sectionIndex !== SHN.undefined && sectionIndex !== SHN.absolute;
    const key = keyOfWords(low, high) + (isLoaded ? loadBias : 0);
    symbols.push({
      name,
      address: isExactKey(key) ? addressOfKey(key) : view.getBigUint64(at + SYM.value, true),
      size: Number(view.getBigUint64(at + SYM.symbolSize, true)),
      kind: KINDS.get(info & 0xf) ?? 'other',
      binding: BINDINGS.get(info >>> 4) ?? 'other',
      sectionIndex,
      index,
    });
  }
  return symbols;
}

const BINDING_RANK: Record<SymbolBinding, number> = { global: 3, weak: 2, local: 1, other: 0 };

function kindRank(symbol: ElfSymbol): number {
  if (symbol.kind === 'function') return 2;
  return symbol.kind === 'object' ? 1 : 0;
}

/** Negative when `a` is to be preferred among symbols of one address. */
function preferAtAddress(a: ElfSymbol, b: ElfSymbol): number {
  return (
    Number(b.size > 0) - Number(a.size > 0) ||
    kindRank(b) - kindRank(a) ||
    BINDING_RANK[b.binding] - BINDING_RANK[a.binding] ||
    a.index - b.index
  );
}

function ownsAddresses(symbol: ElfSymbol): boolean {
  const placed = symbol.sectionIndex !== SHN.undefined && symbol.sectionIndex < SHN.reservedFirst;
  const named = symbol.kind === 'function' || symbol.kind === 'object' || symbol.kind === 'label';
  return placed && named && symbol.name !== '';
}

function indexByAddress(all: readonly ElfSymbol[], sections: readonly ElfSection[]): AddressIndex {
  const keyed: { symbol: ElfSymbol; start: number }[] = [];
  for (const symbol of all) {
    const start = keyOfAddress(symbol.address);
    if (ownsAddresses(symbol) && isExactKey(start)) keyed.push({ symbol, start });
  }
  // The preferred symbol of an address comes last, because a search walks backwards.
  keyed.sort((a, b) => a.start - b.start || preferAtAddress(b.symbol, a.symbol));
  const starts = new Float64Array(keyed.length);
  const ends = new Float64Array(keyed.length);
  const reach = new Float64Array(keyed.length);
  let next = Number.POSITIVE_INFINITY;
  for (let index = keyed.length - 1; index >= 0; index--) {
    const { symbol, start } = keyed[index] as { symbol: ElfSymbol; start: number };
    const following = keyed[index + 1];
    if (following !== undefined && following.start > start) next = following.start;
    starts[index] = start;
    ends[index] = symbol.size > 0 ? start + symbol.size : Math.min(next, sectionEnd(symbol, sections));
  }
  let farthest = Number.NEGATIVE_INFINITY;
  let sizedEnd = Number.NEGATIVE_INFINITY;
  for (const [index, { symbol, start }] of keyed.entries()) {
    let end = ends[index] ?? 0;
    // A label inside a symbol with a size ends with it.
    if (symbol.size > 0) sizedEnd = Math.max(sizedEnd, end);
    else if (sizedEnd > start) end = Math.min(end, sizedEnd);
    ends[index] = end;
    farthest = Math.max(farthest, end);
    reach[index] = farthest;
  }
  return { symbols: keyed.map(({ symbol }) => symbol), starts, ends, reach };
}

/** Where a label without a size must stop. */
function sectionEnd(symbol: ElfSymbol, sections: readonly ElfSection[]): number {
  const section = sections[symbol.sectionIndex];
  if (section === undefined || (section.flags & SHF.alloc) === 0n) return keyOfAddress(symbol.address);
  return keyOfAddress(section.address) + section.size;
}

function indexByName(all: readonly ElfSymbol[]): Map<string, ElfSymbol[]> {
  const names = new Map<string, ElfSymbol[]>();
  for (const symbol of all) {
    if (symbol.name === '' || symbol.kind === 'file' || symbol.kind === 'section') continue;
    if (symbol.sectionIndex === SHN.undefined) continue;
    const known = names.get(symbol.name);
    if (known === undefined) names.set(symbol.name, [symbol]);
    else known.push(symbol);
  }
  for (const symbols of names.values()) {
    if (symbols.length > 1) {
      symbols.sort((a, b) => BINDING_RANK[b.binding] - BINDING_RANK[a.binding] || a.index - b.index);
    }
  }
  return names;
}
