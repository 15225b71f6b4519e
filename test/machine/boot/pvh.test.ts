import { describe, expect, it } from 'vitest';
import { RSDP_ADDRESS } from '../../../emu/machine/boot/acpi/tables.ts';
import { BootError } from '../../../emu/machine/boot/errors.ts';
import { loadPvhKernel } from '../../../emu/machine/boot/pvh.ts';
import { makeElf, makeKernel, makeNote, PT_LOAD, PT_NOTE, pvhNote } from '../support/kernel-file.ts';

const MIB = 2 ** 20;
const ENTRY = 0x20_0000;

function load(
  bytes: Uint8Array,
  options: { commandLine?: string; initrd?: Uint8Array; memory?: number } = {},
): { ram: Uint8Array; view: DataView; placement: ReturnType<typeof loadPvhKernel> } {
  const ram = new Uint8Array(options.memory ?? 64 * MIB);
  const placement = loadPvhKernel(ram, {
    name: 'bsd',
    bytes,
    commandLine: options.commandLine ?? '',
    initrd: options.initrd === undefined ? undefined : { name: 'initrd.cpio', bytes: options.initrd },
  });
  return { ram, view: new DataView(ram.buffer), placement };
}

/** The error of a load that must fail. */
function refusal(action: () => unknown): BootError {
  try {
    action();
  } catch (error) {
    if (error instanceof BootError) return error;
    throw error;
  }
  throw new Error('the kernel was loaded');
}

/** A sound kernel with some bytes of its file changed. */
function patched(changes: Record<number, number>): Uint8Array {
  const bytes = makeKernel({ entry: ENTRY });
  for (const [offset, value] of Object.entries(changes)) bytes[Number(offset)] = value;
  return bytes;
}

