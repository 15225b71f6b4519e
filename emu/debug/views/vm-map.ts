import { decodeFlags, type Kernel, listElements, type View } from '../../kernel/index.ts';
import { table } from './table.ts';

/** `etype` of struct vm_map_entry (uvm/uvm_map.h). */
const ENTRY_TYPES = [
  [0x1, 'object'],
  [0x4, 'copy-on-write'],
  [0x8, 'needs-copy'],
  [0x10, 'hole'],
  [0x40, 'stack'],
] as const;
/** `inheritance` of struct vm_map_entry (sys/mman.h: MAP_INHERIT_*), by value. */
const INHERITANCE: readonly string[] = ['share', 'copy', 'none', 'zero'];
const PAGE_SIZE = 4096n;

/** One range of an address space. */
export interface VmMapRow {
  readonly start: bigint;
  /** Exclusive. */
  readonly end: bigint;
  /** As `rwx`, a dash for what is not allowed. */
  readonly protection: string;
  readonly maximum: string;
  readonly inheritance: string;
  readonly type: readonly string[];
  /** The amap of anonymous pages, and its references; 0 when there is none. */
  readonly amap: bigint;
  readonly amapReferences: number | undefined;
  readonly object: bigint;
}

function protectionText(bits: number): string {
  return ['r', 'w', 'x'].map((letter, bit) => ((bits >> bit) & 1 ? letter : '-')).join('');
}

/** The entries of a process's map, by address. Throws KernelError. */
export function vmMapRows(kernel: Kernel, process: View): VmMapRow[] {
  const map = process.at('ps_vmspace').member('vm_map');
  const entries = listElements(map.member('addr'), kernel.struct('vm_map_entry'), 'daddrs');
  return [...entries].map((entry) => {
    const amap = entry.pointer('aref.ar_amap');
    return {
      start: entry.integer('start'),
      end: entry.integer('end'),
      protection: protectionText(entry.number('protection')),
      maximum: protectionText(entry.number('max_protection')),
      inheritance: INHERITANCE[entry.number('inheritance')] ?? `${entry.number('inheritance')}`,
      type: decodeFlags(entry.number('etype'), ENTRY_TYPES),
      amap,
      amapReferences: amap === 0n ? undefined : entry.number('aref.ar_amap.am_ref'),
      object: entry.pointer('object.uvm_obj'),
    };
  });
}

export function renderVmMap(rows: readonly VmMapRow[]): string {
  const hex = (value: bigint): string => `0x${value.toString(16)}`;
  return table(
    ['START', 'END', 'PAGES', 'PROT', 'MAX', 'INHERIT', 'AMAP', 'OBJECT', 'TYPE'],
    rows.map((row) => [
      hex(row.start),
      hex(row.end),
      `${(row.end - row.start) / PAGE_SIZE}`,
      row.protection,
      row.maximum,
      row.inheritance,
      row.amap === 0n ? '-' : `${hex(row.amap)} x${row.amapReferences}`,
      row.object === 0n ? '-' : hex(row.object),
      row.type.join(' '),
    ]),
  );
}
