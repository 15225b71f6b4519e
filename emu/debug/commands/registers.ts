import { dumpRegisters } from '../../kernel/index.ts';
import { DWARF_REGISTER_NAMES } from '../../symbols/index.ts';
import { hexadecimal, integerOf } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { type Answer, answer, type Command } from './command.ts';
import { variablesAnswer } from './stack.ts';

function named(session: DebugSession, names: readonly string[]): Answer {
  const found = names.map((name) => {
    const value = session.values.register(name.replace(/^\$/, ''));
    if (value === undefined) throw new DebugError('not-found', `there is no register ${name}`);
    return [name.replace(/^\$/, ''), BigInt.asUintN(64, integerOf(value))] as const;
  });
  const lines = found.map(([name, value]) => {
    const symbol = session.values.symbolOf(value);
    return `${name.padEnd(15)}${hexadecimal(value).padEnd(19)}${symbol === undefined ? BigInt.asIntN(64, value) : `<${symbol}>`}\n`;
  });
  return answer(lines.join(''), Object.fromEntries(found));
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
    usage: 'info registers [NAME…]',
    help: 'the registers of the selected frame',
    run: (session, { argument }) => (argument === '' ? all(session) : named(session, argument.split(/\s+/))),
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