describe('the PVH loader', () => {
  it('should place segments at their physical addresses and clear what follows them', () => {
    const code = Uint8Array.of(0x90, 0xf4);
    const kernel = makeElf([
      { type: PT_LOAD, address: ENTRY, bytes: code, memorySize: 0x1000 },
      { type: PT_LOAD, address: ENTRY + 0x1000, bytes: Uint8Array.of(1, 2, 3) },
      { type: PT_NOTE, address: 0, bytes: pvhNote(ENTRY) },
    ]);
    const ram = new Uint8Array(64 * MIB).fill(0xaa);
    const placement = loadPvhKernel(ram, { name: 'bsd', bytes: kernel, commandLine: '' });
    expect(placement.entry).toBe(ENTRY);
    expect([...ram.subarray(ENTRY, ENTRY + 4)]).toEqual([0x90, 0xf4, 0, 0]);
    expect(ram[ENTRY + 0xfff]).toBe(0);
    expect([...ram.subarray(ENTRY + 0x1000, ENTRY + 0x1004)]).toEqual([1, 2, 3, 0xaa]);
  });

  it.each([4, 8] as const)(
    'should take the entry point from a note of %i bytes, after other notes',
    (size) => {
      const other = makeNote('GNU', 3, Uint8Array.of(1, 2, 3, 4, 5));
      const note = pvhNote(ENTRY, size);
      const notes = new Uint8Array(other.length + note.length);
      notes.set(other);
      notes.set(note, other.length);
      const kernel = makeElf([
        { type: PT_LOAD, address: ENTRY, bytes: Uint8Array.of(0xf4) },
        { type: PT_NOTE, address: 0, bytes: notes },
      ]);
      expect(load(kernel).placement.entry).toBe(ENTRY);
    },
  );

  it('should hand over a start-of-day structure of version 1', () => {
    const { view, placement } = load(makeKernel({ entry: ENTRY }), { initrd: new Uint8Array(5000).fill(7) });
    const at = placement.startInfo;
    expect(view.getUint32(at, true)).toBe(0x336e_c578);
    expect(view.getUint32(at + 4, true)).toBe(1);
    expect(view.getUint32(at + 12, true)).toBe(1);
    const module = Number(view.getBigUint64(at + 16, true));
    expect(Number(view.getBigUint64(module, true))).toBe(placement.initrd);
    expect(Number(view.getBigUint64(module + 8, true))).toBe(5000);
    expect(Number(view.getBigUint64(at + 32, true))).toBe(RSDP_ADDRESS);
  });

  it('should have no module without an initrd', () => {
    const { view, placement } = load(makeKernel({ entry: ENTRY }));
    expect(placement.initrd).toBeUndefined();
    expect(view.getUint32(placement.startInfo + 12, true)).toBe(0);
    expect(Number(view.getBigUint64(placement.startInfo + 16, true))).toBe(0);
  });

  it('should hand over the command line with a NUL after it', () => {
    const { ram, view, placement } = load(makeKernel({ entry: ENTRY }), { commandLine: 'seed=1 näme' });
    const at = Number(view.getBigUint64(placement.startInfo + 24, true));
    const end = ram.indexOf(0, at);
    expect(new TextDecoder().decode(ram.subarray(at, end))).toBe('seed=1 näme');
  });

  it.each([
    [64, 0x3ee_0000],
    [128, 0x7ee_0000],
  ])('should describe the memory of a machine with %i MiB', (mib, highSize) => {
    const { view, placement } = load(makeKernel({ entry: ENTRY }), { memory: mib * MIB });
    const at = Number(view.getBigUint64(placement.startInfo + 40, true));
    const entries = Array.from({ length: view.getUint32(placement.startInfo + 48, true) }, (_, index) => [
      Number(view.getBigUint64(at + 24 * index, true)),
      Number(view.getBigUint64(at + 24 * index + 8, true)),
      view.getUint32(at + 24 * index + 16, true),
    ]);
    const ram = entries.filter(([, , type]) => type === 1);
    expect(ram).toEqual([
      [0, 0x9_fc00, 1],
      [0x10_0000, highSize, 1],
    ]);
    const sorted = entries.every(
      ([start], index) => index === 0 || (start as number) >= end(entries[index - 1]),
    );
    expect(sorted).toBe(true);
  });

  function end(entry: number[] | undefined): number {
    return (entry?.[0] ?? 0) + (entry?.[1] ?? 0);
  }

  it('should put the initrd at a page below the ACPI tables', () => {
    const initrd = Uint8Array.from({ length: 5000 }, (_, index) => index & 0xff);
    const { ram, placement } = load(makeKernel({ entry: ENTRY }), { initrd });
    expect(placement.initrd).toBe(0x3fd_6000);
    expect(ram.subarray(0x3fd_6000, 0x3fd_6000 + 5000)).toEqual(initrd);
  });

  describe('refuses', () => {
    const sound = makeKernel({ entry: ENTRY });

    it.each<[string, string, Uint8Array, RegExp]>([
      ['an empty file', 'empty', new Uint8Array(), /empty/],
      ['text', 'notElf', new TextEncoder().encode('#!/bin/sh\n'), /not an ELF file/],
      ['half an ELF header', 'truncated', sound.subarray(0, 40), /within the ELF header \(40 of 64/],
      ['an ELF file of an unknown class', 'damaged', patched({ 4: 3 }), /class 3/],
      ['a big-endian ELF file', 'notLittleEndian', patched({ 5: 2 }), /big-endian/],
      ['an ELF file for AArch64', 'notAmd64', patched({ 18: 183 }), /machine 183/],
      ['a shared object', 'notExecutable', patched({ 16: 3 }), /ELF type 3/],
      ['half the program headers', 'truncated', sound.subarray(0, 100), /within its 2 program headers/],
      ['program headers of another size', 'damaged', patched({ 54: 32 }), /32 bytes/],
      ['half a segment', 'truncated', sound.subarray(0, sound.length - 1), /segment 1 goes to offset 197/],
      [
        'more in the file than in memory',
        'damaged',
        patched({ [64 + 40]: 0, [64 + 32]: 2 }),
        /segment 0 has 2/,
      ],
      [
        'no loadable segment',
        'noLoadSegment',
        makeElf([{ type: PT_NOTE, address: 0, bytes: pvhNote(ENTRY) }]),
        /nothing to load/,
      ],
      [
        'no PVH note',
        'noPvhNote',
        makeElf([{ type: PT_LOAD, address: ENTRY, bytes: Uint8Array.of(0xf4) }]),
        /PVH entry point/,
      ],
      [
        "another owner's note of type 18",
        'noPvhNote',
        makeElf([
          { type: PT_LOAD, address: ENTRY, bytes: Uint8Array.of(0xf4) },
          { type: PT_NOTE, address: 0, bytes: makeNote('Yen', 18, new Uint8Array(4)) },
        ]),
        /PVH entry point/,
      ],
      [
        'a PVH note of two bytes',
        'damaged',
        makeElf([
          { type: PT_LOAD, address: ENTRY, bytes: Uint8Array.of(0xf4) },
          { type: PT_NOTE, address: 0, bytes: makeNote('Xen', 18, new Uint8Array(2)) },
        ]),
        /holds 2 bytes/,
      ],
      [
        'a note that goes beyond its segment',
        'damaged',
        makeElf([
          { type: PT_LOAD, address: ENTRY, bytes: Uint8Array.of(0xf4) },
          { type: PT_NOTE, address: 0, bytes: pvhNote(ENTRY).subarray(0, 18) },
        ]),
        /goes beyond its segment 1/,
      ],
      [
        'an entry point outside all segments',
        'outsideRam',
        makeElf([
          { type: PT_LOAD, address: ENTRY, bytes: Uint8Array.of(0xf4) },
          { type: PT_NOTE, address: 0, bytes: pvhNote(ENTRY + 1) },
        ]),
        /entry point 0x200001 lies in no segment/,
      ],
      ['a segment beyond RAM', 'outsideRam', makeKernel({ entry: 64 * MIB }), /0x4000000-0x4000001/],
      [
        'a segment that ends beyond RAM',
        'outsideRam',
        makeKernel({ entry: ENTRY, memorySize: 64 * MIB }),
        /segment 0/,
      ],
      ['a segment in video memory', 'outsideRam', makeKernel({ entry: 0xa_0000 }), /0xa0000-0xa0001/],
      ['a segment in the boot data', 'overlap', makeKernel({ entry: 0x2000 }), /overlaps the boot data/],
      [
        'overlapping segments',
        'overlap',
        makeElf([
          { type: PT_LOAD, address: ENTRY, bytes: new Uint8Array(16) },
          { type: PT_LOAD, address: ENTRY + 15, bytes: new Uint8Array(16) },
          { type: PT_NOTE, address: 0, bytes: pvhNote(ENTRY) },
        ]),
        /segment 1 .* overlaps segment 0/,
      ],
    ])('%s', (_, code, bytes, message) => {
      const error = refusal(() => load(bytes));
      expect(error.code).toBe(code);
      expect(error.file).toBe('bsd');
      expect(error.message).toMatch(/^bsd: /);
      expect(error.message).toMatch(message);
    });

    it.each<[string, string, Parameters<typeof load>[1], string]>([
      ['an empty initrd', 'empty', { initrd: new Uint8Array() }, 'initrd.cpio'],
      ['an initrd larger than RAM', 'initrdTooLarge', { initrd: new Uint8Array(64 * MIB) }, 'initrd.cpio'],
      ['an initrd over the kernel', 'overlap', { initrd: new Uint8Array(62 * MIB) }, 'initrd.cpio'],
      ['a command line of 4096 bytes', 'commandLineTooLong', { commandLine: 'x'.repeat(4096) }, 'bsd'],
      ['a command line with a NUL', 'badCommandLine', { commandLine: 'a\0b' }, 'bsd'],
    ])('%s', (_, code, options, file) => {
      const error = refusal(() => load(sound, options));
      expect([error.code, error.file]).toEqual([code, file]);
    });

    it('and leaves RAM as it was', () => {
      const ram = new Uint8Array(4 * MIB);
      const initrd = { name: 'initrd', bytes: new Uint8Array(4 * MIB) };
      refusal(() => loadPvhKernel(ram, { name: 'bsd', bytes: sound, commandLine: 'x', initrd }));
      expect(ram.every((byte) => byte === 0)).toBe(true);
    });
  });

  it('should take a command line of 4095 bytes', () => {
    const { ram, view, placement } = load(makeKernel({ entry: ENTRY }), { commandLine: 'x'.repeat(4095) });
    const at = Number(view.getBigUint64(placement.startInfo + 24, true));
    expect(ram.indexOf(0, at) - at).toBe(4095);
  });
});
