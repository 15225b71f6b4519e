import { type FlagBits, REGISTER_FLAGS } from '../../registers/flag-bits.ts';
import { REGISTER_FEATURES, type RegisterFeature } from '../../registers/register-table.ts';
import { VECTORS } from '../../registers/register-types.ts';

function flags(id: keyof typeof REGISTER_FLAGS, bytes: number): string {
  const bits: FlagBits = REGISTER_FLAGS[id];
  const fields = bits.map(([bit, name]) => `<field name="${name}" start="${bit}" end="${bit}"/>`).join('');
  return `<flags id="${id}" size="${bytes}">${fields}</flags>\n`;
}

function vectorTypes(): string {
  const vectors = VECTORS.map(
    ({ name, element, count }) => `<vector id="${name}" type="${element}" count="${count}"/>\n`,
  );
  const fields = [...VECTORS.map(({ name }) => [name, name]), ['uint128', 'uint128']]
    .map(([name, type]) => `<field name="${name}" type="${type}"/>`)
    .join('');
  return `${vectors.join('')}<union id="vec128">${fields}</union>\n`;
}

/** What a feature declares before its registers, by the feature's name. */
const TYPES: Readonly<Record<string, string>> = {
  'org.gnu.gdb.i386.core': flags('i386_eflags', 4),
  'org.gnu.gdb.i386.sse': vectorTypes() + flags('i386_mxcsr', 4),
  'puffer.amd64.control': flags('cr0_bits', 8) + flags('cr4_bits', 8) + flags('efer_bits', 8),
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
