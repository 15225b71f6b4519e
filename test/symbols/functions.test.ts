import { expect, test } from 'vitest';
import { DebugInfo, formatType, SymbolTable } from '../../emu/symbols/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { addr2lineChains, readerChains } from './addr2line-chains.ts';
import { addr2line, gcc, gdb, run, VARIANTS, workshop } from './programs.ts';

describeWithOracle([gcc, addr2line, gdb], 'functions', () => {
  const { build } = workshop();

  for (const { name, flags } of VARIANTS) {
    const program = build(`functions ${name}`.replace(/\W+/g, '-'), ['main.c', 'helper.c'], flags);
    const info = DebugInfo.open(program.elf);
    const symbols = SymbolTable.open(program.elf);

    test(`every function has the address and size of its symbol (${name})`, () => {
      const functions = [...info.functions()];
      expect(functions.map((one) => one.name).sort()).toEqual(
        [
          'chain',
          'helper',
          'leaf',
          'main',
          'middle',
          'nothing',
          'plain_handler',
          'twice',
          'four_times',
          'never_called',
        ]
          .filter((one) => symbols.byName(one) !== undefined)
          .sort(),
      );
      for (const one of functions) {
        const symbol = symbols.byName(one.name);
        expect([one.lowPc, one.highPc], one.name).toEqual([
          symbol?.address,
          (symbol?.address ?? 0n) + BigInt(symbol?.size ?? 0),
        ]);
        expect(one.isExternal).toBe(symbol?.binding === 'global');
        expect(info.functionAt(one.highPc - 1n)?.name).toBe(one.name);
        expect(info.functionAt(one.lowPc)?.name).toBe(one.name);
      }
    });

    test(`a function has gdb's type and the source's place and parameters (${name})`, () => {
      for (const one of ['leaf', 'middle', 'helper', 'main', 'nothing']) {
        const found = info.function(one);
        const type = run('gdb', '-batch', '-nx', '-ex', `whatis ${one}`, program.path).trim();
        const parameters = found?.parameters.map((parameter) => formatType(parameter.type)).join(', ');
        const ours = `type = ${found && formatType(found.returnType)} (${parameters || 'void'})`;
        expect(ours.replace(/\s/g, '')).toBe(type.replace(/\s/g, ''));
      }
      const leaf = info.function('leaf');
      expect([leaf?.declFile, leaf?.declLine]).toEqual(['main.c', 27]);
      expect(leaf?.parameters.map((parameter) => parameter.name)).toEqual(['depth', 'text', 'e']);
    });

    test(`a variable has gdb's address (${name})`, () => {
      for (const one of ['everything', 'sink', 'zero_length', 'hidden']) {
        const address = run('gdb', '-batch', '-nx', '-ex', `output/x (long)&${one}`, program.path).trim();
        expect(info.variable(one)?.address, one).toBe(BigInt.asUintN(64, BigInt(address)));
      }
      expect(info.variable('everything')).toMatchObject({ declFile: 'helper.c', declLine: 22 });
      expect(info.variable('absent')).toBeUndefined();
    });

    // addr2line 2.40 finds nothing in 64-bit DWARF 5, and no inlined calls beside type units of DWARF 5.
    if (flags.includes('-gdwarf64') || name === 'DWARF 5, -O2, type units') continue;

    test(`every byte of every function has addr2line's chain of inlined calls (${name})`, () => {
      const addresses = [...info.functions()].flatMap(({ lowPc, highPc }) =>
        Array.from({ length: Number(highPc - lowPc) }, (_, byte) => lowPc + BigInt(byte)),
      );
      const theirs = addr2lineChains(program.path, addresses);
      const ours = readerChains(info, addresses);
      expect(ours).toEqual(theirs);
      if (flags.includes('-O2')) expect(Math.max(...ours.map((chain) => chain.length))).toBeGreaterThan(2);
    });
  }
});
