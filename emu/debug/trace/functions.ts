import { KERNEL_HALF, type KernelImage } from '../../kernel/index.ts';
import type { Program } from '../programs/program.ts';
import { TraceError } from './errors.ts';

/** A function of the kernel that can be traced. */
export interface KernelFunction {
  readonly name: string;
  readonly address: bigint;
  /** Exclusive. */
  readonly end: bigint;
}

/** A function that is traced: the kernel's, or a user program's, whose name `ksh:main` then begins with the program's. */
export interface TracedFunction extends KernelFunction {
  readonly program?: Program | undefined;
}

/** What is traced when nobody says: how a process is made, runs another program, ends and is waited for. */
export const DEFAULT_FUNCTIONS: readonly string[] = [
  'sys_fork',
  'sys_vfork',
  'sys___tfork',
  'fork1',
  'fork_*',
  'thread_*',
  'process_*',
  'uvm_uarea_alloc',
  'uvmspace_fork',
  'cpu_fork',
  'child_return',
  'sys_execve',
  'exit1',
  'dowait4',
];

/** So many names are offered for one that is unknown. */
const OFFERS = 3;

/** All functions of the kernel by their symbols, in the order of their addresses. */
export function kernelFunctions(image: KernelImage): KernelFunction[] {
  const all = functionsOf(image);
  const upper = all.filter(({ address }) => address >= KERNEL_HALF);
  // Our kernel's start-up code lies low; another's may all do.
  return upper.length === 0 ? all : upper;
}

/** All functions of a program by their symbols, in the order of their addresses. */
export function functionsOf(image: KernelImage): KernelFunction[] {
  const byAddress = new Map<bigint, KernelFunction>();
  for (const { name, kind, address, size } of image.symbols.symbols) {
    if (kind !== 'function' || byAddress.has(address)) continue;
    byAddress.set(address, { name, address, end: address + BigInt(size) });
  }
  return [...byAddress.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The functions that globs (`*`, `?`) name. Throws TraceError 'unknown-function' for one that names none, with names that are near. */
export function chooseFunctions(
  functions: readonly KernelFunction[],
  globs: readonly string[],
): KernelFunction[] {
  const chosen = new Set<KernelFunction>();
  for (const glob of globs) {
    const pattern = globPattern(glob);
    const found = functions.filter(({ name }) => pattern.test(name));
    if (found.length === 0)
      throw new TraceError('unknown-function', unknownFunction(functions, glob, 'kernel'));
    for (const one of found) chosen.add(one);
  }
  return functions.filter((one) => chosen.has(one));
}

/** A glob as a pattern for whole names. */
export function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

/** The place, in a list by address, of the function that an address lies in. */
export function findFunction(functions: readonly KernelFunction[], address: bigint): number | undefined {
  let low = 0;
  let high = functions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((functions[middle] as KernelFunction).address <= address) low = middle + 1;
    else high = middle;
  }
  const found = functions[low - 1];
  return found !== undefined && address < found.end ? low - 1 : undefined;
}

/** What is said of a name that none of the functions of something has: with names that are near. */
export function unknownFunction(functions: readonly KernelFunction[], glob: string, whose: string): string {
  const near = nearNames(
    functions.map(({ name }) => name),
    glob.replace(/[*?]/g, ''),
  );
  const offer = near.length === 0 ? '' : `; near it: ${near.join(', ')}`;
  return `the ${whose} has no function '${glob}'${offer}`;
}

/** The names that are likest to another one, the nearest first: those that have it in them, or differ in few characters. */
export function nearNames(names: readonly string[], plain: string): string[] {
  return names
    .map((name) => ({ name, distance: name.includes(plain) ? 0 : editDistance(plain, name) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(plain.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length)
    .slice(0, OFFERS)
    .map(({ name }) => name);
}

/** How many characters must be put in, taken out or replaced to make one name of the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
