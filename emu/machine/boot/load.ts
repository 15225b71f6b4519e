import { isElf, readElfKernel } from './elf-image.ts';
import { BootError } from './errors.ts';
import { loadLinuxKernel } from './linux.ts';
import { isLinuxImage } from './linux-header.ts';
import { loadMultibootKernel } from './multiboot.ts';
import { findMultibootHeader } from './multiboot-header.ts';
import type { BootKernel, KernelPlacement } from './placement.ts';
import { loadPvhKernel } from './pvh.ts';
import { findPvhEntry } from './pvh-note.ts';

/**
 * Loads a kernel by the protocol that its file shows: an ELF file's PVH note goes before a Multiboot header, and that
 * before Linux's setup header. Nothing is written unless everything fits. Throws BootError.
 */
export function loadKernelFile(ram: Uint8Array, kernel: BootKernel): KernelPlacement {
  const { name, bytes } = kernel;
  if (bytes.length === 0) throw new BootError('empty', name, 'the kernel file is empty');
  const elf = isElf(bytes);
  const multiboot = findMultibootHeader(bytes) !== undefined;
  const pvh = elf && findPvhEntry(name, bytes, readElfKernel(name, bytes).notes) !== undefined;
  if ((kernel.modules?.length ?? 0) > 0 && (pvh || !multiboot)) {
    throw new BootError('unsupported', name, 'only a Multiboot kernel takes modules, and this is none');
  }
  if (pvh || (elf && !multiboot)) return loadPvhKernel(ram, kernel);
  if (multiboot) return loadMultibootKernel(ram, kernel);
  if (isLinuxImage(bytes)) return loadLinuxKernel(ram, kernel);
  throw new BootError(
    'unknownFormat',
    name,
    'neither an ELF file, nor a kernel with a Multiboot header, nor a Linux bzImage',
  );
}
