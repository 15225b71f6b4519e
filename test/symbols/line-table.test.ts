import { expect, test } from 'vitest';
import { LineTable } from '../../emu/symbols/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { addr2line, gcc, open as openProgram, readelf, run, VARIANTS, workshop } from './programs.ts';
import { baseName, readelfRows, readerRows } from './readelf-lines.ts';

describeWithOracle([gcc, readelf, addr2line], 'line table', () => {
  const { build, directory } = workshop();

  for (const { name, flags } of VARIANTS) {
    const program = build(`lines ${name}`.replace(/\W+/g, '-'), ['main.c', 'helper.c', 'labels.S'], flags);
    const table = LineTable.open(program.elf);

    test(`every row is readelf's (${name})`, () => {
      const theirs = readelfRows(program.path);
      expect(theirs.length).toBeGreaterThan(50);
      expect(readerRows(table)).toEqual(theirs);
    });

    test(`a line leads to addresses and back (${name})`, () => {
      for (const file of table.files()) {
        expect(table.matchingFiles(baseName(file))).toContain(file);
        for (let line = 1; line < 80; line++) {
          for (const address of table.addresses(file, line)) {
            const rows = [...table.rows()].filter((row) => row.address === address && row.isStmt);
            expect(rows.some((row) => row.file === file && row.line === line)).toBe(true);
          }
        }
      }
    });

    // addr2line 2.40 finds nothing in 64-bit DWARF 5.
    if (flags.includes('-gdwarf64')) continue;

    test(`every address of the code has addr2line's file and line (${name})`, () => {
      const addresses = new Set<bigint>();
      for (const row of table.rows()) {
        // Rows at 0 belong to code the linker dropped.
        if (row.address !== 0n && !row.endSequence)
          for (let byte = 0n; byte < 6n; byte++) addresses.add(row.address + byte);
      }
      const known = [...addresses].filter((address) => table.at(address) !== undefined && address > 0x800n);
      const lines = run('addr2line', '-e', program.path, ...known.map((address) => address.toString(16)))
        .trim()
        .split('\n');
      const ours = known.map((address) => {
        const hit = table.at(address);
        return `${baseName(hit?.file ?? '')}:${hit?.line || '?'}`;
      });
      expect(known.length).toBeGreaterThan(100);
      expect(ours).toEqual(lines.map((line) => baseName(line.replace(/ \(discriminator \d+\)/, ''))));
    });
  }

  test('paths stay as the compiler was given them', () => {
    const path = `${directory}/prefix`;
    const here = run('sh', '-c', 'pwd').trim();
    run(
      'gcc',
      '-g',
      '-O2',
      `-ffile-prefix-map=${here}=.`,
      '-o',
      path,
      'test/symbols/programs/main.c',
      'test/symbols/programs/helper.c',
    );
    const bytes = build('unused', ['main.c', 'helper.c'], ['-g']);
    expect(LineTable.open(bytes.elf).files()).toEqual(['helper.c', 'main.c']);
    const table = LineTable.open(openProgram(path).elf);
    expect(table.files()).toEqual(['test/symbols/programs/helper.c', 'test/symbols/programs/main.c']);
    expect(table.matchingFiles('programs/main.c')).toEqual(['test/symbols/programs/main.c']);
    expect(table.matchingFiles('grams/main.c')).toEqual([]);
  });

  test('a line without code has no addresses but a next line with code', () => {
    const table = LineTable.open(build('next', ['main.c', 'helper.c'], ['-g', '-O2']).elf);
    expect(table.addresses('main.c', 1)).toEqual([]);
    const next = table.nextLineWithCode('main.c', 1);
    expect(next).toBeGreaterThan(1);
    expect(table.addresses('main.c', next ?? 0).length).toBeGreaterThan(0);
    expect(table.nextLineWithCode('main.c', 100_000)).toBeUndefined();
    expect(table.nextLineWithCode('absent.c', 1)).toBeUndefined();
  });

  test('code the linker dropped has no lines', () => {
    const variant = VARIANTS.find(({ flags }) => flags.includes('-Wl,--gc-sections'));
    const { elf } = build('dropped', ['main.c', 'helper.c'], variant?.flags ?? []);
    const table = LineTable.open(elf);
    const dropped = [...table.rows()].find((row) => row.address === 0n);
    expect(dropped?.file).toBe('helper.c');
    expect(table.addresses('helper.c', dropped?.line ?? 0)).toEqual([]);
    expect(table.at(0n)).toBeUndefined();
  });

  test('addresses outside all code have no line', () => {
    const table = LineTable.open(build('outside', ['main.c', 'helper.c'], ['-g', '-O2']).elf);
    for (const address of [0n, 1n, 0xffffffff81000000n, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn]) {
      expect(table.at(address)).toBeUndefined();
    }
  });
});
