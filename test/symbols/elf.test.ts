import { describe, expect, test } from 'vitest';
import {
  ElfError,
  type ElfErrorCode,
  ElfFile,
  PT,
  SHT,
  SymbolTable,
  XEN_ELFNOTE_PHYS32_ENTRY,
} from '../../emu/symbols/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc, readelf, run, workshop } from './programs.ts';

function codeOf(bytes: Uint8Array): ElfErrorCode | undefined {
  try {
    ElfFile.parse(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof ElfError) return error.code;
    throw error;
  }
}

/** A header that says ELF64, little-endian, amd64 and nothing more. */
function smallest(): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const view = new DataView(bytes.buffer);
  view.setUint16(16, 2, true);
  view.setUint16(18, 62, true);
  return { bytes, view };
}

describe('an ELF header', () => {
  test('that says too little is accepted as an empty file', () => {
    const elf = ElfFile.parse(smallest().bytes);
    expect([elf.sections, elf.segments, elf.notes, elf.buildId]).toEqual([[], [], [], undefined]);
    expect(SymbolTable.open(elf).symbols).toEqual([]);
  });

  test('is refused with the reason', () => {
    expect(codeOf(new Uint8Array(0))).toBe('truncated');
    expect(codeOf(smallest().bytes.subarray(0, 63))).toBe('truncated');
    const refusals: [ElfErrorCode, (view: DataView) => void][] = [
      ['not-elf', (view) => view.setUint8(1, 0x46)],
      ['wrong-class', (view) => view.setUint8(4, 1)],
      ['wrong-byte-order', (view) => view.setUint8(5, 2)],
      ['wrong-machine', (view) => view.setUint16(18, 3, true)],
      // Section headers far outside, and wider than a number can say.
      ['bad-offset', (view) => view.setBigUint64(40, 1n << 40n, true)],
      ['bad-offset', (view) => view.setBigUint64(40, 1n << 63n, true)],
    ];
    for (const [code, spoil] of refusals) {
      const { bytes, view } = smallest();
      view.setUint16(58, 64, true);
      view.setUint16(60, 1, true);
      spoil(view);
      expect(codeOf(bytes)).toBe(code);
    }
    const { bytes, view } = smallest();
    view.setBigUint64(32, 64n, true);
    view.setUint16(56, 1, true);
    view.setUint16(54, 12, true);
    expect(codeOf(bytes)).toBe('bad-header');
    view.setUint16(54, 56, true);
    expect(codeOf(bytes)).toBe('truncated');
  });
});

describeWithOracle([gcc, readelf], 'an ELF file', () => {
  const { build } = workshop();
  const program = build(
    'elf',
    ['main.c', 'helper.c', 'labels.S'],
    ['-g', '-O2', '-no-pie', '-Wl,--build-id=sha1'],
  );
  const { elf } = program;

  test("has readelf's sections", () => {
    const rows = run('readelf', '-S', '-W', program.path).matchAll(
      /^\s+\[ *(\d+)\] (\S*) +\S+ +([0-9a-f]{16}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) +[A-Zxop]* +(\d+) +(\d+) +(\d+)$/gm,
    );
    const theirs = Array.from(
      rows,
      ([, index, name, address, offset, size, entry, link, info, alignment]) => ({
        index: Number(index),
        name: Number(index) === 0 ? '' : name,
        address: BigInt(`0x${address}`),
        offset: Number(`0x${offset}`),
        size: Number(`0x${size}`),
        entrySize: Number(`0x${entry}`),
        link: Number(link),
        info: Number(info),
        alignment: Number(alignment),
      }),
    );
    expect(theirs.length).toBeGreaterThan(30);
    const ours = elf.sections.map(({ data, type, flags, ...rest }) => rest);
    expect(ours.slice(1)).toEqual(theirs.filter(({ index }) => index !== 0));
    expect(elf.section('.bss')).toMatchObject({ type: SHT.noBits, data: new Uint8Array(0) });
    expect(elf.sectionData('.bss')).toBeUndefined();
    expect(elf.sectionAt(elf.entry)?.name).toBe('.text');
  });

  test("has readelf's segments", () => {
    const rows = run('readelf', '-l', '-W', program.path).matchAll(
      /^ {2}[A-Z_]+ +0x([0-9a-f]+) 0x([0-9a-f]+) 0x([0-9a-f]+) 0x([0-9a-f]+) 0x([0-9a-f]+) ([R ][W ][E ]) 0x([0-9a-f]+)$/gm,
    );
    const theirs = Array.from(rows, ([, ...fields]) => fields.join(' '));
    const hex = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, '0');
    const ours = elf.segments.map((segment) => {
      const flags = `${segment.flags & 4 ? 'R' : ' '}${segment.flags & 2 ? 'W' : ' '}${segment.flags & 1 ? 'E' : ' '}`;
      const places = [
        hex(segment.offset, 6),
        hex(segment.virtualAddress, 16),
        hex(segment.physicalAddress, 16),
      ];
      const sizes = [hex(segment.fileSize, 6), hex(segment.memorySize, 6)];
      return [...places, ...sizes, flags, segment.alignment.toString(16)].join(' ');
    });
    expect(theirs.length).toBe(elf.segments.length);
    expect(ours).toEqual(theirs);
  });

  test("has readelf's notes and build-id", () => {
    const text = run('readelf', '-n', '-W', program.path);
    const theirs = Array.from(
      text.matchAll(/^ {2}(\S+) +0x([0-9a-f]{8})\t/gm),
      ([, owner, size]) => `${owner} ${Number(`0x${size}`)}`,
    );
    expect(new Set(elf.notes.map(({ owner, description }) => `${owner} ${description.length}`))).toEqual(
      new Set(theirs),
    );
    expect(elf.buildId).toBe(/Build ID: ([0-9a-f]+)/.exec(text)?.[1]);
    expect(elf.note('Xen', XEN_ELFNOTE_PHYS32_ENTRY)?.description).toEqual(
      new Uint8Array([0x20, 0x00, 0x10, 0x00]),
    );
    expect(elf.note('Xen', 17)).toBeUndefined();
  });

  test('gives memory as loaded: file bytes, then zeroes, then nothing', () => {
    const symbols = SymbolTable.open(elf);
    const everything = symbols.addressOf('everything') ?? 0n;
    expect(elf.bytesAt(everything + 16n, 6)).toEqual(new TextEncoder().encode('puffer'));
    expect(elf.bytesAt(symbols.addressOf('sink') ?? 0n, 4)).toEqual(new Uint8Array(4));
    const last = elf.segments.findLast(({ type }) => type === PT.load);
    const end = (last?.virtualAddress ?? 0n) + BigInt(last?.memorySize ?? 0);
    expect(elf.bytesAt(end - 1n, 1)).toBeDefined();
    expect(elf.bytesAt(end - 1n, 2)).toBeUndefined();
    expect(elf.bytesAt(0n, 1)).toBeUndefined();
  });

  test('with compressed debugging sections is refused where they are wanted', () => {
    const zipped = build('zipped', ['main.c', 'helper.c'], ['-g', '-O2', '-gz=zlib']);
    expect(() => zipped.elf.sectionData('.debug_info')).toThrow(
      expect.objectContaining({ code: 'compressed' }),
    );
    expect(SymbolTable.open(zipped.elf).byName('main')?.kind).toBe('function');
  });
});
