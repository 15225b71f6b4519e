import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CValue, UNSIGNED_LONG } from '../../emu/debug/expressions/index.ts';
import { type Conversion, piecesOf } from '../../emu/debug/printf/conversions.ts';
import { converted, type MemorySome } from '../../emu/debug/printf/converted.ts';
import { absolute, guestPaths } from '../../scripts/guest/index.ts';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gdb } from './gdb/support/gdb.ts';
import { DebugGuest } from './support/debug-guest.ts';

/** What gdb prints, and puffer too: format and values. */
const SAME = [
  '"%d %i %u", -5, 6, -1',
  '"%d %u %x", 0x1ffffffff, 0x1ffffffff, 0x1ffffffff',
  '"%ld %lu %lx", -1, -1, -1',
  '"%lld %llu %llx", -1, -1, -1',
  '"%zd %zu", -1, -1',
  '"%5d|%-5d|%05d|%+d|% d|%-+5d|", 42, 42, 42, 42, 42, 42',
  '"%5d|%-5d|%05d|%+d|% d|%-+5d|", -42, -42, -42, -42, -42, -42',
  '"%.3d|%8.3d|%-8.3x|%08.3d|%.0d|%.d|", 7, 7, 10, 5, 0, 0',
  '"%o %#o %x %#x %X %#X %#x %#o", 8, 8, 255, 255, 255, 255, 0, 0',
  '"%#.3x|%#8x|%#08x|%-#8x|", 5, 5, 5, 5',
  '"%d %x %ld", 1.9, -1.9, -1.9',
  '"%ld %ld %d", 1.5e300, -1.5e300, 1e10',
  '"%x %u %d", (char)-1, (unsigned char)255, (short)-1',
  '"%p|%20p|%-20p|%p", 0x1234, 0x1234, 0x1234, 0',
  '"%p %d %lx", &version, &version, version',
  '"%c%5c|%-5c|%c", 65, 66, 67, \'x\'',
  '"%c%c", 0x141, 10',
  '"%s|%.6s|%10.3s|%-10.3s|", version, version, version, version',
  '"%s%s%s", &version, (long)&version, &version[3]',
  '"%s", (unsigned long *)&version',
  '"%s %8s", 0, 0',
  '"%d%% %%", 5',
  '"%f %e %g %G %E", 1.5, 1.5, 1.5, 1e100, -1e-7',
  '"%10.3f|%-10.2e|%+g|% g|%#g|%010.1f", 3.14159, 2.5, 1.0, 1.0, 1.0, -2.25',
  '"%.2f %.0f %.0f %.0f", 2.675, 0.5, 1.5, 2.5',
  '"%.20f %.30g %.0e", 0.1, 0.1, 12345.678',
  '"%f %.1f %.3e", 1e22, 123456789012345678901234567890.0, 9.9996',
  '"%g %g %g %g %g", 100000.0, 1000000.0, 999999.5, 0.0001, 0.00001',
  '"%f %f %f %g", 3, 1ul, (char)3, 0x3ff8000000000000',
  '"%f %Lf", (float)1.1, (double)(float)-0.3',
  '"%g %g %g", *(double *)version, *(float *)version, *(float *)&version[4]',
  '"%f|%g|%e", 0.0, 0x8000000000000000, 0.0',
  '"%e %g %.17g", 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308',
  '"%g %f %5.1f|%-6g|%06f", 0x7ff0000000000000, 0xfff0000000000000, 0x7ff0000000000000, 0x7ff0000000000000, 0xfff0000000000000',
  '"%f %f", 0x7ff8000000000000, 0xfff8000000000000',
  '"a\\tb\\\\c\\"d\\a\\e\\v|"',
];

/** Where gdb refuses, puffer does, and says why. */
const REFUSED: readonly (readonly [line: string, says: RegExp])[] = [
  ['"%s", 1', /^cannot access memory at address 0x1/],
  ['"%s", (char)65', /^cannot access memory at address 0x41/],
  ['"%d", proc0', /struct/],
  ['"%s", proc0', /%s takes a string or the address of one, and not a struct proc/],
  ['"%q", 5', /'%q' is no conversion/],
  ['"%n", 5', /'%n' is no conversion/],
  ['"%*d", 5, 5', /'%\*d' is no conversion/],
  ['"%5%"', /'%5%' is no conversion/],
  ['"%hf", 1.5', /'%hf' is no conversion/],
  ['"%hs", version', /'%hs' is no conversion/],
  ['"%\'d", 5', /'%'d' is no conversion/],
  ['"%d"', /takes 1 values, and 0/],
  ['"%d", 1, 2', /takes 1 values, and 2/],
  ['"\\q"', /'\\q' is no escape/],
  ['"\\101"', /'\\1' is no escape/],
  ['"abc', /printf "FORMAT"/],
  ['abc', /printf "FORMAT"/],
  ['"%d" 5', /printf "FORMAT"/],
  ['"%d", nosuch', /nosuch/],
];

const MARK = '<end of one>';

describeWithOracle([gdb, gcc], 'printf', () => {
  let guest: DebugGuest;
  beforeAll(async () => {
    guest = await DebugGuest.boot();
    await guest.run('break main', 'continue');
  });
  afterAll(() => guest.close());

  /** What gdb prints of the kernel's file, the memory of which puffer has loaded. */
  const underGdb = (lines: readonly string[]): string[] => {
    const commands = lines.flatMap((line) => ['-ex', `printf ${line}`, '-ex', `echo ${MARK}`]);
    const text = execFileSync('gdb', ['-nx', '-batch', ...commands, absolute(guestPaths.kernel)], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split(MARK).slice(0, lines.length);
  };

  it('should print what gdb prints', async () => {
    const expected = underGdb(SAME);
    for (const [index, line] of SAME.entries()) {
      const { text } = (await guest.data(`printf ${line}`)) as { text: string };
      expect({ line, text }).toEqual({ line, text: expected[index] });
    }
  });

  it.each(REFUSED)('%s should be refused, as gdb does', async (line, says) => {
    expect((await guest.fails(`printf ${line}`)).message).toMatch(says);
    expect(underGdb([line])).toEqual(['']);
  });

  it('should know the lengths of C that gdb does not', async () => {
    expect(
      await guest.run('printf "%hhd %hhu %hd %hx %jd %tx %lf\\n", 0x1ff, -1, 0x1ffff, -1, -1, -1, 1.5'),
    ).toBe('-1 255 -1 ffff -1 ffffffffffffffff 1.500000\n');
  });

  it('should decode UTF-8', async () => {
    await guest.run('set version[0] = 0xc3', 'set version[1] = 0xa4');
    expect(await guest.run('printf "%.2s|%c", version, 0xe4')).toMatch(/^äf\|ä/);
  });

  it.each(['%999999999d', '%-10001s', '%.99999999f'])(
    'should refuse %s, which is wider than anybody reads',
    async (format) => {
      expect((await guest.fails(`printf "${format}\\n",5`)).message).toMatch(/is too wide/);
    },
  );

  it('should refuse a string that memory ends in, and cut one without an end', () => {
    const [piece] = piecesOf('%s');
    const address = CValue.integer(UNSIGNED_LONG, 0x1000n);
    const letters = (size: number): Uint8Array => new Uint8Array(size).fill('A'.charCodeAt(0));
    const printed = (readSome: MemorySome): string => converted(address, piece as Conversion, readSome);
    expect(() => printed(() => letters(3))).toThrow(/memory at address 0x1003, for the string at 0x1000/);
    expect(printed((_, size) => letters(size))).toHaveLength(1 << 16);
  });
});
