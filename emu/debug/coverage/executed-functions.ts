import type { KernelImage } from '../../kernel/index.ts';
import { keyOfAddress } from '../../symbols/index.ts';
import type { CoverageData } from './execution-data.ts';

const KERNEL = 'kernel';

/** The functions of the kernel that ran at all, by their symbols, sorted: cheap, for it reads no debugging information. */
export function executedFunctions(data: CoverageData, image: KernelImage): string[] {
  const keys = [...data.programs]
    .filter(({ name }) => name === KERNEL)
    .flatMap((program) => [...program.instructions()].map(({ key }) => key))
    .sort((a, b) => a - b);
  const names = new Set<string>();
  for (const { name, kind, address, size } of image.symbols.symbols) {
    if (kind !== 'function') continue;
    const low = keyOfAddress(address);
    const first = keys[firstNotBelow(keys, low)];
    if (first !== undefined && first < low + Math.max(size, 1)) names.add(name);
  }
  return [...names].sort();
}

/** The index of the first of some ascending keys that is not below one. */
function firstNotBelow(keys: readonly number[], key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
