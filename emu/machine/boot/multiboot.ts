import { claimSegments, loadSegments } from './elf-image.ts';
import { BootError } from './errors.ts';
import { HIGH_MEMORY_START, highMemoryEnd, LOW_MEMORY_END, memoryMap } from './memory-map.ts';
import { findMultibootHeader, readMultiboot } from './multiboot-header.ts';
import { claimModules, loadModules, MODULES_SIZE } from './multiboot-modules.ts';
import {
  type BootKernel,
  encodeCommandLine,
  type KernelPlacement,
  lastName,
  PlacementPlan,
} from './placement.ts';

/** The information structure (Multiboot Specification 0.6.96, section 3.3). */
const FLAG_MEMORY = 1 << 0;
const FLAG_COMMAND_LINE = 1 << 2;
const FLAG_MODULES = 1 << 3;
const FLAG_MEMORY_MAP = 1 << 6;
const FLAG_LOADER_NAME = 1 << 9;
const MEMORY_MAP_ENTRY_SIZE = 24;
const LOADER_NAME = 'puffer';

/** Where the information and what it points to lie: below the kernel, and above what firmware uses. */
const INFO_ADDRESS = 0x9000;
const LOADER_NAME_ADDRESS = INFO_ADDRESS + 0x80;
const MEMORY_MAP_ADDRESS = INFO_ADDRESS + 0x100;
const MODULES_ADDRESS = INFO_ADDRESS + 0x400;
const COMMAND_LINE_ADDRESS = MODULES_ADDRESS + MODULES_SIZE;
const COMMAND_LINE_SIZE = 0x1000;
const BOOT_DATA_END = COMMAND_LINE_ADDRESS + COMMAND_LINE_SIZE;

const KIB = 1024;

/**
 * Loads a Multiboot kernel into `ram` with its command line, after the file's own name, its modules, and its initrd as
 * the last of them, behind the kernel. Nothing is written unless everything fits. Throws BootError.
 */
export function loadMultibootKernel(ram: Uint8Array, kernel: BootKernel): KernelPlacement {
  const header = findMultibootHeader(kernel.bytes);
  if (header === undefined) {
    throw new BootError('unknownFormat', kernel.name, 'no Multiboot header in the first 8 KiB');
  }
  const image = readMultiboot(kernel.name, kernel.bytes, header);
  const commandLine = encodeCommandLine(withFileName(kernel), COMMAND_LINE_SIZE);
  const plan = new PlacementPlan(ram.length);
  plan.claim(kernel.name, 'the boot data', INFO_ADDRESS, BOOT_DATA_END - INFO_ADDRESS);
  claimSegments(plan, kernel.name, image.segments);
  const placed = claimModules(plan, kernel, image.segments);

  loadSegments(ram, image.segments);
  ram.fill(0, INFO_ADDRESS, BOOT_DATA_END);
  ram.set(commandLine, COMMAND_LINE_ADDRESS);
  writeInformation(ram, loadModules(ram, MODULES_ADDRESS, placed));
  return { protocol: 'multiboot', entry: image.entry, startInfo: INFO_ADDRESS, initrd: placed.initrd };
}

/** The command line begins with the kernel's name, as Multiboot loaders have it. */
function withFileName(kernel: BootKernel): BootKernel {
  const commandLine = `${lastName(kernel.name)} ${kernel.commandLine}`.trimEnd();
  return { ...kernel, commandLine };
}

function writeInformation(ram: Uint8Array, moduleCount: number): void {
  const view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  const map = memoryMap(ram.length);
  map.forEach((entry, index) => {
    const at = MEMORY_MAP_ADDRESS + index * MEMORY_MAP_ENTRY_SIZE;
    // The size does not count its own field.
    view.setUint32(at, MEMORY_MAP_ENTRY_SIZE - 4, true);
    view.setBigUint64(at + 4, BigInt(entry.address), true);
    view.setBigUint64(at + 12, BigInt(entry.size), true);
    view.setUint32(at + 20, entry.type, true);
  });
  ram.set(new TextEncoder().encode(LOADER_NAME), LOADER_NAME_ADDRESS);

  const put = (offset: number, value: number) => view.setUint32(INFO_ADDRESS + offset, value, true);
  put(0, FLAG_MEMORY | FLAG_COMMAND_LINE | FLAG_MODULES | FLAG_MEMORY_MAP | FLAG_LOADER_NAME);
  put(4, Math.floor(LOW_MEMORY_END / KIB));
  put(8, Math.floor((highMemoryEnd(ram.length) - HIGH_MEMORY_START) / KIB));
  put(16, COMMAND_LINE_ADDRESS);
  put(20, moduleCount);
  put(24, moduleCount === 0 ? 0 : MODULES_ADDRESS);
  put(44, map.length * MEMORY_MAP_ENTRY_SIZE);
  put(48, MEMORY_MAP_ADDRESS);
  put(64, LOADER_NAME_ADDRESS);
}
