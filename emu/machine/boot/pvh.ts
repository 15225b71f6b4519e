import { RSDP_ADDRESS } from './acpi/tables.ts';
import { claimSegments, loadSegments, readElfKernel } from './elf-image.ts';
import { BootError } from './errors.ts';
import { memoryMap } from './memory-map.ts';
import { type BootKernel, encodeCommandLine, hex, type KernelPlacement, PlacementPlan } from './placement.ts';
import { findPvhEntry } from './pvh-note.ts';

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

/**
 * Loads a PVH kernel into `ram` (physical address 0 up), with its initrd as high as QEMU puts it, its command line
 * and the start-of-day structure. Nothing is written unless everything fits.
 * Throws BootError naming the file and what is wrong with it.
 */
export function loadPvhKernel(ram: Uint8Array, kernel: BootKernel): KernelPlacement {
  const image = readElfKernel(kernel.name, kernel.bytes);
  const entry = findPvhEntry(kernel.name, kernel.bytes, image.notes);
  if (entry === undefined) {
    throw new BootError(
      'noPvhNote',
      kernel.name,
      'no PVH entry point and no Multiboot header; link the kernel with a PT_NOTE segment that holds the Xen note of type 18',
    );
  }
  const commandLine = encodeCommandLine(kernel, COMMAND_LINE_SIZE);
  const plan = new PlacementPlan(ram.length);
  plan.claim(kernel.name, 'the boot data', BOOT_DATA_START, BOOT_DATA_END - BOOT_DATA_START);
  claimSegments(plan, kernel.name, image.segments);
  if (!image.segments.some((s) => entry >= s.physicalAddress && entry < s.physicalAddress + s.memorySize)) {
    throw new BootError('outsideRam', kernel.name, `the PVH entry point ${hex(entry)} lies in no segment`);
  }
  const initrd = kernel.initrd === undefined ? undefined : plan.claimInitrd(kernel.initrd);

  loadSegments(ram, image.segments);
  if (kernel.initrd !== undefined && initrd !== undefined) ram.set(kernel.initrd.bytes, initrd);
  ram.fill(0, BOOT_DATA_START, BOOT_DATA_END);
  ram.set(commandLine, COMMAND_LINE_ADDRESS);
  writeStartInfo(
    ram,
    initrd === undefined ? undefined : { address: initrd, size: kernel.initrd?.bytes.length ?? 0 },
  );
  return { protocol: 'pvh', entry, startInfo: START_INFO_ADDRESS, initrd };
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
  // Flags (+8): none.
  view.setUint32(at + 12, initrd === undefined ? 0 : 1, true);
  put64(at + 16, initrd === undefined ? 0 : MODULE_LIST_ADDRESS);
  put64(at + 24, COMMAND_LINE_ADDRESS);
  put64(at + 32, RSDP_ADDRESS);
  put64(at + 40, MEMORY_MAP_ADDRESS);
  view.setUint32(at + 48, map.length, true);
}
