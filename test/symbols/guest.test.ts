import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  CallFrameTable,
  DebugInfo,
  LineTable,
  type StructType,
  SymbolTable,
  type Type,
} from '../../emu/symbols/index.ts';
import { describeWithOracle, type Oracle } from '../oracles/require.ts';
import { addr2lineChains, readerChains } from './addr2line-chains.ts';
import { gdbLayouts, gdbTypeNames, readerLayout, spacelessName } from './gdb-types.ts';
import { addr2line, gdb, open, readelf, run } from './programs.ts';
import { readelfCallFrames, readerCallFrames } from './readelf-frames.ts';
import { readelfRows, readerRows } from './readelf-lines.ts';
import { layoutOf, ReadelfTypes, valuesOf } from './readelf-types.ts';

/** The guest's own programs: the largest real input there is. */
const PROGRAMS = ['bsd', 'root/bin/ksh', 'root/bin/ls'];

function guestProgram(name: string): { path: string; oracle: Oracle } {
  const path = fileURLToPath(new URL(`../../guest/obj/${name}`, import.meta.url));
  const available = existsSync(path);
  return {
    path,
    oracle: { name, available, why: available ? '' : `guest/obj/${name} is missing: npm run build:guest` },
  };
}

/** The tags of the structs and unions defined in a file, as readelf lists them. */
function readelfTags(path: string): string[] {
  const tags = new Set<string>();
  const entries = run('readelf', '--debug-dump=info', '-W', path).split(/^ <(?=\d+><)/m);
  for (const entry of entries) {
    const kind = /^1><.*\(DW_TAG_(structure|union)_type\)/.exec(entry)?.[1];
    const name = /DW_AT_name +: .*?(\S+)$/m.exec(entry)?.[1];
    if (kind === undefined || name === undefined || entry.includes('DW_AT_declaration')) continue;
    tags.add(`${kind === 'union' ? 'union' : 'struct'} ${name}`);
  }
  return [...tags];
}

function definitionsOf(info: DebugInfo, tag: string): StructType[] {
  return info.structs(tag.replace(/^\w+ /, ''));
}

/** The tags all source files have the same idea of. */
function agreedTags(info: DebugInfo, path: string): string[] {
  return readelfTags(path).filter(
    (tag) => new Set(definitionsOf(info, tag).map(({ size }) => size)).size === 1,
  );
}

for (const name of PROGRAMS) {
  const { path, oracle } = guestProgram(name);

  describeWithOracle([oracle, readelf, addr2line, gdb], `the guest's ${name}`, () => {
    const program = oracle.available ? open(path) : undefined;
    const elf = (): NonNullable<typeof program>['elf'] => program?.elf ?? expect.fail('not built');

    test("has readelf's line rows, every one", () => {
      const theirs = readelfRows(path);
      expect(theirs.length).toBeGreaterThan(500);
      expect(readerRows(LineTable.open(elf()))).toEqual(theirs);
    });

    test("has readelf's place and size of every member, and value of every enumerator", () => {
      const info = DebugInfo.open(elf());
      const types = new ReadelfTypes(path);
      const structs = types.structs();
      expect(structs.size).toBeGreaterThan(10);
      const ours = Array.from(
        structs.keys(),
        (tag) =>
          [
            tag,
            definitionsOf(info, tag)
              .filter(({ isComplete }) => isComplete)
              .map(layoutOf),
          ] as const,
      );
      expect(new Map(ours)).toEqual(structs);
      for (const [tag, values] of types.enums()) {
        const type = info.enum(tag);
        expect(values, tag).toContain(type && valuesOf(type));
        // Source files agree.
        expect(new Set(values).size, tag).toBe(1);
      }
    });

    test("has gdb's layout of every structure", () => {
      const info = DebugInfo.open(elf());
      const tags = readelfTags(path);
      expect(tags.length).toBeGreaterThan(10);
      const layouts = gdbLayouts(path, tags);
      for (const tag of tags) {
        const theirs = layouts.get(tag);
        // Where source files differ about a tag gdb shows one of theirs.
        const definitions = definitionsOf(info, tag);
        const struct = definitions.find(({ size }) => size === theirs?.size) ?? definitions[0];
        expect(struct?.size, tag).toBe(theirs?.size);
        const ours = struct === undefined ? [] : readerLayout(struct);
        expect(ours, tag).toEqual(
          theirs?.members.map((member, index) => ({
            ...member,
            offset: member.offset ?? ours[index]?.offset,
          })),
        );
      }
    });

    test("has gdb's type of every member", () => {
      const info = DebugInfo.open(elf());
      const places = agreedTags(info, path).flatMap((tag) =>
        readerLayout(info.type(tag) as StructType)
          .filter((member) => member.name !== '')
          .map((member) => ({ tag, name: member.name })),
      );
      const names = gdbTypeNames(
        path,
        places.map((place) => `((${place.tag} *)0)->${place.name}`),
      );
      const ours = places.map(({ tag, name: member }) => {
        const struct = info.type(tag) as StructType;
        return spacelessName(struct.member(member)?.type as Type);
      });
      expect(ours).toEqual(names);
    });

    test("has addr2line's chain of inlined calls at every row", () => {
      const info = DebugInfo.open(elf());
      const addresses = [...new Set(Array.from(info.lines.rows(), (row) => row.address))].filter(
        (address) => info.functionAt(address) !== undefined,
      );
      expect(addresses.length).toBeGreaterThan(500);
      expect(readerChains(info, addresses)).toEqual(addr2lineChains(path, addresses));
    });

    test("has readelf's call-frame rows", () => {
      const theirs = readelfCallFrames(path);
      expect(theirs.size).toBeGreaterThan(50);
      const columns = Array.from(theirs.values(), (row) => [...row.keys()]);
      expect(readerCallFrames(CallFrameTable.open(elf()), [...theirs.keys()], columns)).toEqual(theirs);
    });

    test('has a symbol for every function, with the same address', () => {
      const symbols = SymbolTable.open(elf());
      for (const one of DebugInfo.open(elf()).functions()) {
        // gcc adds what it did to a name: xmalloc.part.0, size_string.constprop.0.
        const names = symbols.allAt(one.lowPc).map((symbol) => symbol.name.replace(/\..*/, ''));
        expect(names).toContain(one.name);
      }
    });
  });
}
