import { REGISTER_FEATURES, type RegisterFeature } from './register-table.ts';

type FlagBits = readonly (readonly [bit: number, name: string])[];

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

/** The parts of an XMM register, as gdb's own description of it has them. */
const VECTORS: readonly (readonly [id: string, type: string, count: number])[] = [
  ['v4_float', 'ieee_single', 4],
  ['v2_double', 'ieee_double', 2],
  ['v16_int8', 'int8', 16],
  ['v8_int16', 'int16', 8],
  ['v4_int32', 'int32', 4],
  ['v2_int64', 'int64', 2],
];

function flags(id: string, bytes: number, bits: FlagBits): string {
  const fields = bits.map(([bit, name]) => `<field name="${name}" start="${bit}" end="${bit}"/>`).join('');
  return `<flags id="${id}" size="${bytes}">${fields}</flags>\n`;
}

function vectorTypes(): string {
  const vectors = VECTORS.map(
    ([id, type, count]) => `<vector id="${id}" type="${type}" count="${count}"/>\n`,
  );
  const fields = [...VECTORS.map(([id]) => [id, id]), ['uint128', 'uint128']]
    .map(([name, type]) => `<field name="${name}" type="${type}"/>`)
    .join('');
  return `${vectors.join('')}<union id="vec128">${fields}</union>\n`;
}

/** What a feature declares before its registers, by the feature's name. */
const TYPES: Readonly<Record<string, string>> = {
  'org.gnu.gdb.i386.core': flags('i386_eflags', 4, EFLAGS),
  'org.gnu.gdb.i386.sse': vectorTypes() + flags('i386_mxcsr', 4, MXCSR),
  'puffer.amd64.control': flags('cr0_bits', 8, CR0) + flags('cr4_bits', 8, CR4) + flags('efer_bits', 8, EFER),
};

function featureXml({ name, rows }: RegisterFeature): string {
  const registers = rows.map((row) => {
    const group = row.group === undefined ? '' : ` group="${row.group}"`;
    return `<reg name="${row.name}" bitsize="${row.bits}" type="${row.type}"${group}/>\n`;
  });
  return `<feature name="${name}">\n${TYPES[name] ?? ''}${registers.join('')}</feature>\n`;
}

/** target.xml (GDB manual, appendix G): a 64-bit processor from power-on, whatever mode it is in, so that gdb need not change its mind. */
export const TARGET_DESCRIPTION = `<?xml version="1.0"?>
<!DOCTYPE target SYSTEM "gdb-target.dtd">
<target version="1.0">
<architecture>i386:x86-64</architecture>
${REGISTER_FEATURES.map(featureXml).join('')}</target>
`;
