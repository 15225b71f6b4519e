import { describe, expect, it } from 'vitest';
import { BootError } from '../../../emu/machine/boot/errors.ts';
import { loadKernelFile } from '../../../emu/machine/boot/load.ts';
import type { KernelPlacement } from '../../../emu/machine/boot/placement.ts';
import { makeElf, makeKernel, PT_LOAD } from '../support/kernel-file.ts';

const MIB = 2 ** 20;
const ENTRY = 0x20_0000;
const HEADER_MAGIC = 0x1bad_b002;

interface Options {
  readonly commandLine?: string;
  readonly initrd?: Uint8Array;
  readonly memory?: number;
  readonly modules?: number;
}

function load(bytes: Uint8Array, options: Options = {}): { view: DataView; placement: KernelPlacement } {
  const ram = new Uint8Array(options.memory ?? 64 * MIB);
  const placement = loadKernelFile(ram, {
    name: 'kernel',
    bytes,
    commandLine: options.commandLine ?? '',
    initrd: options.initrd === undefined ? undefined : { name: 'initrd', bytes: options.initrd },
    modules: Array.from({ length: options.modules ?? 0 }, (_, index) => ({
      name: `module${index}`,
      bytes: Uint8Array.of(index),
    })),
  });
  return { view: new DataView(ram.buffer), placement };
}

function refusal(action: () => unknown): BootError {
  try {
    action();
  } catch (error) {
    if (error instanceof BootError) return error;
    throw error;
  }
  throw new Error('the kernel was loaded');
}

/** A file that begins with 32-bit values. */
function words(values: readonly number[], size = 4 * values.length): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setUint32(4 * index, value >>> 0, true);
  });
  return bytes;
}

/** A Multiboot header, with address fields after it when there are any. */
function multiboot(flags: number, addresses: readonly number[] = [], size = 64): Uint8Array {
  return words([HEADER_MAGIC, flags, -(HEADER_MAGIC + flags), ...addresses], size);
}

interface LinuxFields {
  readonly version?: number;
  readonly loadFlags?: number;
  readonly relocatable?: number;
  readonly alignment?: number;
  readonly extendedLoadFlags?: number;
  readonly commandLineSize?: number;
  readonly preferredAddress?: number;
  readonly initSize?: number;
  readonly initrdAddressMax?: number;
}

/** A Linux image of one setup sector and 1 KiB of code that begins with 0xc0de. */
function linux(fields: LinuxFields = {}): Uint8Array {
  const bytes = new Uint8Array(2 * 512 + 1024);
  const view = new DataView(bytes.buffer);
  bytes[0x1f1] = 1;
  view.setUint16(0x1fe, 0xaa55, true);
  view.setUint16(0x200, 0x6aeb, true);
  bytes.set(new TextEncoder().encode('HdrS'), 0x202);
  view.setUint16(0x206, fields.version ?? 0x20f, true);
  bytes[0x211] = fields.loadFlags ?? 1;
  view.setUint32(0x22c, fields.initrdAddressMax ?? 0x7fff_ffff, true);
  view.setUint32(0x230, fields.alignment ?? 0x20_0000, true);
  bytes[0x234] = fields.relocatable ?? 1;
  view.setUint16(0x236, fields.extendedLoadFlags ?? 1, true);
  view.setUint32(0x238, fields.commandLineSize ?? 2047, true);
  view.setBigUint64(0x258, BigInt(fields.preferredAddress ?? 0x100_0000), true);
  view.setUint32(0x260, fields.initSize ?? 0x1_0000, true);
  view.setUint16(1024, 0xc0de, true);
  return bytes;
}

describe('the kind of kernel', () => {
  it('should be PVH when an ELF file has the note, whatever else it has', () => {
    const both = makeKernel({ entry: ENTRY, code: multiboot(0) });
    expect(load(both).placement.protocol).toBe('pvh');
  });

  it('should be Multiboot for an ELF file with a header and no note', () => {
    const kernel = makeElf([{ type: PT_LOAD, address: ENTRY, bytes: multiboot(0) }]);
    expect(() => load(kernel)).toThrow(/entry point 0x0 lies in no segment/);
  });

  it.each([
    ['a file of text', 'unknownFormat', new TextEncoder().encode('#!/bin/sh\n')],
    ['a header with a wrong checksum', 'unknownFormat', words([HEADER_MAGIC, 0, 1], 64)],
    ['a header beyond 8 KiB', 'unknownFormat', shifted(multiboot(0), 8192)],
    ['a boot sector without HdrS', 'unknownFormat', words([], 1024).fill(0x55)],
    ['an empty file', 'empty', new Uint8Array()],
  ])('should be none for %s', (_, code, bytes) => {
    expect(refusal(() => load(bytes)).code).toBe(code);
  });

  function shifted(bytes: Uint8Array, distance: number): Uint8Array {
    const file = new Uint8Array(distance + bytes.length);
    file.set(bytes, distance);
    return file;
  }
});

