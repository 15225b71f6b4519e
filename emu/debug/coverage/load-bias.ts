import { type ElfFile, type ElfSegment, ET, keyOfAddress, PF, PT } from '../../symbols/index.ts';

const PAGE_SIZE = 4096n;
const pageOf = (address: bigint): bigint => address - (address % PAGE_SIZE);

const isCode = ({ type, flags }: ElfSegment): boolean => type === PT.load && (flags & PF.execute) !== 0;

/** What must be taken from physical addresses of a page to have those of the file; undefined when the file loads no code there. */
export function physicalBias(elf: ElfFile, page: bigint): number | undefined {
  const segment = elf.segments.find(
    ({ type, physicalAddress, memorySize }) =>
      type === PT.load && page >= pageOf(physicalAddress) && page < physicalAddress + BigInt(memorySize),
  );
  return segment && keyOfAddress(segment.physicalAddress) - keyOfAddress(segment.virtualAddress);
}

/**
 * What must be taken from linear addresses of a page of code to have those of the file that it was loaded from: 0 for one with fixed
 * addresses. Undefined when memory holds other code than the file.
 */
export function loadBias(
  elf: ElfFile,
  page: bigint,
  read: (address: bigint, size: number) => Uint8Array | undefined,
): number | undefined {
  const memory = read(page, Number(PAGE_SIZE));
  if (memory === undefined) return undefined;
  for (const segment of elf.segments.filter(isCode)) {
    const first = pageOf(segment.virtualAddress);
    const end = segment.virtualAddress + BigInt(segment.data.length);
    for (let candidate = first; candidate < end; candidate += PAGE_SIZE) {
      if (elf.type !== ET.sharedObject && candidate !== page) continue;
      if (holds(memory, segment, candidate)) return keyOfAddress(page) - keyOfAddress(candidate);
    }
  }
  return undefined;
}

/** Whether a page of memory holds what a segment has for the page at an address of the file. */
function holds(memory: Uint8Array, { virtualAddress, data }: ElfSegment, page: bigint): boolean {
  const shift = Number(page - virtualAddress);
  for (let offset = Math.max(0, -shift); offset < memory.length && offset + shift < data.length; offset++) {
    if (memory[offset] !== data[offset + shift]) return false;
  }
  return true;
}
