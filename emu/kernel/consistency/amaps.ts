import { hex } from '../hexadecimal.ts';
import { type Findings, refer } from './findings.ts';
import { type MapEntry, PAGE_SIZE, range, type UserMap } from './map-entries.ts';
import type { Structures } from './structures.ts';

const POINTER_SIZE = 8;
const CHUNK_SLOTS = 16;
/** uvm_amap.h: shared by mappings that are to see each other's changes. */
const AMAP_SHARED = 1;
/** uvm_page.h: the flags of a page that an anon has. */
const PQ_ANON = 0x8_0000;

interface User {
  readonly of: UserMap;
  readonly entry: MapEntry;
}

/** The amaps of all maps, their chunks and anons, and the anons' pages. */
export function checkAmaps(s: Structures, maps: readonly UserMap[], findings: Findings): void {
  const users = new Map<bigint, User[]>();
  for (const of of maps) {
    for (const entry of of.entries) {
      if (entry.amap === 0n) continue;
      const known = users.get(entry.amap);
      if (known === undefined) users.set(entry.amap, [{ of, entry }]);
      else known.push({ of, entry });
    }
  }
  const references = new Map([...users].map(([amap, { length }]) => [amap, length]));
  findings.references('amap', references, (at) => s.number(at, s.field('vm_amap', 'am_ref')), true);
  const anons = new Map<bigint, number>();
  for (const [amap, all] of users) {
    checkUsers(s, amap, all, findings);
    checkChunks(s, amap, nameOf(all), anons, findings);
  }
  findings.references('anon', anons, (at) => s.number(at, s.field('vm_anon', 'an_ref')), true);
  checkPages(s, anons, findings);
  const uvmexp = s.global('uvmexp');
  for (const name of ['anonpages', 'active']) {
    findings.compare(name, `uvmexp.${name}`, s.number(uvmexp, s.field('uvmexp', name)), anons.size);
  }
}

/** The anon that holds a page of an entry with an amap; 0 where there is none. */
export function anonAt(s: Structures, entry: MapEntry, address: bigint): bigint {
  const slot = entry.firstSlot + Number((address - entry.start) / PAGE_SIZE);
  if (slot >= s.number(entry.amap, s.field('vm_amap', 'am_nslot'))) return 0n;
  const buckets = s.pointer(entry.amap, s.field('vm_amap', 'am_buckets'));
  const chunk = s.word(buckets + BigInt(Math.floor(slot / CHUNK_SLOTS) * POINTER_SIZE));
  if (chunk === 0n) return 0n;
  const slots = s.field('vm_amap_chunk', 'ac_anon').offset;
  return s.word(chunk + BigInt(slots + (slot % CHUNK_SLOTS) * POINTER_SIZE));
}

/** For reports: an amap by one of its users. */
function nameOf([first]: readonly User[]): string {
  return first === undefined ? 'an amap' : `the amap of ${first.of.owner} from ${range(first.entry)}`;
}

/** An amap has room for its users, who know when it is to be copied. */
function checkUsers(s: Structures, amap: bigint, users: readonly User[], findings: Findings): void {
  const slots = s.number(amap, s.field('vm_amap', 'am_nslot'));
  for (const { of, entry } of users) {
    const [, last] = slotsOf(entry);
    if (entry.firstSlot >= 0 && last <= slots) continue;
    findings.add(
      'ar_pageoff',
      `${of.owner}: the map entry ${range(entry)} has the slots ${entry.firstSlot} to ${last} of ${slots}`,
    );
  }
  const buckets = s.number(amap, s.field('vm_amap', 'am_nbuckets'));
  if (buckets * CHUNK_SLOTS < slots) {
    findings.add('am_nbuckets', `${nameOf(users)} has ${buckets} buckets for ${slots} slots`);
  }
  if ((s.number(amap, s.field('vm_amap', 'am_flags')) & AMAP_SHARED) !== 0) return;
  for (const user of users) {
    if (user.entry.needsCopy || !users.some((other) => sharesSlots(user, other))) continue;
    findings.add(
      'needs copy',
      `${user.of.owner}: the map entry ${range(user.entry)} has no NEEDSCOPY, and fork shares its amap`,
    );
  }
}

/** Another map has slots of an entry's amap that the entry has, too: what was not inherited has its slots alone. */
function sharesSlots(user: User, other: User): boolean {
  if (user.of === other.of) return false;
  const [first, last] = slotsOf(user.entry);
  const [otherFirst, otherLast] = slotsOf(other.entry);
  return first < otherLast && otherFirst < last;
}

/** The first slot, and the one behind the last. */
function slotsOf({ start, end, firstSlot }: MapEntry): readonly [number, number] {
  return [firstSlot, firstSlot + Number((end - start) / PAGE_SIZE)];
}

/** Counts the anons of an amap, and holds what its chunks say of themselves against it. */
function checkChunks(
  s: Structures,
  amap: bigint,
  name: string,
  anons: Map<bigint, number>,
  findings: Findings,
): void {
  const field = (path: string) => s.field('vm_amap', path);
  const chunkField = (path: string) => s.field('vm_amap_chunk', path);
  const table = s.pointer(amap, field('am_buckets'));
  const slots = chunkField('ac_anon').offset;
  let used = 0;
  let chunks = 0;
  for (const bucket of s.occupiedAt(table, s.number(amap, field('am_nbuckets')))) {
    const chunk = s.word(table + BigInt(bucket * POINTER_SIZE));
    chunks++;
    let map = 0;
    for (const slot of s.occupiedAt(chunk + BigInt(slots), CHUNK_SLOTS)) {
      used++;
      map |= 1 << slot;
      refer(anons, s.word(chunk + BigInt(slots + slot * POINTER_SIZE)));
    }
    const base = s.number(chunk, chunkField('ac_baseslot'));
    if (base !== bucket * CHUNK_SLOTS) {
      findings.add(
        'ac_baseslot',
        `${name}: the chunk of bucket ${bucket} says that it begins at slot ${base}`,
      );
    }
    const kept = s.number(chunk, chunkField('ac_usedmap'));
    if (kept !== map) {
      findings.add('ac_usedmap', `${name}: ac_usedmap is ${hex(kept)}, and ${hex(map)} has anons`);
    }
    if (map === 0) findings.add('vm_amap_chunk', `${name} has an empty chunk`);
  }
  findings.compare('am_nused', `am_nused of ${name}`, s.number(amap, field('am_nused')), used);
  findings.compare('am_ncused', `am_ncused of ${name}`, s.number(amap, field('am_ncused')), chunks);
}

/** Each anon has a page, which knows whose it is. */
function checkPages(s: Structures, anons: ReadonlyMap<bigint, number>, findings: Findings): void {
  const pageField = s.field('vm_anon', 'an_page');
  const owner = s.field('vm_page', 'uanon');
  const flags = s.field('vm_page', 'pg_flags');
  for (const anon of anons.keys()) {
    const page = s.pointer(anon, pageField);
    // A page that knows its anon is no other's, too.
    if (page === 0n || s.pointer(page, owner) !== anon) {
      findings.add('anon page', `the page of the anon at ${hex(anon)} is not its own`);
    } else if (s.number(page, flags) !== PQ_ANON) {
      findings.add(
        'pg_flags',
        `the page of the anon at ${hex(anon)} has pg_flags ${hex(s.number(page, flags))}`,
      );
    }
  }
}
