import { SETUP_HEADER } from './linux-header.ts';
import { HIGH_MEMORY_START, highMemoryEnd, memoryMap } from './memory-map.ts';

/** boot_params, "the zero page" (Linux, Documentation/x86/zero-page.rst and boot.rst). Offsets in bytes. */
export const BOOT_PARAMS_SIZE = 4096;
/** screen_info: cursor, page, mode, columns, lines, adapter, height of a character. */
const SCREEN_EXTENDED_MEMORY = 0x002;
const SCREEN_VIDEO_MODE = 0x006;
const SCREEN_COLUMNS = 0x007;
const SCREEN_LINES = 0x00e;
const SCREEN_IS_VGA = 0x00f;
const SCREEN_POINTS = 0x010;
const ACPI_RSDP_ADDRESS = 0x070;
const ALTERNATIVE_MEMORY = 0x1e0;
const E820_ENTRIES = 0x1e8;
const E820_TABLE = 0x2d0;
const E820_ENTRY_SIZE = 20;
/** Fields of the setup header that a loader fills in. */
const VIDEO_MODE = 0x1fa;
const TYPE_OF_LOADER = 0x210;
const RAMDISK_IMAGE = 0x218;
const RAMDISK_SIZE = 0x21c;
const COMMAND_LINE_POINTER = 0x228;

/** Text mode 3 of a VGA: 80 columns, 25 lines, characters of 16 lines. */
const TEXT_MODE = 3;
const TEXT_COLUMNS = 80;
const TEXT_LINES = 25;
const TEXT_POINTS = 16;
/** `vga=normal`. */
const VIDEO_MODE_NORMAL = 0xffff;
/** A loader without a number of its own. */
const UNREGISTERED_LOADER = 0xff;
const KIB = 1024;
/** The BIOS call for extended memory counts KiB in 16 bits. */
const MOST_EXTENDED_MEMORY = 0xffff;

/** What goes into boot_params beside the kernel's own header. */
export interface BootParams {
  readonly header: Uint8Array;
  /** Physical address of the command line. */
  readonly commandLine: number;
  readonly initrd: { readonly address: number; readonly size: number } | undefined;
  /** Physical address of ACPI's root pointer. */
  readonly rootPointer: number;
}

/** Writes boot_params at a physical address. */
export function writeBootParams(ram: Uint8Array, address: number, params: BootParams): void {
  ram.fill(0, address, address + BOOT_PARAMS_SIZE);
  const view = new DataView(ram.buffer, ram.byteOffset + address, BOOT_PARAMS_SIZE);
  const highMemory = Math.floor((highMemoryEnd(ram.length) - HIGH_MEMORY_START) / KIB);

  view.setUint16(SCREEN_EXTENDED_MEMORY, Math.min(highMemory, MOST_EXTENDED_MEMORY), true);
  view.setUint8(SCREEN_VIDEO_MODE, TEXT_MODE);
  view.setUint8(SCREEN_COLUMNS, TEXT_COLUMNS);
  view.setUint8(SCREEN_LINES, TEXT_LINES);
  view.setUint8(SCREEN_IS_VGA, 1);
  view.setUint16(SCREEN_POINTS, TEXT_POINTS, true);
  view.setBigUint64(ACPI_RSDP_ADDRESS, BigInt(params.rootPointer), true);
  view.setUint32(ALTERNATIVE_MEMORY, highMemory, true);

  ram.set(params.header, address + SETUP_HEADER);
  view.setUint16(VIDEO_MODE, VIDEO_MODE_NORMAL, true);
  view.setUint8(TYPE_OF_LOADER, UNREGISTERED_LOADER);
  view.setUint32(COMMAND_LINE_POINTER, params.commandLine, true);
  view.setUint32(RAMDISK_IMAGE, params.initrd?.address ?? 0, true);
  view.setUint32(RAMDISK_SIZE, params.initrd?.size ?? 0, true);

  const map = memoryMap(ram.length);
  view.setUint8(E820_ENTRIES, map.length);
  map.forEach((entry, index) => {
    const at = E820_TABLE + index * E820_ENTRY_SIZE;
    view.setBigUint64(at, BigInt(entry.address), true);
    view.setBigUint64(at + 8, BigInt(entry.size), true);
    view.setUint32(at + 16, entry.type, true);
  });
}
