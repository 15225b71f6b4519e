import { expect, test } from 'vitest';
import {
  CallFrameTable,
  DebugInfo,
  DwarfError,
  ElfError,
  ElfFile,
  formatType,
  LineTable,
  readLocation,
  readValue,
  SymbolTable,
  unwind,
} from '../../emu/symbols/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc, workshop } from './programs.ts';

/** Numbers in [0, below) from a seed: mulberry32, well known and good enough to choose bytes. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Runs one question; it may fail with a typed error, with nothing else. Counts the refusals by code. */
function attempt<T>(question: () => T, refusals: Map<string, number>): T | undefined {
  try {
    return question();
  } catch (error) {
    if (!(error instanceof ElfError || error instanceof DwarfError)) throw error;
    refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
    return undefined;
  }
}

const TAGS = ['everything', 'flags', 'packed', 'list', 'unit_private', 'absent'];
const LARGEST_READ = 1 << 16;

/** Asks everything there is to ask. */
function exercise(bytes: Uint8Array, refusals: Map<string, number>): void {
  const ask = <T>(question: () => T): T | undefined => attempt(question, refusals);
  const elf = ask(() => ElfFile.parse(bytes));
  if (elf === undefined) return;
  ask(() => elf.notes);
  const symbols = ask(() => SymbolTable.open(elf));
  const addresses = [elf.entry, 0n, 0xffffffff81000000n];
  for (const symbol of symbols?.symbols ?? []) {
    if (symbol.kind === 'function' && symbol.size > 0)
      addresses.push(symbol.address, symbol.address + BigInt(symbol.size >> 1));
    symbols?.at(symbol.address);
  }
  symbols?.duplicates();
  const lines = ask(() => LineTable.open(elf));
  ask(() => Array.from(lines?.rows() ?? []).length);
  ask(() => lines?.files());
  const info = ask(() => DebugInfo.open(elf));
  for (const tag of TAGS) {
    const struct = ask(() => info?.struct(tag));
    if (struct === undefined) continue;
    ask(() => struct.member('flags.wide'));
    ask(() => struct.member('high'));
    for (const member of ask(() => struct.members) ?? []) ask(() => formatType(member.type));
    ask(() => readValue(struct, new Uint8Array(512), 0, { text: true }));
  }
  ask(() => info?.variable('everything')?.type.size);
  ask(() =>
    Array.from(info?.functions() ?? [], (one) => [one.declFile, one.parameters.length, one.returnType]),
  );
  const frames = ask(() => CallFrameTable.open(elf));
  const registers = Array.from({ length: 17 }, (_, index) => 0x1000n * BigInt(index));
  const readMemory = (_: bigint, size: number): Uint8Array | undefined =>
    size > LARGEST_READ ? undefined : new Uint8Array(size).fill(0x40);
  for (const address of addresses) {
    ask(() => lines?.at(address));
    ask(() => info?.framesAt(address));
    ask(() => frames?.rowAt(address));
    registers[16] = address;
    const tables = frames && { frames };
    const stack = tables && ask(() => Array.from(unwind(registers, readMemory, () => tables)));
    const state = { pc: address, lookupPc: address, registers, cfa: 0x7000n, readMemory };
    for (const local of ask(() => info?.locals(address)) ?? []) {
      const location = ask(() =>
        info?.locate(local, { ...state, caller: stack?.[1] && { ...stack[1], readMemory } }),
      );
      ask(() => location && readLocation(location, local.type.size, state));
    }
  }
}

/** A copy of a program with some bits of some sections turned over. */
function flipBits(bytes: Uint8Array, elf: ElfFile, random: (below: number) => number): Uint8Array {
  const spoilt = bytes.slice();
  const sections = elf.sections.filter(
    ({ name, data }) => data.length > 0 && /^\.(debug|eh_frame$|symtab|strtab|note)/.test(name),
  );
  for (let flips = 1 + random(12); flips > 0; flips--) {
    const section = sections[random(sections.length)];
    // Now and then the headers, too.
    const isHeader = random(16) === 0 || section === undefined;
    const at = isHeader ? random(64) : section.offset + random(section.size);
    spoilt[at] = (spoilt[at] ?? 0) ^ (1 << random(8));
  }
  return spoilt;
}

const ROUNDS = 250;

describeWithOracle(gcc, 'damaged input', () => {
  const { build } = workshop();
  const programs = [
    build('fuzz-5', ['main.c', 'helper.c', 'labels.S'], ['-g', '-gdwarf-5', '-O2']),
    build('fuzz-4', ['main.c', 'helper.c'], ['-g', '-gdwarf-4', '-O2', '-fdebug-types-section']),
    build(
      'fuzz-frame',
      ['main.c', 'helper.c'],
      ['-g', '-O2', '-fno-asynchronous-unwind-tables', '-fdebug-types-section'],
    ),
  ];

  test('is none of the undamaged programs', () => {
    const refusals = new Map<string, number>();
    for (const { bytes } of programs) exercise(bytes, refusals);
    expect(refusals).toEqual(new Map());
  });

  test('cut off anywhere gives typed errors', () => {
    const random = randomFrom(1);
    const refusals = new Map<string, number>();
    for (const { bytes } of programs) {
      for (let round = 0; round < ROUNDS; round++)
        exercise(bytes.subarray(0, random(bytes.length)), refusals);
    }
    expect(refusals.get('truncated')).toBeGreaterThan(0);
    expect(refusals.get('bad-offset')).toBeGreaterThan(0);
  });

  for (const [index, { bytes, elf }] of programs.entries()) {
    test(`with bits turned over gives typed errors, in the end (program ${index + 1})`, () => {
      const random = randomFrom(100 + index);
      const refusals = new Map<string, number>();
      for (let round = 0; round < ROUNDS; round++) exercise(flipBits(bytes, elf, random), refusals);
      for (const code of ['truncated', 'malformed', 'bad-reference'])
        expect(refusals.get(code), code).toBeGreaterThan(0);
    });

    test(`with sections of noise gives typed errors, in the end (program ${index + 1})`, () => {
      const random = randomFrom(200 + index);
      const refusals = new Map<string, number>();
      for (const section of elf.sections.filter(({ name }) => /^\.(debug|eh_frame$)/.test(name))) {
        for (let round = 0; round < 8; round++) {
          const spoilt = bytes.slice();
          const start = section.offset + random(section.size);
          for (let at = start; at < section.offset + section.size; at++) spoilt[at] = random(256);
          exercise(spoilt, refusals);
        }
      }
      expect(refusals.size).toBeGreaterThan(1);
    });
  }
});
