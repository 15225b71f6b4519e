import { hex } from '../hexadecimal.ts';
import type { Findings } from './findings.ts';
import { tailqMembers } from './lists.ts';
import type { Structures } from './structures.ts';

export const PAGE_SIZE = 4096n;
/** uvm_map.h: the entry's amap must be copied before it is written to. */
const UVM_ET_NEEDSCOPY = 0x8;
/** sys/mman.h: the last of MAP_INHERIT_*. */
const MAP_INHERIT_ZERO = 3;

/** A range of a map. */
export interface MapEntry {
  readonly start: bigint;
  readonly end: bigint;
  /** PROT_*. */
  readonly protection: number;
  readonly needsCopy: boolean;
  /** struct vm_amap, or 0. */
  readonly amap: bigint;
  /** The amap's slot for the first page. */
  readonly firstSlot: number;
}

/** The map of a user process. */
export interface UserMap {
  /** For reports: a process that it belongs to. */
  readonly owner: string;
  /** struct vm_map. */
  readonly map: bigint;
  readonly entries: readonly MapEntry[];
}

/** Reads a map, whose entries must lie one behind the other, as many and as large as the map counts. */
export function readMap(s: Structures, map: bigint, owner: string, findings: Findings): UserMap {
  const field = (path: string) => s.field('vm_map', path);
  const place = {
    name: 'vm_map entries',
    head: map + BigInt(field('addr').offset),
    link: s.field('vm_map_entry', 'daddrs').offset,
  };
  const members = tailqMembers(s, place, findings);
  const hint = s.pointer(map, field('hint'));
  if (hint !== 0n && !members.includes(hint)) {
    findings.add('vm_map hint', `${owner}: the map's hint is ${hex(hint)}, which is none of its entries`);
  }
  const highest = s.pointer(map, field('max_offset'));
  let end = s.pointer(map, field('min_offset'));
  let size = 0n;
  const entries = members.map((at): MapEntry => {
    const entry = readEntry(s, at, owner, findings);
    if (entry.start < end || entry.end <= entry.start || entry.end > highest) {
      findings.add('vm_map entry', `${owner}: the map entry ${range(entry)} overlaps or lies outside`);
    }
    end = entry.end;
    size += entry.end - entry.start;
    return entry;
  });
  findings.compare('nentries', `${owner}: nentries`, s.number(map, field('nentries')), entries.length);
  const kept = s.pointer(map, field('size'));
  if (kept !== size) {
    findings.add('vm_map size', `${owner}: the map's size is ${kept}, its entries have ${size} bytes`);
  }
  return { owner, map, entries };
}

function readEntry(s: Structures, at: bigint, owner: string, findings: Findings): MapEntry {
  const field = (path: string) => s.field('vm_map_entry', path);
  const entry: MapEntry = {
    start: s.pointer(at, field('start')),
    end: s.pointer(at, field('end')),
    protection: s.number(at, field('protection')),
    needsCopy: (s.number(at, field('etype')) & UVM_ET_NEEDSCOPY) !== 0,
    amap: s.pointer(at, field('aref.ar_amap')),
    firstSlot: s.number(at, field('aref.ar_pageoff')),
  };
  const wrong = (what: string): void =>
    findings.add('vm_map entry', `${owner}: the map entry ${range(entry)} ${what}`);
  if ((entry.start | entry.end) % PAGE_SIZE !== 0n) wrong('is no whole pages');
  if ((entry.protection & ~s.number(at, field('max_protection'))) !== 0) wrong('permits more than it may');
  const inheritance = s.number(at, field('inheritance'));
  if (inheritance < 0 || inheritance > MAP_INHERIT_ZERO) wrong(`inherits as ${inheritance}`);
  const wired = s.number(at, field('wired_count'));
  if (wired !== 0) wrong(`is wired ${wired} times`);
  if (entry.amap === 0n && !entry.needsCopy) wrong('has neither an amap nor NEEDSCOPY');
  return entry;
}

/** For reports. */
export function range({ start, end }: MapEntry): string {
  return `${hex(start)} to ${hex(end)}`;
}
