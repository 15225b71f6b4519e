import { readKernelImage } from './elf-image.ts';
import { BootError } from './errors.ts';
import { HIGH_MEMORY_START, highMemoryEnd, LOW_MEMORY_END, memoryMap } from './memory-map.ts';

/** What to boot. */
export interface PvhKernel {
  /** The kernel's name in error messages, usually its path. */
  readonly name: string;
  /** The ELF file. */
  readonly bytes: Uint8Array;
  readonly commandLine: string;
  readonly initrd?: { readonly name: string; readonly bytes: Uint8Array } | undefined;
}

/** Where everything was put; all addresses are physical. */
export interface PvhPlacement {
  readonly entry: number;
  readonly startInfo: number;
  /** Present when there is an initrd: its address. */
  readonly initrd: number | undefined;
}

/** The hvm_start_info structure (Xen public headers, arch-x86/hvm/start_info.h). */
const START_INFO_MAGIC = 0x336e_c578;
const START_INFO_VERSION = 1;
const START_INFO_SIZE = 56;
const MODULE_SIZE = 32;
const MEMORY_MAP_ENTRY_SIZE = 24;

/** The boot data lies where QEMU's PVH loader leaves it. */
const MEMORY_MAP_ADDRESS = 0x5a8;
const COMMAND_LINE_ADDRESS = 0x11c0;
const COMMAND_LINE_SIZE = 0x1000;
const MODULE_LIST_ADDRESS = 0x21c0;
const START_INFO_ADDRESS = 0x21e0;
const BOOT_DATA_START = MEMORY_MAP_ADDRESS;
const BOOT_DATA_END = START_INFO_ADDRESS + START_INFO_SIZE;

/** QEMU keeps this much below the top of RAM free of the initrd, for the ACPI tables. */
const ABOVE_INITRD = 0x2_8000;
const PAGE_SIZE = 0x1000;

interface Range {
  readonly what: string;
  readonly start: number;
  /** The first byte after it. */
  readonly end: number;
}

/**
 * Loads a PVH kernel into `ram` (physical address 0 up), with its initrd as high as QEMU puts it, its command line
 * and the start-of-day structure. Nothing is written unless everything fits.
 * Throws BootError naming the file and what is wrong with it.
 */
export function loadPvhKernel(ram: Uint8Array, kernel: PvhKernel): PvhPlacement {
  const image = readKernelImage(kernel.name, kernel.bytes);
  const commandLine = encodeCommandLine(kernel);
  const ranges: Range[] = [{ what: 'the boot data', start: BOOT_DATA_START, end: BOOT_DATA_END }];
  image.segments.forEach((segment, index) => {
    const range = {
      what: `segment ${index}`,
      start: segment.physicalAddress,
      end: segment.physicalAddress + segment.memorySize,
    };
    checkUsable(kernel.name, range, ram.length);
    place(kernel.name, ranges, range);
  });
  if (
    !image.segments.some(
      (s) => image.entry >= s.physicalAddress && image.entry < s.physicalAddress + s.memorySize,
    )
  ) {
    throw new BootError(
      'outsideRam',
      kernel.name,
      `the PVH entry point ${hex(image.entry)} lies in no segment`,
    );
  }
  const initrd = placeInitrd(kernel, ranges, ram.length);

  for (const segment of image.segments) {
    ram.set(segment.bytes, segment.physicalAddress);
    ram.fill(0, segment.physicalAddress + segment.bytes.length, segment.physicalAddress + segment.memorySize);
  }
  if (kernel.initrd !== undefined && initrd !== undefined) ram.set(kernel.initrd.bytes, initrd);
  ram.fill(0, BOOT_DATA_START, BOOT_DATA_END);
  ram.set(commandLine, COMMAND_LINE_ADDRESS);
  writeStartInfo(
    ram,
    initrd === undefined ? undefined : { address: initrd, size: kernel.initrd?.bytes.length ?? 0 },
  );
  return { entry: image.entry, startInfo: START_INFO_ADDRESS, initrd };
}

