import { BootError } from './errors.ts';
import { HIGH_MEMORY_START, highMemoryEnd, LOW_MEMORY_END } from './memory-map.ts';

/** A kernel file with what is handed to it. */
export interface BootKernel {
  /** The kernel's name in error messages, usually its path. */
  readonly name: string;
  /** The file. */
  readonly bytes: Uint8Array;
  readonly commandLine: string;
  readonly initrd?: BootFile | undefined;
  /** Further files for a kernel that takes them (Multiboot), before the initrd. */
  readonly modules?: readonly BootModule[] | undefined;
}

/** An initrd or module, named in error messages. */
export interface BootFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A module, with what follows its name in its string. */
export interface BootModule extends BootFile {
  readonly commandLine?: string | undefined;
}

/** How a kernel is entered. */
export type BootProtocol = 'pvh' | 'multiboot' | 'linux32' | 'linux64';

/** Where a kernel was put; all addresses are physical. */
export interface KernelPlacement {
  readonly protocol: BootProtocol;
  readonly entry: number;
  /** The protocol's structure: hvm_start_info, the Multiboot information, or boot_params. */
  readonly startInfo: number;
  /** Present when there is an initrd: its address. */
  readonly initrd: number | undefined;
}

/** QEMU keeps this much below the top of RAM free of the initrd, for the ACPI tables. */
const ABOVE_INITRD = 0x2_8000;
const PAGE_SIZE = 0x1000;

interface Range {
  readonly what: string;
  readonly start: number;
  /** The first byte after it. */
  readonly end: number;
}

/** What will lie where in RAM: everything gets its place before the first byte is written. */
export class PlacementPlan {
  readonly #memorySize: number;
  readonly #ranges: Range[] = [];

  constructor(memorySize: number) {
    this.#memorySize = memorySize;
  }

  /** Takes a place for something of `file`. Throws BootError 'outsideRam' or 'overlap'. */
  claim(file: string, what: string, start: number, size: number): void {
    const range = { what, start, end: start + size };
    this.#checkUsable(file, range);
    this.#place(file, range);
  }

  /**
   * Takes the highest page-aligned place that leaves room for the ACPI tables and lies below `limit`; returns its address.
   * Throws BootError 'empty', 'initrdTooLarge' or 'overlap'.
   */
  claimInitrd(initrd: BootFile, limit = Number.MAX_SAFE_INTEGER): number {
    const { bytes, name } = initrd;
    if (bytes.length === 0) throw new BootError('empty', name, 'the initrd is empty');
    const highest = Math.min(this.#memorySize - ABOVE_INITRD - 1, limit);
    const start = Math.floor((highest - bytes.length) / PAGE_SIZE) * PAGE_SIZE;
    if (start < HIGH_MEMORY_START) {
      throw new BootError(
        'initrdTooLarge',
        name,
        `the initrd has ${bytes.length} bytes, and a machine with ${this.#memorySize} bytes of memory has room for` +
          ` ${Math.max(0, highest - HIGH_MEMORY_START)}; give it more`,
      );
    }
    this.#place(name, { what: 'the initrd', start, end: start + bytes.length });
    return start;
  }

  #checkUsable(file: string, range: Range): void {
    const highEnd = highMemoryEnd(this.#memorySize);
    const inLow = range.end <= LOW_MEMORY_END;
    const inHigh = range.start >= HIGH_MEMORY_START && range.end <= highEnd;
    if (inLow || inHigh) return;
    throw new BootError(
      'outsideRam',
      file,
      `${range.what} needs ${span(range)}, which is not usable RAM of a machine with ${this.#memorySize} bytes` +
        ` (${hex(0)}-${hex(LOW_MEMORY_END)}, ${hex(HIGH_MEMORY_START)}-${hex(highEnd)});` +
        ' link it elsewhere or give the machine more memory',
    );
  }

  #place(file: string, range: Range): void {
    const other = this.#ranges.find((placed) => range.start < placed.end && placed.start < range.end);
    if (other !== undefined) {
      throw new BootError(
        'overlap',
        file,
        `${range.what} at ${span(range)} overlaps ${other.what} at ${span(other)}`,
      );
    }
    this.#ranges.push(range);
  }
}

/**
 * The command line's bytes, without a NUL. `room`: how many the protocol takes, the NUL included.
 * Throws BootError 'badCommandLine' or 'commandLineTooLong'.
 */
export function encodeCommandLine(kernel: BootKernel, room: number): Uint8Array {
  if (kernel.commandLine.includes('\0')) {
    throw new BootError('badCommandLine', kernel.name, 'the kernel command line holds a NUL character');
  }
  const bytes = new TextEncoder().encode(kernel.commandLine);
  if (bytes.length >= room) {
    throw new BootError(
      'commandLineTooLong',
      kernel.name,
      `the kernel command line has ${bytes.length} bytes; at most ${room - 1} fit`,
    );
  }
  return bytes;
}

function span(range: Range): string {
  return `${hex(range.start)}-${hex(range.end)}`;
}

/** An address as messages show it. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A path's last component: where a file lies on the host is nothing for the guest to see. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
