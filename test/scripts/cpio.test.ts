import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CpioEntry, CpioError, writeCpio } from '../../scripts/guest/cpio.ts';
import { commandProbe, describeWithOracle, oracle } from '../oracles/require.ts';

const decoder = new TextDecoder();
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

const bin: CpioEntry = { kind: 'directory', path: 'bin', permissions: 0o755 };
const ls: CpioEntry = { kind: 'file', path: 'bin/ls', permissions: 0o555, data: text('hello') };
const dev: CpioEntry = { kind: 'directory', path: 'dev', permissions: 0o755 };
const nullDevice: CpioEntry = {
  kind: 'character-device',
  path: 'dev/null',
  permissions: 0o666,
  major: 2,
  minor: 2,
};
const link: CpioEntry = { kind: 'symbolic-link', path: 'sh', permissions: 0o777, target: 'bin/ksh' };
const home: CpioEntry = { kind: 'directory', path: 'home', permissions: 0o1777, uid: 1000, gid: 10 };
const all: readonly CpioEntry[] = [nullDevice, link, ls, home, dev, bin];

/** The 8-digit hexadecimal fields of the header at `offset`, by their place behind the magic. */
function headerField(archive: Uint8Array, offset: number, index: number): number {
  const start = offset + 6 + 8 * index;
  return Number.parseInt(decoder.decode(archive.subarray(start, start + 8)), 16);
}

describe('writeCpio', () => {
  test('begins each entry with the newc magic on a multiple of four', () => {
    const archive = writeCpio(all);
    const text = decoder.decode(archive);
    const offsets = [...text.matchAll(/070701/g)].map((match) => match.index);
    expect(offsets).toHaveLength(all.length + 1);
    expect(offsets.every((offset) => offset % 4 === 0)).toBe(true);
  });

  test('gives a file its mode, size, link count and time 0', () => {
    const archive = writeCpio([bin, ls]);
    const start = decoder.decode(archive).indexOf('070701', 1);
    expect(start).toBe(116); // behind 110 bytes of header, 'bin' with its NUL, and padding
    expect(headerField(archive, start, 0)).toBe(2); // inode
    expect(headerField(archive, start, 1)).toBe(0o100555); // mode
    expect(headerField(archive, start, 4)).toBe(1); // links
    expect(headerField(archive, start, 5)).toBe(0); // modification time
    expect(headerField(archive, start, 6)).toBe('hello'.length); // size
    expect(headerField(archive, start, 11)).toBe('bin/ls\0'.length); // name length
  });

  test('ends with the trailer, padded to whole blocks', () => {
    const archive = writeCpio([bin]);
    expect(archive.length % 512).toBe(0);
    expect(decoder.decode(archive)).toContain('TRAILER!!!\0');
  });

  test('depends on the entries alone, not on their order', () => {
    expect(writeCpio([...all].reverse())).toEqual(writeCpio(all));
  });

  test.each<[string, readonly CpioEntry[], RegExp]>([
    ['a leading slash', [{ ...bin, path: '/bin' }], /'\/bin'/],
    ['a parent component', [{ ...bin, path: '../bin' }], /'\.\.'/],
    ['an empty path', [{ ...bin, path: '' }], /empty/],
    ['a name with a NUL', [{ ...bin, path: 'a\0b' }], /NUL/],
    ['the name of the trailer', [{ ...bin, path: 'TRAILER!!!' }], /end of an archive/],
    ['a path named twice', [bin, bin], /bin: named twice/],
    ['a file below no directory', [ls], /bin\/ls: bin is no directory/],
    ['a file below a file', [{ ...ls, path: 'bin' }, ls], /bin is no directory/],
    ['permissions out of range', [{ ...bin, permissions: 0o10000 }], /permissions/],
    ['a negative uid', [{ ...bin, uid: -1 }], /uid -1/],
  ])('refuses %s', (_what, entries, message) => {
    expect(() => writeCpio(entries)).toThrow(CpioError);
    expect(() => writeCpio(entries)).toThrow(message);
  });
});

const cpio = oracle('cpio', commandProbe('cpio', ['--version'], 'cpio'));

describeWithOracle(cpio, 'what cpio reads', () => {
  const run = (args: readonly string[], cwd: string): string => {
    const result = spawnSync('cpio', args, {
      cwd,
      input: writeCpio(all),
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    });
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    return result.stdout;
  };

  test('lists every entry with its type, owner, size and device numbers', () => {
    const lines = run(['-itvn', '--quiet'], '.').trimEnd().split('\n');
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'drwxr-xr-x 2 0 0 0 Jan 1 1970 bin',
      '-r-xr-xr-x 1 0 0 5 Jan 1 1970 bin/ls',
      'drwxr-xr-x 2 0 0 0 Jan 1 1970 dev',
      'crw-rw-rw- 1 0 0 2, 2 Jan 1 1970 dev/null',
      'drwxrwxrwt 2 1000 10 0 Jan 1 1970 home',
      'lrwxrwxrwx 1 0 0 7 Jan 1 1970 sh -> bin/ksh',
    ]);
  });

  test('unpacks a file with its content and permissions', () => {
    const directory = mkdtempSync(join(tmpdir(), 'cpio-test-'));
    try {
      run(['-i', '-d', '--quiet', 'bin/ls'], directory);
      expect(readFileSync(join(directory, 'bin/ls'), 'utf8')).toBe('hello');
      expect(statSync(join(directory, 'bin/ls')).mode & 0o7777).toBe(0o555);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
