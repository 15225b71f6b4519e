import {
  type CallFrameRow,
  type CallFrameTable,
  DWARF_REGISTER_NAMES,
  type RegisterRule,
} from '../../emu/symbols/index.ts';
import { run } from './programs.ts';

/** The rules at an address in readelf's words, by column: "CFA" or a register. */
export type RuleTexts = ReadonlyMap<string, string>;

const names: readonly string[] = DWARF_REGISTER_NAMES;
/** A column that the reader keeps rules for and no register (System V ABI, amd64, figure 3.36). */
const RFLAGS = { name: 'rflags', number: 49 };
const HEADER = /^ +LOC +CFA +(.*)$/;
const ROW = /^([0-9a-f]{16}) +(\S+) +(.*)$/;

/** A rule `r2 (rcx)`: the value is in another register. */
const IN_REGISTER = /\br\d+ \((\w+)\)/g;

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
    for (const [index, rule] of rules.replace(IN_REGISTER, '$1').trim().split(/ +/).entries()) {
      texts.set(columns[index] ?? '', rule);
    }
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
        return [column, ruleText(row?.registers.get(numberOf(column, row)))];
      });
      return [address, new Map(texts)];
    }),
  );
}

function numberOf(column: string, row: CallFrameRow | undefined): number {
  if (column === 'ra') return row?.returnAddressRegister ?? -1;
  return column === RFLAGS.name ? RFLAGS.number : names.indexOf(column);
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
