import { hex } from '../hexadecimal.ts';
import type { Census } from './census.ts';
import { type Findings, refer } from './findings.ts';
import { tailqMembers } from './lists.ts';
import { PageTables, PTE } from './page-tables.ts';
import { nameOf } from './processes.ts';
import type { Structures } from './structures.ts';

const PAGE_SIZE = 4096n;
const POINTER_SIZE = 8;
const CHUNK_SLOTS = 16;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const UVM_ET_NEEDSCOPY = 8;
const PS_EXITING = 0x8;

interface Entry {
  readonly start: bigint;
  readonly end: bigint;
  readonly protection: number;
  readonly type: number;
  readonly amap: bigint;
  readonly pageOffset: number;
}

/** Maps of user processes: entries, amaps, anons, and the page tables against all that. */
export function checkAddressSpaces(s: Structures, census: Census, findings: Findings): void {
  const spaces = new Map<bigint, string>();
  const space = s.field('process', 'ps_vmspace');
  for (const process of census.living) {
    if ((s.number(process, s.field('process', 'ps_flags')) & PS_EXITING) !== 0) continue;
    spaces.set(s.pointer(process, space), nameOf(s, process));
  }
  spaces.delete(s.global('vmspace0'));
  const amaps = new Map<bigint, number>();
  const maps: { readonly owner: string; readonly map: bigint; readonly entries: readonly Entry[] }[] = [];
  for (const [at, owner] of spaces) {
    const map = at + BigInt(s.field('vmspace', 'vm_map').offset);
    const entries = readEntries(s, map, owner, findings);
    for (const { amap } of entries) refer(amaps, amap);
    maps.push({ owner, map, entries });
  }
  findings.references('amap', amaps, (at) => s.number(at, s.field('vm_amap', 'am_ref')), true);
  const anons = countAnons(s, amaps, findings);
  findings.references('anon', anons, (at) => s.number(at, s.field('vm_anon', 'an_ref')), true);
  findings.compare(
    'anonpages',
    'uvmexp.anonpages',
    s.number(s.global('uvmexp'), s.field('uvmexp', 'anonpages')),
    anons.size,
  );
  for (const { owner, map, entries } of maps) checkPageTables(s, owner, map, entries, findings);
}

function readEntries(s: Structures, map: bigint, owner: string, findings: Findings): Entry[] {
  const field = (path: string) => s.field('vm_map_entry', path);
  const members = tailqMembers(
    s,
    {
      name: 'vm_map entries',
      head: map + BigInt(s.field('vm_map', 'addr').offset),
      link: field('daddrs').offset,
    },
    findings,
  );
  const hint = s.pointer(map, s.field('vm_map', 'hint'));
  if (hint !== 0n && !members.includes(hint)) {
    findings.add('vm_map hint', `${owner}: the map's hint is ${hex(hint)}, which is none of its entries`);
  }
  const lowest = s.pointer(map, s.field('vm_map', 'min_offset'));
  const highest = s.pointer(map, s.field('vm_map', 'max_offset'));
  let end = lowest;
  let size = 0n;
  const entries = members.map((at): Entry => {
    const entry: Entry = {
      start: s.pointer(at, field('start')),
      end: s.pointer(at, field('end')),
      protection: s.number(at, field('protection')),
      type: s.number(at, field('etype')),
      amap: s.pointer(at, field('aref.ar_amap')),
      pageOffset: s.number(at, field('aref.ar_pageoff')),
    };
    if (entry.start < end || entry.end <= entry.start || entry.end > highest) {
      findings.add(
        'vm_map entry',
        `${owner}: the map entry ${hex(entry.start)} to ${hex(entry.end)} overlaps or lies outside`,
      );
    }
    end = entry.end;
    size += entry.end - entry.start;
    return entry;
  });
  findings.compare(
    'nentries',
    `${owner}: nentries`,
    s.number(map, s.field('vm_map', 'nentries')),
    entries.length,
  );
  if (s.pointer(map, s.field('vm_map', 'size')) !== size) {
    findings.add(
      'vm_map size',
      `${owner}: the map's size is ${s.pointer(map, s.field('vm_map', 'size'))}, its entries have ${size} bytes`,
    );
  }
  return entries;
}

