/** Offsets, from the start of the tables, of the descriptors and of the page-map level-4 table. */
const GDT = 0;
const PAGE_MAP = 0x1000;
const PAGE_SIZE = 0x1000;
const ENTRIES = 512;
const ENTRY_SIZE = 8;
/** Page directories: one for each GiB of the first four. */
const DIRECTORIES = 4;
const LARGE_PAGE = 0x20_0000;

/** Present, writable; and the page-size bit of a directory's entry (AMD APM vol. 2, section 5.3). */
const TABLE = 0x003;
const LARGE = 0x083;

/** Selectors that Linux expects of its loader (boot.rst: __BOOT_CS and __BOOT_DS). */
export const LINUX_CODE_SELECTOR = 0x10;
export const LINUX_DATA_SELECTOR = 0x18;

/** Flat descriptors at those selectors, of ring 0: code for either size, data. */
const CODE_32 = 0x00cf_9b00_0000_ffffn;
const CODE_64 = 0x00af_9b00_0000_ffffn;
const DATA = 0x00cf_9300_0000_ffffn;

/** Bytes of the descriptor table. */
const GDT_SIZE = 4 * ENTRY_SIZE;

/** Where the tables are: descriptor table, its limit, and what CR3 gets. Physical addresses. */
export interface LinuxTables {
  readonly gdt: number;
  readonly gdtLimit: number;
  readonly pageMap: number;
}

/** The addresses of tables that begin at a physical address. */
export function linuxTables(address: number): LinuxTables {
  return { gdt: address + GDT, gdtLimit: GDT_SIZE - 1, pageMap: address + PAGE_MAP };
}

/**
 * Writes the flat descriptors and the identity map of the first 4 GiB that the boot protocol wants, all zeros before.
 * They take 28 KiB.
 */
export function writeLinuxTables(ram: Uint8Array, address: number, longMode: boolean): void {
  const view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
  const { gdt, pageMap } = linuxTables(address);
  view.setBigUint64(gdt + LINUX_CODE_SELECTOR, longMode ? CODE_64 : CODE_32, true);
  view.setBigUint64(gdt + LINUX_DATA_SELECTOR, DATA, true);
  if (!longMode) return;
  const put = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
  const pointers = pageMap + PAGE_SIZE;
  put(pageMap, pointers | TABLE);
  for (let directory = 0; directory < DIRECTORIES; directory++) {
    const entries = pointers + (directory + 1) * PAGE_SIZE;
    put(pointers + directory * ENTRY_SIZE, entries | TABLE);
    for (let index = 0; index < ENTRIES; index++) {
      put(entries + index * ENTRY_SIZE, (directory * ENTRIES + index) * LARGE_PAGE + LARGE);
    }
  }
}
