import { RSDP_ADDRESS } from './acpi/tables.ts';
import { BOOT_PARAMS_SIZE, writeBootParams } from './boot-params.ts';
import { type LinuxImage, loadAddressOf, readLinuxImage } from './linux-header.ts';
import { writeLinuxTables } from './linux-tables.ts';
import { highMemoryEnd } from './memory-map.ts';
import { type BootKernel, encodeCommandLine, type KernelPlacement, PlacementPlan } from './placement.ts';

/** Conventional memory that the loader uses, above what firmware does. */
const BOOT_PARAMS_ADDRESS = 0x1_0000;
export const TABLES_ADDRESS = BOOT_PARAMS_ADDRESS + BOOT_PARAMS_SIZE;
const COMMAND_LINE_ADDRESS = 0x2_0000;
const COMMAND_LINE_ROOM = 0x1_0000;
const BOOT_DATA_END = COMMAND_LINE_ADDRESS + COMMAND_LINE_ROOM;
/** The 64-bit entry point lies so far behind the 32-bit one (Documentation/x86/boot.rst, "64-bit Boot Protocol"). */
const LONG_MODE_ENTRY = 0x200;

/**
 * Loads a kernel of Linux's boot protocol (a bzImage) into `ram`, with boot_params, command line and initrd, ready for its
 * 64-bit entry point, or the 32-bit one when it has no other. The real-mode part is not run: what it would ask of the
 * BIOS is in boot_params. Nothing is written unless everything fits. Throws BootError.
 */
export function loadLinuxKernel(ram: Uint8Array, kernel: BootKernel): KernelPlacement {
  const image = readLinuxImage(kernel.name, kernel.bytes);
  const commandLine = encodeCommandLine(kernel, Math.min(image.commandLineSize + 1, COMMAND_LINE_ROOM));
  const plan = new PlacementPlan(ram.length);
  plan.claim(kernel.name, 'the boot data', BOOT_PARAMS_ADDRESS, BOOT_DATA_END - BOOT_PARAMS_ADDRESS);
  const start = loadAddressOf(image, highMemoryEnd(ram.length));
  plan.claim(kernel.name, 'the kernel', start, sizeInMemory(image, start));
  const initrd =
    kernel.initrd === undefined ? undefined : plan.claimInitrd(kernel.initrd, image.initrdAddressMax + 1);

  ram.set(image.code, start);
  if (kernel.initrd !== undefined && initrd !== undefined) ram.set(kernel.initrd.bytes, initrd);
  ram.fill(0, BOOT_PARAMS_ADDRESS, BOOT_DATA_END);
  ram.set(commandLine, COMMAND_LINE_ADDRESS);
  writeBootParams(ram, BOOT_PARAMS_ADDRESS, {
    header: image.header,
    commandLine: COMMAND_LINE_ADDRESS,
    initrd: initrd === undefined ? undefined : { address: initrd, size: kernel.initrd?.bytes.length ?? 0 },
    rootPointer: RSDP_ADDRESS,
  });
  writeLinuxTables(ram, TABLES_ADDRESS, image.hasLongModeEntry);
  return {
    protocol: image.hasLongModeEntry ? 'linux64' : 'linux32',
    entry: image.hasLongModeEntry ? start + LONG_MODE_ENTRY : start,
    startInfo: BOOT_PARAMS_ADDRESS,
    initrd,
  };
}

/** Bytes from where it is loaded to the end of what it needs where it will run. */
function sizeInMemory(image: LinuxImage, start: number): number {
  const runs = image.relocatable ? start : Math.max(start, image.preferredAddress);
  return Math.max(image.code.length, runs - start + image.initSize);
}
