/** DWARF register numbers of amd64 (System V ABI, amd64 supplement, figure 3.36), by index. */
export const DWARF_REGISTER_NAMES = [
  'rax',
  'rdx',
  'rcx',
  'rbx',
  'rsi',
  'rdi',
  'rbp',
  'rsp',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
  'rip',
] as const;

export type DwarfRegisterName = (typeof DWARF_REGISTER_NAMES)[number];

/** DWARF numbers of the registers unwinding is about. */
export const DWARF_RBP = 6;
export const DWARF_RSP = 7;
/** The column of the return address, which is rip of the caller. */
export const DWARF_RIP = 16;
export const DWARF_REGISTER_COUNT = 17;

/** Register values by DWARF number; undefined where unknown. */
export type RegisterValues = readonly (bigint | undefined)[];

/** Registers by DWARF number from registers by name; names that are missing are unknown. */
export function registersByNumber(
  values: Readonly<Partial<Record<DwarfRegisterName, bigint>>>,
): (bigint | undefined)[] {
  return DWARF_REGISTER_NAMES.map((name) => values[name]);
}

/** Reads guest memory at a virtual address; undefined when it is not mapped. */
export type MemoryReader = (address: bigint, size: number) => Uint8Array | undefined;
