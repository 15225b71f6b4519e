import { describe, expect, test } from 'vitest';
import { type CpioEntry, CpioError, type CpioFile, writeCpio } from '../../scripts/guest/cpio.ts';
import { appendToCpio } from '../../scripts/guest/cpio-append.ts';

const decoder = new TextDecoder('latin1');

function program(path: string, content: string): CpioFile {
  return { kind: 'file', path, permissions: 0o555, data: new TextEncoder().encode(content) };
}

const bin: CpioEntry = { kind: 'directory', path: 'bin', permissions: 0o755 };
const image = writeCpio([bin, program('bin/cat', 'old cat'), program('bin/ls', 'old ls')]);

/** The names of an archive's entries, in order. */
function names(archive: Uint8Array): string[] {
  const headerAndName = /070701[0-9A-F]{104}([^\0]+)\0/g;
  return [...decoder.decode(archive).matchAll(headerAndName)].map((match) => match[1] ?? '');
}

describe('appendToCpio', () => {
  test('puts a new file at the end, before the trailer', () => {
    const archive = appendToCpio(image, [program('bin/new', 'new')]);
    expect(names(archive)).toEqual(['bin', 'bin/cat', 'bin/ls', 'bin/new', 'TRAILER!!!']);
    expect(archive.length % 512).toBe(0);
  });

  test('leaves out the earlier file of the same path', () => {
    const archive = appendToCpio(image, [program('bin/cat', 'the new cat')]);
    expect(names(archive)).toEqual(['bin', 'bin/ls', 'bin/cat', 'TRAILER!!!']);
    expect(decoder.decode(archive)).toContain('the new cat');
    expect(decoder.decode(archive)).not.toContain('old cat');
    expect(decoder.decode(archive)).toContain('old ls');
  });

  test('knows a path with a dot or slashes too many for the same', () => {
    // The same length as 'bin/ls', so that the header stays true.
    const dotted = new Uint8Array(image);
    const at = decoder.decode(image).indexOf('bin/ls');
    dotted.set(new TextEncoder().encode('./b//l'), at);
    expect(names(appendToCpio(dotted, [program('bin/x', '')]))).toContain('./b//l');
    const archive = appendToCpio(dotted, [program('b/l', 'new')]);
    expect(names(archive)).toEqual(['bin', 'bin/cat', 'b/l', 'TRAILER!!!']);
  });

  test('refuses to put a file in the place of a directory', () => {
    expect(() => appendToCpio(image, [program('bin', '')])).toThrow(CpioError);
    expect(() => appendToCpio(image, [program('bin', '')])).toThrow(/bin is a directory/);
  });

  test('refuses one path twice among the files', () => {
    expect(() => appendToCpio(image, [program('bin/a', '1'), program('bin/a', '2')])).toThrow(/named twice/);
  });
});
