import { type KeyRange, keyOfAddress } from './address.ts';
import type { ElfFile } from './elf.ts';
import { SHF } from './elf-constants.ts';

/**
 * Where a file has code. The linker leaves debugging information of code it dropped in place, at address 0 or another
 * mark outside all code; this tells the two apart.
 */
export class CodeRanges {
  readonly #ranges: readonly KeyRange[];

  constructor(elf: ElfFile) {
    this.#ranges = elf.sections
      .filter(({ flags }) => (flags & SHF.executable) !== 0n)
      .map(({ address, size }) => ({ low: keyOfAddress(address), high: keyOfAddress(address) + size }));
  }

  /** Whether a range begins in code that was linked. */
  holds({ low }: KeyRange): boolean {
    return this.#ranges.some((range) => low >= range.low && low < range.high);
  }
}
