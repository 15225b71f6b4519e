import { type Kernel, listElements, type View } from '../../../../emu/index.ts';
import { type Findings, Tally } from './findings.ts';
import { type PageTableEntry, userEntries } from './page-table-walk.ts';

const PAGE_SIZE = 4096n;
const SLOTS_OF_CHUNK = 16;
const POINTER_SIZE = 8n;
/** sys/mman.h. */
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_INHERIT_ZERO = 3;
/** uvm_map.h. */
const UVM_ET_NEEDSCOPY = 0x8;
/** uvm_amap.h. */
const AMAP_SHARED = 1;
/** uvm_page.h. */
const PQ_ANON = 0x8_0000;
const PS_SYSTEM = 0x1_0000;

/** An entry of a map, read once. */
interface Entry {
  readonly name: string;
  readonly map: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly protection: number;
  readonly needsCopy: boolean;
  readonly amap: bigint;
  readonly firstSlot: number;
}

interface Anon {
  readonly references: number;
  readonly page: bigint;
}

/** Looks at all address spaces of user processes, at a moment when no thread is in the midst of changing one. */
export class MemoryAudit {
  readonly #kernel: Kernel;
  readonly #findings: Findings;
  readonly #entries: Entry[] = [];
  readonly #slots = new Map<bigint, ReadonlyMap<number, bigint>>();
  readonly #anons = new Map<bigint, Anon>();

  constructor(kernel: Kernel, findings: Findings) {
    this.#kernel = kernel;
    this.#findings = findings;
  }

  run(): void {
    const spaces = this.#spaces();
    for (const [address, users] of spaces) this.#space(this.#kernel.struct('vmspace').at(address), users);
    const amaps = this.#amaps();
    this.#anonReferences();
    for (const [address] of spaces) this.#pageTables(this.#kernel.struct('vmspace').at(address), amaps);
    this.#totals();
  }

  /** The address spaces of user processes and how many processes are in each. */
  #spaces(): Tally<bigint> {
    const spaces = new Tally<bigint>();
    for (const process of [...this.#kernel.processes(), ...this.#kernel.zombies()]) {
      const space = process.pointer('ps_vmspace');
      if (space !== 0n && (process.number('ps_flags') & PS_SYSTEM) === 0) spaces.add(space);
    }
    return spaces;
  }

  #space(space: View, users: number): void {
    const found = this.#findings;
    const name = `vmspace 0x${space.address.toString(16)}`;
    found.equal(`vm_refcnt of ${name}`, space.number('vm_refcnt'), users);
    const map = space.at('vm_map');
    const entries = [...listElements(map.at('addr'), this.#kernel.struct('vm_map_entry'), 'daddrs')];
    let behind = map.integer('min_offset');
    let size = 0n;
    for (const view of entries) {
      const entry = this.#entry(map.address, view);
      found.holds(`${entry.name} overlaps or lies below its map`, behind <= entry.start);
      found.holds(`${entry.name} is empty or no whole pages`, wholePages(entry));
      behind = entry.end;
      size += entry.end - entry.start;
      this.#entries.push(entry);
    }
    found.holds(`${name} reaches beyond its map`, behind <= map.integer('max_offset'));
    found.equal(`nentries of ${name}`, map.number('nentries'), entries.length);
    found.equal(`size of ${name}`, map.integer('size'), size);
    const hint = map.pointer('hint');
    const hinted = hint === 0n || entries.some(({ address }) => address === hint);
    found.holds(`the hint of ${name} is none of its entries`, hinted);
  }

  #entry(map: bigint, view: View): Entry {
    const start = view.integer('start');
    const name = `the entry at 0x${start.toString(16)}`;
    const protection = view.number('protection');
    const found = this.#findings;
    found.equal(`what ${name} permits beyond its maximum`, protection & ~view.number('max_protection'), 0);
    const inheritance = view.number('inheritance');
    found.holds(`${name} inherits as ${inheritance}`, inheritance >= 0 && inheritance <= MAP_INHERIT_ZERO);
    found.equal(`wired_count of ${name}`, view.number('wired_count'), 0);
    return {
      name,
      map,
      start,
      end: view.integer('end'),
      protection,
      needsCopy: (view.number('etype') & UVM_ET_NEEDSCOPY) !== 0,
      amap: view.pointer('aref.ar_amap'),
      firstSlot: view.number('aref.ar_pageoff'),
    };
  }

