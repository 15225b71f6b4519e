import type { LoadSegment } from './elf-image.ts';
import { BootError } from './errors.ts';
import { HIGH_MEMORY_START } from './memory-map.ts';
import { type BootKernel, type BootModule, lastName, type PlacementPlan } from './placement.ts';

/** A module's entry in the list (Multiboot Specification 0.6.96, section 3.3): start, end, string, reserved. */
const ENTRY_SIZE = 16;
const MOST_MODULES = 16;
const STRINGS_SIZE = 0x800;
const PAGE_SIZE = 4096;

/** Bytes of the list, and of the strings behind it. */
export const MODULES_SIZE = MOST_MODULES * ENTRY_SIZE + STRINGS_SIZE;

/** Modules with their strings and addresses. */
export interface PlacedModules {
  readonly modules: readonly {
    readonly start: number;
    readonly bytes: Uint8Array;
    readonly text: Uint8Array;
  }[];
  /** Address of the initrd, which is the last module. */
  readonly initrd: number | undefined;
}

/**
 * Gives the modules and the initrd page-aligned places behind the kernel and each other: small kernels map only what is near.
 * Throws BootError.
 */
export function claimModules(
  plan: PlacementPlan,
  kernel: BootKernel,
  segments: readonly LoadSegment[],
): PlacedModules {
  const files: readonly BootModule[] = [...(kernel.modules ?? []), ...(kernel.initrd ? [kernel.initrd] : [])];
  let end = Math.max(
    HIGH_MEMORY_START,
    ...segments.map(({ physicalAddress, memorySize }) => physicalAddress + memorySize),
  );
  let room = STRINGS_SIZE;
  const modules = files.map((file) => {
    const what = file === kernel.initrd ? 'the initrd' : 'the module';
    if (file.bytes.length === 0) throw new BootError('empty', file.name, `${what} is empty`);
    const start = Math.ceil(end / PAGE_SIZE) * PAGE_SIZE;
    end = start + file.bytes.length;
    plan.claim(file.name, what, start, file.bytes.length);
    const text = new TextEncoder().encode(`${lastName(file.name)} ${file.commandLine ?? ''}`.trimEnd());
    room -= text.length + 1;
    return { start, bytes: file.bytes, text };
  });
  if (modules.length > MOST_MODULES || room < 0) {
    throw new BootError(
      'unsupported',
      kernel.name,
      `at most ${MOST_MODULES} modules, with names and arguments of ${STRINGS_SIZE} bytes, can be handed over`,
    );
  }
  return { modules, initrd: kernel.initrd === undefined ? undefined : modules.at(-1)?.start };
}

/** Loads the modules and writes their list at an address, where all is zero; returns how many there are. */
export function loadModules(ram: Uint8Array, list: number, { modules }: PlacedModules): number {
  const view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  let string = list + MOST_MODULES * ENTRY_SIZE;
  modules.forEach(({ start, bytes, text }, index) => {
    const at = list + index * ENTRY_SIZE;
    ram.set(bytes, start);
    ram.set(text, string);
    view.setUint32(at, start, true);
    view.setUint32(at + 4, start + bytes.length, true);
    view.setUint32(at + 8, string, true);
    string += text.length + 1;
  });
  return modules.length;
}
