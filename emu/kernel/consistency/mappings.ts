import { hex } from '../hexadecimal.ts';
import { anonAt } from './amaps.ts';
import type { Findings } from './findings.ts';
import { tailqMembers } from './lists.ts';
import type { MapEntry, UserMap } from './map-entries.ts';
import { PTE, userPages } from './page-tables.ts';
import type { Structures } from './structures.ts';

/** sys/mman.h. */
const PROT_WRITE = 2;
const PROT_EXEC = 4;

/** Every page that user mode can reach is the one that the map says, with no more rights; and the pmap counts them. */
export function checkMappings(s: Structures, { owner, map, entries }: UserMap, findings: Findings): void {
  const pmap = s.pointer(map, s.field('vm_map', 'pmap'));
  const { pages, tables } = userPages(s, Number(s.pointer(pmap, s.field('pmap', 'pm_pdirpa'))));
  let index = 0;
  for (const { address, entry: pte } of pages) {
    while (index < entries.length && (entries[index] as MapEntry).end <= address) index++;
    const entry = entries[index];
    for (const what of faults(s, address, pte, entry)) {
      findings.add('page table', `${owner}: the page at ${hex(address)} is mapped ${what}`);
    }
  }
  const counted = (name: string): number => s.number(pmap, s.field('pmap', `pm_stats.${name}`));
  findings.compare('resident_count', `${owner}: resident_count`, counted('resident_count'), pages.length);
  findings.compare('wired_count', `${owner}: wired_count`, counted('wired_count'), 0);
  checkTables(s, pmap, owner, tables, findings);
}

/** What is wrong with the mapping of a page, in words. */
function faults(s: Structures, address: bigint, pte: bigint, entry: MapEntry | undefined): string[] {
  if (entry === undefined || entry.start > address) return ['outside of the map'];
  const wrong: string[] = [];
  const writable = (pte & PTE.writable) !== 0n;
  if ((pte & PTE.user) === 0n) wrong.push('for the kernel alone');
  if (writable && (entry.protection & PROT_WRITE) === 0) wrong.push('writable, and must not be');
  if ((pte & PTE.noExecute) === 0n && (entry.protection & PROT_EXEC) === 0)
    wrong.push('executable, and must not be');
  const anon = entry.amap === 0n ? 0n : anonAt(s, entry, address);
  if (anon === 0n) return [...wrong, 'with nothing behind it'];
  const page = s.pointer(anon, s.field('vm_anon', 'an_page'));
  if (page === 0n || s.pointer(page, s.field('vm_page', 'phys_addr')) !== (pte & PTE.frame))
    wrong.push('to another page');
  const shared = entry.needsCopy || s.number(anon, s.field('vm_anon', 'an_ref')) > 1;
  if (writable && shared) wrong.push('writable, and is to be copied first');
  return wrong;
}

/** The pmap has the pages of its tables on a list, and each counts its entries. */
function checkTables(
  s: Structures,
  pmap: bigint,
  owner: string,
  tables: ReadonlyMap<number, number>,
  findings: Findings,
): void {
  const place = {
    name: 'pm_ptps',
    head: pmap + BigInt(s.field('pmap', 'pm_ptps').offset),
    link: s.field('vm_page', 'pageq').offset,
  };
  const physical = s.field('vm_page', 'phys_addr');
  const listed = tailqMembers(s, place, findings);
  findings.compare('pm_ptps', `${owner}: the length of pm_ptps`, listed.length, tables.size);
  for (const page of listed) {
    const table = Number(s.pointer(page, physical));
    const used = tables.get(table);
    if (used === undefined) {
      findings.add('pm_ptps', `${owner}: the page at ${hex(table)} is on pm_ptps, and is no table`);
      continue;
    }
    const what = `${owner}: wire_count of the table at ${hex(table)}`;
    findings.compare('wire_count', what, s.number(page, s.field('vm_page', 'wire_count')), used);
  }
}
