import type { MemoryInspector, PageTableEntry } from '../../cpu/index.ts';
import { definitions } from './table.ts';

/** The tables of 4-level paging by level, with the names of AMD's and of Intel's manual. */
const LEVELS: Readonly<Record<number, string>> = { 4: 'PML4E', 3: 'PDPE', 2: 'PDE', 1: 'PTE' };
/** Bits of an entry (AMD APM vol. 2, section 5.4). */
const BITS: readonly (readonly [bit: number, set: string, clear: string])[] = [
  [0, 'present', 'not present'],
  [1, 'writable', 'read-only'],
  [2, 'user', 'supervisor'],
  [3, 'write-through', ''],
  [4, 'cache-disabled', ''],
  [5, 'accessed', 'not accessed'],
];
const DIRTY = 6;
const LARGE = 7;
const GLOBAL = 8;
const NO_EXECUTE = 63;
const ADDRESS_MASK = 0x000f_ffff_ffff_f000n;

/** One level of a translation. */
export interface WalkStep {
  readonly level: number;
  readonly name: string;
  /** Physical address of the entry. */
  readonly address: number;
  readonly value: bigint;
  /** Its bits in words. */
  readonly flags: readonly string[];
  /** The physical address it leads to: of the next table, or of the page. */
  readonly target: bigint;
}

/** How a linear address is translated. */
export interface PageWalk {
  readonly linear: bigint;
  readonly root: bigint;
  readonly steps: readonly WalkStep[];
  readonly physical: number | undefined;
  readonly pageSize: number | undefined;
  /** Why there is no translation. */
  readonly fault: string | undefined;
}

/** Walks the page tables from `root` (CR3), changing nothing. */
export function pageWalk(inspector: MemoryInspector, linear: bigint, root: bigint): PageWalk {
  const found = inspector.within(root, () => inspector.translate(linear, { kind: 'read', user: false }));
  if (found.kind === 'non-canonical') {
    const fault = 'not canonical: bits 63 to 47 of the address differ';
    return { linear, root, steps: [], physical: undefined, pageSize: undefined, fault };
  }
  const steps = found.entries.map(walkStep);
  const isMapped = found.kind === 'mapped';
  return {
    linear,
    root,
    steps,
    physical: isMapped ? found.physical : undefined,
    pageSize: isMapped ? found.pageSize : undefined,
    fault: isMapped ? undefined : `page fault with error code ${found.errorCode}`,
  };
}

function walkStep({ level, address, value }: PageTableEntry): WalkStep {
  const isSet = (bit: number): boolean => ((value >> BigInt(bit)) & 1n) === 1n;
  const common = { level, name: LEVELS[level] ?? `level ${level}`, address, value };
  const target = value & ADDRESS_MASK;
  if (!isSet(0)) return { ...common, flags: ['not present'], target };
  const flags = BITS.map(([bit, set, clear]) => (isSet(bit) ? set : clear));
  const isLeaf = level === 1 || isSet(LARGE);
  if (isLeaf) flags.push(isSet(DIRTY) ? 'dirty' : 'clean', isSet(GLOBAL) ? 'global' : '');
  if (level > 1 && isSet(LARGE)) flags.push('large page');
  flags.push(isSet(NO_EXECUTE) ? 'no-execute' : 'executable');
  return { ...common, flags: flags.filter((flag) => flag !== ''), target };
}

export function renderPageWalk(walk: PageWalk): string {
  const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
  const steps = walk.steps.map(
    ({ name, address, value, flags }) =>
      [name, `${hex(value)} at ${hex(address)}: ${flags.join(', ')}`] as readonly [string, string],
  );
  const end: readonly [string, string] =
    walk.physical === undefined
      ? ['', walk.fault ?? 'not mapped']
      : ['physical', `${hex(walk.physical)} in a page of ${(walk.pageSize ?? 0) / 1024} KiB`];
  return definitions([['linear', hex(walk.linear)], ['CR3', hex(walk.root)], ...steps, end]);
}