  /** Checks each amap once; returns which are shared on purpose. */
  #amaps(): ReadonlyMap<bigint, View> {
    const found = this.#findings;
    const users = new Map<bigint, Entry[]>();
    for (const entry of this.#entries) {
      if (entry.amap === 0n) found.holds(`${entry.name} has neither an amap nor NEEDSCOPY`, entry.needsCopy);
      else users.set(entry.amap, [...(users.get(entry.amap) ?? []), entry]);
    }
    const amaps = new Map<bigint, View>();
    for (const [address, entries] of users) {
      const amap = this.#kernel.struct('vm_amap').at(address);
      amaps.set(address, amap);
      const slots = amap.number('am_nslot');
      for (const entry of entries) {
        const last = entry.firstSlot + Number((entry.end - entry.start) / PAGE_SIZE);
        found.holds(`${entry.name} has ${last} slots of ${slots}`, entry.firstSlot >= 0 && last <= slots);
      }
      const name = `the amap of ${entries[0]?.name}`;
      found.equal(`am_ref of ${name}`, amap.number('am_ref'), entries.length);
      const maps = new Set(entries.map(({ map }) => map));
      if (maps.size > 1 && (amap.number('am_flags') & AMAP_SHARED) === 0) {
        const careful = entries.every(({ needsCopy }) => needsCopy);
        found.holds(`${name} is shared by fork, and a user has no NEEDSCOPY`, careful);
      }
      this.#slots.set(address, this.#chunks(amap, name, slots));
    }
    return amaps;
  }

  /** The anons of an amap by slot. */
  #chunks(amap: View, name: string, slots: number): ReadonlyMap<number, bigint> {
    const found = this.#findings;
    const buckets = amap.number('am_nbuckets');
    found.holds(`${name} has ${buckets} buckets for ${slots} slots`, buckets * SLOTS_OF_CHUNK >= slots);
    const anons = new Map<number, bigint>();
    const table = amap.pointer('am_buckets');
    let chunks = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const address = this.#kernel.memory.word(table + BigInt(bucket) * POINTER_SIZE);
      if (address === 0n) continue;
      chunks++;
      const chunk = this.#kernel.struct('vm_amap_chunk').at(address);
      found.equal(`ac_baseslot of ${name}`, chunk.number('ac_baseslot'), bucket * SLOTS_OF_CHUNK);
      let used = 0;
      for (let index = 0; index < SLOTS_OF_CHUNK; index++) {
        const anon = chunk.pointer(`ac_anon[${index}]`);
        if (anon === 0n) continue;
        used |= 1 << index;
        anons.set(bucket * SLOTS_OF_CHUNK + index, anon);
      }
      found.equal(`ac_usedmap of ${name}`, chunk.number('ac_usedmap'), used);
      found.holds(`${name} has an empty chunk`, used !== 0);
    }
    found.equal(`am_ncused of ${name}`, amap.number('am_ncused'), chunks);
    found.equal(`am_nused of ${name}`, amap.number('am_nused'), anons.size);
    return anons;
  }

  #anonReferences(): void {
    const found = this.#findings;
    const users = new Tally<bigint>();
    for (const slots of this.#slots.values()) for (const anon of slots.values()) users.add(anon);
    const pages = new Set<bigint>();
    for (const [address, count] of users) {
      const anon = this.#kernel.struct('vm_anon').at(address);
      const name = `the anon 0x${address.toString(16)}`;
      found.equal(`an_ref of ${name}`, anon.number('an_ref'), count);
      found.equal(`uanon of the page of ${name}`, anon.pointer('an_page.uanon'), address);
      found.equal(`pg_flags of the page of ${name}`, anon.number('an_page.pg_flags'), PQ_ANON);
      const page = anon.integer('an_page.phys_addr');
      found.holds(`${name} has a page of another`, !pages.has(page));
      pages.add(page);
      this.#anons.set(address, { references: count, page });
    }
  }

  #pageTables(space: View, amaps: ReadonlyMap<bigint, View>): void {
    const found = this.#findings;
    const map = space.at('vm_map');
    const pmap = map.at('pmap');
    const entries = this.#entries.filter((entry) => entry.map === map.address);
    const walk = userEntries(this.#kernel, pmap.integer('pm_pdirpa'));
    found.equal('resident_count', pmap.number('pm_stats.resident_count'), walk.entries.length);
    found.equal('wired_count', pmap.number('pm_stats.wired_count'), 0);
    const tables = listElements(pmap.at('pm_ptps'), this.#kernel.struct('vm_page'), 'pageq');
    const listed = new Map([...tables].map((page) => [page.integer('phys_addr'), page]));
    found.equal('page tables on pm_ptps', listed.size, walk.tables.size);
    for (const [address, used] of walk.tables) {
      const page = listed.get(address);
      found.equal(`entries of the table 0x${address.toString(16)}`, page?.number('wire_count'), used);
    }
    for (const mapping of walk.entries) {
      const entry = entries.find(({ start, end }) => start <= mapping.address && mapping.address < end);
      const name = `the mapping of 0x${mapping.address.toString(16)}`;
      if (entry === undefined) found.holds(`${name} lies in no entry`, false);
      else this.#mapping(name, mapping, entry, amaps.get(entry.amap));
    }
  }

  #mapping(name: string, mapping: PageTableEntry, entry: Entry, amap: View | undefined): void {
    const found = this.#findings;
    const slot = entry.firstSlot + Number((mapping.address - entry.start) / PAGE_SIZE);
    const anon = this.#anons.get(this.#slots.get(entry.amap)?.get(slot) ?? 0n);
    found.equal(`the page of ${name}`, mapping.page, anon?.page);
    found.holds(`${name} is the kernel's`, mapping.user);
    found.holds(`${name} can be executed`, !mapping.executable || (entry.protection & PROT_EXEC) !== 0);
    if (!mapping.writable) return;
    found.holds(`${name} can be written`, (entry.protection & PROT_WRITE) !== 0);
    found.equal(`an_ref of the page of ${name}, which can be written,`, anon?.references, 1);
    const own = !entry.needsCopy || amap?.number('am_ref') === 1;
    found.holds(`${name} can be written, though its amap is to be copied`, own);
  }

  #totals(): void {
    const uvmexp = this.#kernel.global('uvmexp');
    this.#findings.equal('uvmexp.anonpages', uvmexp.number('anonpages'), this.#anons.size);
    this.#findings.equal('uvmexp.active', uvmexp.number('active'), this.#anons.size);
  }
}

function wholePages({ start, end }: Entry): boolean {
  return start < end && start % PAGE_SIZE === 0n && end % PAGE_SIZE === 0n;
}
