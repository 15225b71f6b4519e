/** Names and values of the System V ABI (gABI, chapters 4 and 5) and its amd64 supplement. */

export const ELF_MAGIC = 0x7f454c46;
export const ELF_CLASS_64 = 2;
export const ELF_DATA_LSB = 1;
export const ELF_MACHINE_X86_64 = 62;

/** Offsets inside Elf64_Ehdr. */
export const EHDR = {
  class: 4,
  data: 5,
  type: 16,
  machine: 18,
  entry: 24,
  programHeaderOffset: 32,
  sectionHeaderOffset: 40,
  programHeaderEntrySize: 54,
  programHeaderCount: 56,
  sectionHeaderEntrySize: 58,
  sectionHeaderCount: 60,
  sectionNameIndex: 62,
  size: 64,
} as const;

/** Offsets inside Elf64_Phdr. */
export const PHDR = {
  type: 0,
  flags: 4,
  offset: 8,
  virtualAddress: 16,
  physicalAddress: 24,
  fileSize: 32,
  memorySize: 40,
  alignment: 48,
  size: 56,
} as const;

/** Offsets inside Elf64_Shdr. */
export const SHDR = {
  name: 0,
  type: 4,
  flags: 8,
  address: 16,
  offset: 24,
  sectionSize: 32,
  link: 40,
  info: 44,
  alignment: 48,
  entrySize: 56,
  size: 64,
} as const;

/** Offsets inside Elf64_Sym. */
export const SYM = {
  name: 0,
  info: 4,
  other: 5,
  sectionIndex: 6,
  value: 8,
  symbolSize: 16,
  size: 24,
} as const;

/** e_type. */
export const ET = { relocatable: 1, executable: 2, sharedObject: 3, core: 4 } as const;
/** p_type. */
export const PT = { load: 1, note: 4 } as const;
/** p_flags. */
export const PF = { execute: 1, write: 2, read: 4 } as const;
/** sh_type. */
export const SHT = {
  null: 0,
  symbolTable: 2,
  stringTable: 3,
  note: 7,
  noBits: 8,
  dynamicSymbols: 11,
} as const;
/** sh_flags. */
export const SHF = { write: 1n, alloc: 2n, executable: 4n, tls: 0x400n, compressed: 0x800n } as const;
/** Reserved section indices. */
export const SHN = {
  undefined: 0,
  reservedFirst: 0xff00,
  absolute: 0xfff1,
  common: 0xfff2,
  extended: 0xffff,
} as const;
/** e_phnum when the real number is in section header 0. */
export const PN_XNUM = 0xffff;
/** Symbol types (low four bits of st_info). */
export const STT = {
  noType: 0,
  object: 1,
  function: 2,
  section: 3,
  file: 4,
  common: 5,
  tls: 6,
  indirect: 10,
} as const;
/** Symbol bindings (high four bits of st_info). */
export const STB = { local: 0, global: 1, weak: 2 } as const;
/** Note types. */
export const NT_GNU_BUILD_ID = 3;
/** PVH boot: physical 32-bit entry point of the kernel (Xen's elfnote.h). */
export const XEN_ELFNOTE_PHYS32_ENTRY = 18;
