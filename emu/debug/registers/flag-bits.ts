/** Bits of a register with their names; one without a name is fixed. */
export type FlagBits = readonly (readonly [bit: number, name: string])[];

/** The bits' names as the manuals have them (AMD APM vol. 2, chapter 3). */
const EFLAGS: FlagBits = [
  [0, 'CF'],
  [1, ''],
  [2, 'PF'],
  [4, 'AF'],
  [6, 'ZF'],
  [7, 'SF'],
  [8, 'TF'],
  [9, 'IF'],
  [10, 'DF'],
  [11, 'OF'],
  [14, 'NT'],
  [16, 'RF'],
  [17, 'VM'],
  [18, 'AC'],
  [19, 'VIF'],
  [20, 'VIP'],
  [21, 'ID'],
];
const MXCSR: FlagBits = [
  [0, 'IE'],
  [1, 'DE'],
  [2, 'ZE'],
  [3, 'OE'],
  [4, 'UE'],
  [5, 'PE'],
  [6, 'DAZ'],
  [7, 'IM'],
  [8, 'DM'],
  [9, 'ZM'],
  [10, 'OM'],
  [11, 'UM'],
  [12, 'PM'],
  [15, 'FZ'],
];
const CR0: FlagBits = [
  [0, 'PE'],
  [1, 'MP'],
  [2, 'EM'],
  [3, 'TS'],
  [4, 'ET'],
  [5, 'NE'],
  [16, 'WP'],
  [18, 'AM'],
  [29, 'NW'],
  [30, 'CD'],
  [31, 'PG'],
];
const CR4: FlagBits = [
  [2, 'TSD'],
  [3, 'DE'],
  [4, 'PSE'],
  [5, 'PAE'],
  [6, 'MCE'],
  [7, 'PGE'],
  [8, 'PCE'],
  [9, 'OSFXSR'],
  [10, 'OSXMMEXCPT'],
  [16, 'FSGSBASE'],
  [18, 'OSXSAVE'],
  [20, 'SMEP'],
  [21, 'SMAP'],
];
const EFER: FlagBits = [
  [0, 'SCE'],
  [8, 'LME'],
  [10, 'LMA'],
  [11, 'NXE'],
  [14, 'FFXSR'],
];

/** The flags of the registers that are made of flags, by the name of their type. */
export const REGISTER_FLAGS = {
  i386_eflags: EFLAGS,
  i386_mxcsr: MXCSR,
  cr0_bits: CR0,
  cr4_bits: CR4,
  efer_bits: EFER,
} as const;

/** `[ PF ZF IF ]`, as gdb shows such a register. */
export function flagsText(bits: FlagBits, value: bigint): string {
  const names = bits
    .filter(([bit, name]) => name !== '' && (value >> BigInt(bit)) & 1n)
    .map(([, name]) => name);
  return ['[', ...names, ']'].join(' ');
}
