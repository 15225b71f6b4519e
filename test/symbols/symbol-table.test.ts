import { expect, test } from 'vitest';
import { SymbolTable } from '../../emu/symbols/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc, readelf, run, workshop } from './programs.ts';

describeWithOracle([gcc, readelf], 'symbol table', () => {
  const { build } = workshop();
  const program = build('symbols', ['main.c', 'helper.c', 'labels.S'], ['-g', '-O2', '-no-pie']);
  const table = SymbolTable.open(program.elf);
  const address = (name: string): bigint => table.addressOf(name) ?? -1n;

  test("holds readelf's symbols", () => {
    const text = run('readelf', '-s', '-W', program.path);
    const rows = text
      .slice(text.indexOf("'.symtab'"))
      .matchAll(/^ +(\d+): ([0-9a-f]{16}) +(\d+|0x[0-9a-f]+) (\S+) +(\S+) +\S+ +(\S+) ?(\S*)/gm);
    const kinds = {
      function: 'FUNC',
      object: 'OBJECT',
      label: 'NOTYPE',
      section: 'SECTION',
      file: 'FILE',
      tls: 'TLS',
      other: '?',
    };
    const places = new Map([
      [0, 'UND'],
      [0xfff1, 'ABS'],
    ]);
    const theirs = Array.from(rows, ([, ...fields]) => fields).filter(([index]) => index !== '0');
    const ours = table.symbols.map((symbol) => [
      String(symbol.index),
      symbol.address.toString(16).padStart(16, '0'),
      String(symbol.size),
      kinds[symbol.kind],
      symbol.binding.toUpperCase(),
      places.get(symbol.sectionIndex) ?? String(symbol.sectionIndex),
      // readelf shows a section symbol by the name of its section, which it does not have itself.
      symbol.kind === 'section' ? program.elf.sections[symbol.sectionIndex]?.name : symbol.name,
    ]);
    expect(theirs.length).toBeGreaterThan(40);
    expect(ours).toEqual(theirs);
  });

  test('every address inside a function belongs to it', () => {
    const functions = table.symbols.filter(({ kind, size }) => kind === 'function' && size > 0);
    expect(functions.length).toBeGreaterThan(6);
    for (const symbol of functions) {
      for (const offset of [0, symbol.size >> 1, symbol.size - 1]) {
        const hit = table.at(symbol.address + BigInt(offset));
        expect([hit?.symbol.address, hit?.offset]).toEqual([symbol.address, offset]);
      }
    }
  });

  test('a size ends a symbol, and what follows belongs to no one', () => {
    const sized = table.byName('sized');
    expect(table.at(address('sized') + BigInt(sized?.size ?? 0))).toBeUndefined();
    expect(table.format(address('after_gap'))).toBe('after_gap');
    expect(table.format(address('after_gap') - 1n)).toBe(`0x${(address('after_gap') - 1n).toString(16)}`);
  });

  test('a label without a size lasts until the next symbol', () => {
    expect(table.format(address('Xsyscall') + 1n)).toBe('Xsyscall+0x1');
    expect(table.format(address('proc_trampoline'))).toBe('proc_trampoline');
    expect(table.format(address('proc_trampoline') + 1n)).toBe('proc_trampoline+0x1');
    expect(table.at(address('proc_trampoline'))?.symbol.kind).toBe('label');
  });

  test('a label inside a function does not hide it, and is found by name', () => {
    expect(table.format(address('inside') + 1n)).toBe('sized+0x2');
    expect(table.allAt(address('inside')).map(({ name }) => name)).toEqual(['inside']);
  });

  test('of two names for one address the global one is preferred', () => {
    expect(table.allAt(address('sized')).map(({ name }) => name)).toEqual(['sized', 'alias']);
    expect(table.at(address('alias'))?.symbol.name).toBe('sized');
  });

  test('a name that stands for two things is reported, and one that is undefined is not found', () => {
    const duplicates = table.duplicates();
    expect(duplicates.get('counter')?.map(({ binding }) => binding)).toEqual(['local', 'local']);
    expect(duplicates.has('main')).toBe(false);
    expect(table.byName('__libc_start_main')).toBeUndefined();
    expect(table.byName('no such name')).toBeUndefined();
  });

  test('addresses of nothing belong to nothing', () => {
    for (const nowhere of [0n, 1n, 0xffff_ffff_8100_0000n, 0x1234_5678_9abc_def0n, 0xffff_ffff_ffff_ffffn]) {
      expect(table.at(nowhere)).toBeUndefined();
    }
  });

  test('kernel addresses are exact', () => {
    const flags = [
      '-g',
      '-O2',
      '-nostdlib',
      '-static',
      '-no-pie',
      '-Wl,-Ttext=0xffffffff81000000',
      '-Wl,-eXsyscall',
    ];
    const kernel = SymbolTable.open(build('high', ['labels.S'], flags).elf);
    expect(kernel.addressOf('Xsyscall')).toBe(0xffffffff81000000n);
    expect(kernel.format(0xffffffff81000001n)).toBe('Xsyscall+0x1');
    expect(kernel.format(0xffffffff81000002n)).toBe('proc_trampoline');
    expect(kernel.at(0xffffffff80ffffffn)).toBeUndefined();
  });
});
