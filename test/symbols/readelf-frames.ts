import { type CallFrameTable, DWARF_REGISTER_NAMES, type RegisterRule } from '../../emu/symbols/index.ts';
import { run } from './programs.ts';

/** The rules at an address in readelf's words, by column: "CFA" or a register. */
export type RuleTexts = ReadonlyMap<string, string>;

const names: readonly string[] = DWARF_REGISTER_NAMES;
const HEADER = /^ +LOC +CFA +(.*)$/;
const ROW = /^([0-9a-f]{16}) +(\S+) +(.*)$/;

/** Every row of `readelf --debug-dump=frames-interp` that belongs to a function, by address. */
export function readelfCallFrames(path: string): Map<bigint, RuleTexts> {
  const rows = new Map<bigint, RuleTexts>();
  let columns: string[] = [];
  let inFunction = false;
  for (const line of run('readelf', '--debug-dump=frames-interp', '-W', path).split('\n')) {
    if (/ (CIE|FDE) /.test(line)) inFunction = line.includes(' FDE ');
    const header = HEADER.exec(line);
    if (header) columns = (header[1] ?? '').trim().split(/ +/);
    const row = ROW.exec(line);
    if (!row || !inFunction) continue;
    const [, address = '', cfa = '', rules = ''] = row;
    const texts = new Map([['CFA', cfa]]);
    for (const [index, rule] of rules.trim().split(/ +/).entries()) texts.set(columns[index] ?? '', rule);
    rows.set(BigInt(`0x${address}`), texts);
  }
  return rows;
}

/** The reader's rows at some addresses, with the columns wanted there. */
export function readerCallFrames(
  table: CallFrameTable,
  addresses: readonly bigint[],
  columns: readonly (readonly string[])[],
): Map<bigint, RuleTexts> {
  return new Map(
    addresses.map((address, index) => {
      const row = table.rowAt(address);
      const texts = (columns[index] ?? []).map((column): [string, string] => {
        if (column === 'CFA') {
          if (row?.cfa?.kind !== 'register') return [column, 'exp'];
          return [column, `${DWARF_REGISTER_NAMES[row.cfa.register]}${signed(row.cfa.offset)}`];
        }
        const number = column === 'ra' ? row?.returnAddressRegister : names.indexOf(column);
        return [column, ruleText(row?.registers.get(number ?? -1))];
      });
      return [address, new Map(texts)];
    }),
  );
}

function ruleText(rule: RegisterRule | undefined): string {
  switch (rule?.kind) {
    case undefined:
    case 'undefined':
      return 'u';
    case 'same':
      return 's';
    case 'offset':
      return `c${signed(rule.offset)}`;
    case 'val-offset':
      return `v${signed(rule.offset)}`;
    case 'register':
      return DWARF_REGISTER_NAMES[rule.register] ?? '';
    case 'expression':
      return 'exp';
    case 'val-expression':
      return 'vexp';
  }
}

function signed(value: number): string {
  return value < 0 ? String(value) : `+${value}`;
}