describe('the Multiboot loader', () => {
  const ADDRESSES = 1 << 16;

  it('should load to the end of the file when the header gives no end, and clear up to the end of bss', () => {
    const file = multiboot(ADDRESSES, [ENTRY, ENTRY, 0, ENTRY + 0x1000, ENTRY + 32], 100).fill(0xab, 32);
    const ram = new Uint8Array(8 * MIB).fill(0xee);
    const placement = loadKernelFile(ram, { name: 'kernel', bytes: file, commandLine: '' });
    expect(placement).toMatchObject({ protocol: 'multiboot', entry: ENTRY + 32 });
    expect([ram[ENTRY + 99], ram[ENTRY + 100], ram[ENTRY + 0xfff], ram[ENTRY + 0x1000]]).toEqual([
      0xab, 0, 0, 0xee,
    ]);
  });

  it.each<[string, string, Uint8Array, RegExp]>([
    ['a requirement it does not know', 'unsupported', multiboot(1 << 5), /flags 0x20/],
    ['neither ELF nor address fields', 'damaged', multiboot(0), /no address fields/],
    [
      'address fields that contradict each other',
      'damaged',
      multiboot(ADDRESSES, [ENTRY, ENTRY + 4, 0, 0, ENTRY]),
      /contradict/,
    ],
    [
      'fewer bytes than promised',
      'truncated',
      multiboot(ADDRESSES, [ENTRY, ENTRY, ENTRY + 65, 0, ENTRY]),
      /65 bytes/,
    ],
    [
      'an entry point elsewhere',
      'outsideRam',
      multiboot(ADDRESSES, [ENTRY, ENTRY, 0, 0, ENTRY + 64]),
      /entry point 0x200040/,
    ],
    [
      'a place where the information goes',
      'overlap',
      multiboot(ADDRESSES, [0x9000, 0x9000, 0, 0, 0x9000]),
      /the boot data/,
    ],
  ])('should refuse %s', (_, code, bytes, message) => {
    const error = refusal(() => load(bytes));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('should refuse more modules than its list has room for', () => {
    const kernel = multiboot(ADDRESSES, [ENTRY, ENTRY, 0, 0, ENTRY]);
    expect(load(kernel, { modules: 16 }).placement.initrd).toBeUndefined();
    expect(refusal(() => load(kernel, { modules: 17 })).message).toMatch(/at most 16 modules/);
  });

  it.each([
    ['a PVH kernel', makeKernel({ entry: ENTRY })],
    ['a Linux image', linux()],
  ])('should leave no module unused by %s', (_, kernel) => {
    expect(refusal(() => load(kernel, { modules: 1 })).code).toBe('unsupported');
  });

  it('should refuse a module that does not fit behind the kernel', () => {
    const kernel = multiboot(ADDRESSES, [ENTRY, ENTRY, 0, 0, ENTRY]);
    const error = refusal(() => load(kernel, { initrd: new Uint8Array(6 * MIB), memory: 8 * MIB }));
    expect([error.code, error.file]).toEqual(['outsideRam', 'initrd']);
  });
});

describe('the Linux loader', () => {
  it('should load a kernel where it wants to run, and enter it 0x200 behind', () => {
    const { view, placement } = load(linux());
    expect(placement).toMatchObject({ protocol: 'linux64', entry: 0x100_0200 });
    expect(view.getUint16(0x100_0000, true)).toBe(0xc0de);
  });

  it('should load a relocatable kernel lower when it does not fit where it wants to run', () => {
    expect(load(linux(), { memory: 16 * MIB }).placement.entry).toBe(0x20_0200);
  });

  it('should load one that is not relocatable at 1 MiB, and keep free what it will run in', () => {
    const kernel = linux({ relocatable: 0, preferredAddress: 0x40_0000, initSize: 0x10_0000 });
    expect(load(kernel).placement.entry).toBe(0x10_0200);
    expect(refusal(() => load(kernel, { memory: 5 * MIB })).code).toBe('outsideRam');
  });

  it('should take the 32-bit entry point of a kernel without a 64-bit one, or too old to say', () => {
    expect(load(linux({ extendedLoadFlags: 0 })).placement).toMatchObject({
      protocol: 'linux32',
      entry: 0x100_0000,
    });
    expect(load(linux({ version: 0x20b })).placement.protocol).toBe('linux32');
  });

  it('should put the initrd below the address that the kernel allows', () => {
    const initrd = Uint8Array.of(1, 2, 3);
    const { view, placement } = load(linux({ initrdAddressMax: 0x1ff_ffff }), { initrd });
    expect(placement.initrd).toBe(0x1ff_f000);
    expect(view.getUint32(placement.startInfo + 0x218, true)).toBe(0x1ff_f000);
    expect(view.getUint32(placement.startInfo + 0x21c, true)).toBe(3);
  });

  it('should describe the text screen and clear what the header does not cover', () => {
    const { view, placement } = load(linux(), { commandLine: 'quiet' });
    const at = placement.startInfo;
    expect([view.getUint8(at + 6), view.getUint8(at + 7), view.getUint8(at + 0xe)]).toEqual([3, 80, 25]);
    expect(view.getUint8(at + 0x1ef)).toBe(0);
    expect(view.getUint8(at + 0x210)).toBe(0xff);
    // ACPI's root pointer, in the BIOS area.
    expect(Number(view.getBigUint64(at + 0x70, true)) >>> 16).toBe(0xf);
    const commandLine = view.getUint32(at + 0x228, true);
    expect(String.fromCharCode(...new Uint8Array(view.buffer, commandLine, 6))).toBe('quiet\0');
  });

  it.each<[string, string, Uint8Array, Options, RegExp]>([
    ['a zImage', 'unsupported', linux({ loadFlags: 0 }), {}, /loaded high/],
    ['boot protocol 2.01', 'unsupported', linux({ version: 0x201 }), {}, /protocol 2\.01/],
    ['an image without code', 'truncated', linux().subarray(0, 1024), {}, /offset 1024/],
    ['more memory needed than there is', 'outsideRam', linux({ initSize: 80 * MIB }), {}, /the kernel needs/],
    [
      'a long command line',
      'commandLineTooLong',
      linux({ commandLineSize: 9 }),
      { commandLine: '0123456789' },
      /at most 9/,
    ],
    [
      'an initrd over the kernel',
      'overlap',
      linux(),
      { initrd: new Uint8Array(50 * MIB) },
      /overlaps the kernel/,
    ],
  ])('should refuse %s', (_, code, bytes, options, message) => {
    const error = refusal(() => load(bytes, options));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});