/** The anons of amaps, and how often each is in one. */
function countAnons(
  s: Structures,
  amaps: ReadonlyMap<bigint, number>,
  findings: Findings,
): Map<bigint, number> {
  const anons = new Map<bigint, number>();
  const slots = s.field('vm_amap_chunk', 'ac_anon').offset;
  for (const amap of amaps.keys()) {
    const buckets = s.pointer(amap, s.field('vm_amap', 'am_buckets'));
    const count = s.number(amap, s.field('vm_amap', 'am_nbuckets'));
    let used = 0;
    let chunks = 0;
    for (let index = 0; index < count; index++) {
      const chunk = s.word(buckets + BigInt(index * POINTER_SIZE));
      if (chunk === 0n) continue;
      chunks++;
      for (let slot = 0; slot < CHUNK_SLOTS; slot++) {
        const anon = s.word(chunk + BigInt(slots + slot * POINTER_SIZE));
        if (anon === 0n) continue;
        used++;
        refer(anons, anon);
      }
    }
    findings.compare('am_nused', 'am_nused', s.number(amap, s.field('vm_amap', 'am_nused')), used);
    findings.compare('am_ncused', 'am_ncused', s.number(amap, s.field('vm_amap', 'am_ncused')), chunks);
  }
  for (const anon of anons.keys()) {
    const page = s.pointer(anon, s.field('vm_anon', 'an_page'));
    if (page === 0n || s.pointer(page, s.field('vm_page', 'uanon')) !== anon) {
      findings.add('anon page', `the page of the anon at ${hex(anon)} is not its own`);
    }
  }
  return anons;
}

/** Every page that user mode can reach is the one that the map says, with no more rights. */
function checkPageTables(
  s: Structures,
  owner: string,
  map: bigint,
  entries: readonly Entry[],
  findings: Findings,
): void {
  const pmap = s.pointer(map, s.field('vm_map', 'pmap'));
  const tables = new PageTables(s, Number(s.pointer(pmap, s.field('pmap', 'pm_pdirpa'))));
  let resident = 0;
  let index = 0;
  for (const { address, entry: pte } of tables.userPages()) {
    resident++;
    while (index < entries.length && (entries[index] as Entry).end <= address) index++;
    const entry = entries[index];
    const wrong = (what: string): void =>
      findings.add('page table', `${owner}: the page at ${hex(address)} is mapped ${what}`);
    if (entry === undefined || entry.start > address) {
      wrong('outside of the map');
      continue;
    }
    if ((pte & PTE.writable) !== 0n && (entry.protection & PROT_WRITE) === 0)
      wrong('writable, and must not be');
    if ((pte & PTE.noExecute) === 0n && (entry.protection & PROT_EXEC) === 0)
      wrong('executable, and must not be');
    const anon = entry.amap === 0n ? 0n : anonAt(s, entry, address);
    if (anon === 0n) {
      wrong('with nothing behind it');
      continue;
    }
    const page = s.pointer(anon, s.field('vm_anon', 'an_page'));
    if (page === 0n || s.pointer(page, s.field('vm_page', 'phys_addr')) !== (pte & PTE.frame))
      wrong('to another page');
    const shared = s.number(anon, s.field('vm_anon', 'an_ref')) > 1 || (entry.type & UVM_ET_NEEDSCOPY) !== 0;
    if ((pte & PTE.writable) !== 0n && shared) wrong('writable, and is to be copied first');
  }
  findings.compare(
    'resident_count',
    `${owner}: resident_count`,
    s.number(pmap, s.field('pmap', 'pm_stats.resident_count')),
    resident,
  );
}

function anonAt(s: Structures, entry: Entry, address: bigint): bigint {
  const slot = entry.pageOffset + Number((address - entry.start) / PAGE_SIZE);
  if (slot >= s.number(entry.amap, s.field('vm_amap', 'am_nslot'))) return 0n;
  const buckets = s.pointer(entry.amap, s.field('vm_amap', 'am_buckets'));
  const chunk = s.word(buckets + BigInt(Math.floor(slot / CHUNK_SLOTS) * POINTER_SIZE));
  if (chunk === 0n) return 0n;
  const slots = s.field('vm_amap_chunk', 'ac_anon').offset;
  return s.word(chunk + BigInt(slots + (slot % CHUNK_SLOTS) * POINTER_SIZE));
}