function encodeCommandLine(kernel: PvhKernel): Uint8Array {
  if (kernel.commandLine.includes('\0')) {
    throw new BootError('badCommandLine', kernel.name, 'the kernel command line holds a NUL character');
  }
  const bytes = new TextEncoder().encode(kernel.commandLine);
  if (bytes.length >= COMMAND_LINE_SIZE) {
    throw new BootError(
      'commandLineTooLong',
      kernel.name,
      `the kernel command line has ${bytes.length} bytes; at most ${COMMAND_LINE_SIZE - 1} fit`,
    );
  }
  return bytes;
}

function checkUsable(file: string, range: Range, memorySize: number): void {
  const inLow = range.end <= LOW_MEMORY_END;
  const inHigh = range.start >= HIGH_MEMORY_START && range.end <= highMemoryEnd(memorySize);
  if (inLow || inHigh) return;
  throw new BootError(
    'outsideRam',
    file,
    `${range.what} needs ${span(range)}, which is not usable RAM of a machine with ${memorySize} bytes` +
      ` (${hex(0)}-${hex(LOW_MEMORY_END)}, ${hex(HIGH_MEMORY_START)}-${hex(highMemoryEnd(memorySize))});` +
      ' link it elsewhere or give the machine more memory',
  );
}

function place(file: string, ranges: Range[], range: Range): void {
  const other = ranges.find((placed) => range.start < placed.end && placed.start < range.end);
  if (other !== undefined) {
    throw new BootError(
      'overlap',
      file,
      `${range.what} at ${span(range)} overlaps ${other.what} at ${span(other)}`,
    );
  }
  ranges.push(range);
}

function placeInitrd(kernel: PvhKernel, ranges: Range[], memorySize: number): number | undefined {
  const initrd = kernel.initrd;
  if (initrd === undefined) return undefined;
  if (initrd.bytes.length === 0) throw new BootError('empty', initrd.name, 'the initrd is empty');
  const highest = memorySize - ABOVE_INITRD - 1;
  const start = Math.floor((highest - initrd.bytes.length) / PAGE_SIZE) * PAGE_SIZE;
  if (start < HIGH_MEMORY_START) {
    throw new BootError(
      'initrdTooLarge',
      initrd.name,
      `the initrd has ${initrd.bytes.length} bytes, and a machine with ${memorySize} bytes of memory has room for` +
        ` ${Math.max(0, highest - HIGH_MEMORY_START)}; give it more`,
    );
  }
  place(initrd.name, ranges, { what: 'the initrd', start, end: start + initrd.bytes.length });
  return start;
}

function writeStartInfo(ram: Uint8Array, initrd: { address: number; size: number } | undefined): void {
  const view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  const put64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
  const map = memoryMap(ram.length);

  map.forEach((entry, index) => {
    const at = MEMORY_MAP_ADDRESS + index * MEMORY_MAP_ENTRY_SIZE;
    put64(at, entry.address);
    put64(at + 8, entry.size);
    view.setUint32(at + 16, entry.type, true);
  });

  if (initrd !== undefined) {
    put64(MODULE_LIST_ADDRESS, initrd.address);
    put64(MODULE_LIST_ADDRESS + 8, initrd.size);
    // No command line of its own (+16), reserved (+24).
    view.setUint32(MODULE_LIST_ADDRESS + MODULE_SIZE - 8, 0, true);
  }

  const at = START_INFO_ADDRESS;
  view.setUint32(at, START_INFO_MAGIC, true);
  view.setUint32(at + 4, START_INFO_VERSION, true);
  // Flags (+8): none. RSDP (+32): there are no ACPI tables.
  view.setUint32(at + 12, initrd === undefined ? 0 : 1, true);
  put64(at + 16, initrd === undefined ? 0 : MODULE_LIST_ADDRESS);
  put64(at + 24, COMMAND_LINE_ADDRESS);
  put64(at + 40, MEMORY_MAP_ADDRESS);
  view.setUint32(at + 48, map.length, true);
}

function span(range: Range): string {
  return `${hex(range.start)}-${hex(range.end)}`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
