import { BootError } from './errors.ts';

/** The setup header (Linux, Documentation/x86/boot.rst, "The Real-Mode Kernel Header"); offsets into the file and boot_params alike. */
export const SETUP_HEADER = 0x1f1;
const SETUP_SECTORS = 0x1f1;
const BOOT_FLAG = 0x1fe;
const BOOT_FLAG_VALUE = 0xaa55;
/** The jump's second byte: the header ends so many bytes after it. */
const JUMP_DISTANCE = 0x201;
const MAGIC = 0x202;
/** "HdrS" */
const MAGIC_VALUE = 0x5372_6448;
const VERSION = 0x206;
const LOAD_FLAGS = 0x211;
const INITRD_ADDRESS_MAX = 0x22c;
const KERNEL_ALIGNMENT = 0x230;
const RELOCATABLE = 0x234;
const EXTENDED_LOAD_FLAGS = 0x236;
const COMMAND_LINE_SIZE = 0x238;
const PREFERRED_ADDRESS = 0x258;
const INIT_SIZE = 0x260;
/** What a header of version 2.12 reaches to at least. */
const SMALLEST_FILE = 0x268;
/** The header may reach up to here in boot_params. */
const HEADER_LIMIT = 0x290;

const LOADED_HIGH = 0x01;
const HAS_64_BIT_ENTRY = 0x01;
const SECTOR = 512;
/** Zero setup sectors mean four. */
const DEFAULT_SETUP_SECTORS = 4;

/** Protocol versions that brought fields; older kernels leave other things there. */
const VERSION_COMMAND_LINE_POINTER = 0x202;
const VERSION_INITRD_MAX = 0x203;
const VERSION_RELOCATABLE = 0x205;
const VERSION_COMMAND_LINE_SIZE = 0x206;
const VERSION_PREFERRED_ADDRESS = 0x20a;
const VERSION_EXTENDED_FLAGS = 0x20c;

/** Where a bzImage is loaded that says nothing else. */
const HIGH_LOAD_ADDRESS = 0x10_0000;
const OLD_INITRD_MAX = 0x37ff_ffff;
const OLD_COMMAND_LINE_SIZE = 255;

/** A kernel image of Linux's boot protocol. */
export interface LinuxImage {
  /** Its setup header, to be copied into boot_params at `SETUP_HEADER`. */
  readonly header: Uint8Array;
  /** The protected-mode part. */
  readonly code: Uint8Array;
  readonly hasLongModeEntry: boolean;
  /** May be loaded elsewhere than at `preferredAddress`, at multiples of `alignment`. */
  readonly relocatable: boolean;
  readonly alignment: number;
  readonly preferredAddress: number;
  /** Bytes that it needs from its run-time address on before it has looked at the memory map. */
  readonly initSize: number;
  /** Highest address that a byte of the initrd may have. */
  readonly initrdAddressMax: number;
  /** Longest command line, in bytes without the NUL. */
  readonly commandLineSize: number;
}

/** Whether a file has Linux's setup header. */
export function isLinuxImage(bytes: Uint8Array): boolean {
  if (bytes.length < MAGIC + 4) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint16(BOOT_FLAG, true) === BOOT_FLAG_VALUE && view.getUint32(MAGIC, true) === MAGIC_VALUE;
}

/** Reads the setup header. Throws BootError naming `file`. */
export function readLinuxImage(file: string, bytes: Uint8Array): LinuxImage {
  if (!isLinuxImage(bytes)) throw new BootError('unknownFormat', file, 'no Linux setup header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(VERSION, true);
  if (version < VERSION_COMMAND_LINE_POINTER || ((bytes[LOAD_FLAGS] as number) & LOADED_HIGH) === 0) {
    throw new BootError(
      'unsupported',
      file,
      `a Linux image of boot protocol ${version >>> 8}.${(version & 0xff).toString().padStart(2, '0')}` +
        '; a bzImage (loaded high) of protocol 2.02 or later is expected',
    );
  }
  const codeStart = ((bytes[SETUP_SECTORS] || DEFAULT_SETUP_SECTORS) + 1) * SECTOR;
  if (bytes.length < SMALLEST_FILE || codeStart >= bytes.length) {
    throw new BootError(
      'truncated',
      file,
      `the Linux image ends before its code at offset ${codeStart} (${bytes.length} bytes)`,
    );
  }
  const code = bytes.subarray(codeStart);
  const since = <Value>(first: number, value: Value, before: Value) => (version >= first ? value : before);
  const flags = since(VERSION_EXTENDED_FLAGS, view.getUint16(EXTENDED_LOAD_FLAGS, true), 0);
  return {
    header: bytes.subarray(SETUP_HEADER, Math.min(MAGIC + (bytes[JUMP_DISTANCE] as number), HEADER_LIMIT)),
    code,
    hasLongModeEntry: (flags & HAS_64_BIT_ENTRY) !== 0,
    relocatable: since(VERSION_RELOCATABLE, bytes[RELOCATABLE] !== 0, false),
    alignment: since(VERSION_RELOCATABLE, view.getUint32(KERNEL_ALIGNMENT, true), 0) || HIGH_LOAD_ADDRESS,
    preferredAddress: since(
      VERSION_PREFERRED_ADDRESS,
      Number(view.getBigUint64(PREFERRED_ADDRESS, true)),
      HIGH_LOAD_ADDRESS,
    ),
    initSize: Math.max(code.length, since(VERSION_PREFERRED_ADDRESS, view.getUint32(INIT_SIZE, true), 0)),
    initrdAddressMax: since(VERSION_INITRD_MAX, view.getUint32(INITRD_ADDRESS_MAX, true), OLD_INITRD_MAX),
    commandLineSize: since(
      VERSION_COMMAND_LINE_SIZE,
      view.getUint32(COMMAND_LINE_SIZE, true),
      OLD_COMMAND_LINE_SIZE,
    ),
  };
}

/** Where the protected-mode part goes: where it wants to run, or the lowest place that suits it when that does not fit. */
export function loadAddressOf(image: LinuxImage, highMemoryEnd: number): number {
  if (!image.relocatable) return HIGH_LOAD_ADDRESS;
  if (image.preferredAddress + image.initSize <= highMemoryEnd) return image.preferredAddress;
  return Math.ceil(HIGH_LOAD_ADDRESS / image.alignment) * image.alignment;
}
