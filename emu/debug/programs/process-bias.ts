import type { Kernel, View } from '../../kernel/index.ts';
import { type ElfFile, PF, PT } from '../../symbols/index.ts';
import { type VmMapRow, vmMapRows } from '../views/vm-map.ts';

const PAGE_SIZE = 4096n;

function pageOf(address: bigint): bigint {
  return address - (address % PAGE_SIZE);
}

/**
 * What a process has added to the addresses of a position-independent file, by its memory map: the lowest place at which there is a range
 * for each of the file's segments, executable where that is. Undefined when the process has no such place. Throws KernelError.
 */
export function processBias(kernel: Kernel, process: View, elf: ElfFile): bigint | undefined {
  const segments = elf.segments.filter(({ type }) => type === PT.load);
  const [first] = segments;
  if (first === undefined) return undefined;
  const rows = vmMapRows(kernel, process);
  return rows
    .map(({ start }) => start - pageOf(first.virtualAddress))
    .find((bias) =>
      segments.every(({ virtualAddress, memorySize, flags }) => {
        const isExecutable = (flags & PF.execute) !== 0;
        const low = pageOf(virtualAddress) + bias;
        const last = pageOf(virtualAddress + BigInt(Math.max(0, memorySize - 1))) + bias;
        return [low, last].every((page) => isMapped(rows, page, isExecutable));
      }),
    );
}

function isMapped(rows: readonly VmMapRow[], page: bigint, isExecutable: boolean): boolean {
  const row = rows.find(({ start, end }) => page >= start && page < end);
  return row !== undefined && row.protection.endsWith('x') === isExecutable;
}
