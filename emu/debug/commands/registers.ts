import { dumpRegisters } from '../../kernel/index.ts';
import { DWARF_REGISTER_NAMES, sizeOf, stripType } from '../../symbols/index.ts';
import { type CValue, ExpressionError, hexadecimal, integerFromBytes } from '../expressions/index.ts';
import { type MachineRegisterRow, REGISTER_ROWS } from '../registers/register-table.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { type Answer, answer, type Command } from './command.ts';
import { noStackYet } from './hints.ts';
import { variablesAnswer } from './stack.ts';

const NAME_WIDTH = 15;
const RAW_WIDTH = 20;
/** Bytes of an x87 register in hexadecimal. */
const EXTENDED_SIZE = 10;

/** What a group's name means: the registers of gdb's group of that name. */
function groupOf(name: string): readonly string[] | undefined {
  const rows = (isWanted: (row: MachineRegisterRow) => boolean): string[] =>
    REGISTER_ROWS.filter(isWanted).map((row) => row.name);
  const isStack = (row: MachineRegisterRow): boolean => row.type === 'i387_ext';
  const isVector = (row: MachineRegisterRow): boolean => row.type === 'vec128';
  switch (name) {
    case 'all':
      return rows(() => true);
    case 'general':
      return rows((row) => row.group === undefined && !isStack(row) && !isVector(row));
    case 'float':
      return rows((row) => row.group === 'float' || isStack(row));
    case 'vector':
    case 'sse':
      return rows((row) => row.group === 'vector' || isVector(row));
    case 'system':
      return rows((row) => row.group === 'system');
    default:
      return undefined;
  }
}

/** Registers and groups by name, each as gdb shows it: its bits, and what they mean. */
function named(session: DebugSession, names: readonly string[]): Answer {
  const wanted = names.map((name) => name.replace(/^\$/, '')).flatMap((name) => groupOf(name) ?? [name]);
  const found = wanted.map((name) => {
    const value = session.values.register(name);
    if (value === undefined || value.place?.kind === 'convenience')
      throw new DebugError('not-found', `there is no register or group ${name}`);
    return [name, value] as const;
  });
  const lines = found.map(([name, value]) => `${name.padEnd(NAME_WIDTH)}${registerText(session, value)}\n`);
  return answer(lines.join(''), Object.fromEntries(found.map(([name, value]) => [name, dataOf(value)])));
}

/** undefined for what was not kept. */
function dataOf(value: CValue): bigint | undefined {
  return attemptLook(() => integerFromBytes(value.bytes));
}

function registerText(session: DebugSession, value: CValue): string {
  const bits = dataOf(value);
  if (bits === undefined) return '<not saved>';
  const type = stripType(value.type);
  const { values } = session;
  if (type.kind === 'union') return values.format(value, 'x');
  if (sizeOf(type) === EXTENDED_SIZE) {
    const raw = bits.toString(16).padStart(2 * EXTENDED_SIZE, '0');
    return `${values.format(value).padEnd(RAW_WIDTH)}(raw 0x${raw})`;
  }
  // A pointer's type says nothing of a register.
  const symbol = values.symbolOf(bits);
  const address = `${hexadecimal(bits)}${symbol === undefined ? '' : ` <${symbol}>`}`;
  const meaning = type.kind === 'pointer' ? address : values.format(value);
  return `${hexadecimal(bits).padEnd(RAW_WIDTH)}${meaning}`;
}

/** What a look gives; undefined where there is nothing to see. */
function attemptLook<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** All registers of the processor, or those of an outer frame or another thread that were kept. */
function all(session: DebugSession): Answer {
  const { selection, debuggee } = session;
  const values = Object.fromEntries(
    DWARF_REGISTER_NAMES.map((name, number) => [name, selection.registers[number]]),
  );
  if (selection.isRunning && selection.index === 0) return answer(dumpRegisters(debuggee.kernel), values);
  const lines = Object.entries(values).map(
    ([name, value]) => `${name.padEnd(5)}${value === undefined ? 'not kept' : hexadecimal(value)}\n`,
  );
  return answer(lines.join(''), values);
}

export const REGISTER_INFO: readonly Command[] = [
  {
    names: ['registers', 'r'],
    section: 'data',
    usage: 'info registers [NAME | GROUP …]',
    help: 'the registers of the selected frame; groups are general, float, vector, system and all',
    run: (session, { argument }) => (argument === '' ? all(session) : named(session, argument.split(/\s+/))),
  },
  {
    names: ['all-registers'],
    section: 'data',
    usage: 'info all-registers',
    help: 'all registers, with those of the x87 and the vector unit and the control registers',
    run: (session) => named(session, ['all']),
  },
  {
    names: ['locals'],
    section: 'stack',
    usage: 'info locals',
    help: 'the variables of the selected frame',
    run: (session) => variablesAnswer(session, (local) => !local.isParameter),
  },
  {
    names: ['args'],
    section: 'stack',
    usage: 'info args',
    help: 'the parameters of the selected frame',
    run: (session) => variablesAnswer(session, (local) => local.isParameter),
  },
  {
    names: ['frame', 'f'],
    section: 'stack',
    usage: 'info frame',
    help: 'where the selected frame lies and what it returns to',
    run(session) {
      const { level, index } = session.selection;
      const missing = noStackYet(session);
      if (missing !== undefined) throw new DebugError('not-now', missing);
      if (level === undefined) throw new DebugError('not-now', 'no frame is selected');
      const { frame, caller, address } = level;
      const hex = (value: bigint | undefined): string =>
        value === undefined ? 'unknown' : hexadecimal(value);
      const text =
        `frame ${index} of ${level.function ?? '??'}, at ${hex(address)}\n` +
        `canonical frame address ${hex(frame.cfa)}, found by ${frame.foundBy}\n` +
        `returns to ${hex(caller?.pc)}${caller === undefined ? '' : ` <${session.values.symbolOf(caller.pc) ?? '?'}>`}\n`;
      return answer(text, {
        level: index,
        address,
        cfa: frame.cfa,
        foundBy: frame.foundBy,
        returnsTo: caller?.pc,
      });
    },
  },
];
