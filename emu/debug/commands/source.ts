import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { describeLocation } from '../stops/location.ts';
import { type Answer, answer, type Command } from './command.ts';
import { disassembleRange } from './disassembly.ts';
import { list } from './listing.ts';

function disassembleAnswer(session: DebugSession, argument: string, modifiers: string): Answer {
  if (!/^[srm]*$/.test(modifiers))
    throw new DebugError(
      'usage',
      `disassemble knows /s (with source) and /r (with bytes), not /${modifiers}`,
    );
  const options = {
    source: modifiers.includes('s') || modifiers.includes('m') || modifiers === '',
    raw: modifiers.includes('r'),
  };
  const [, from, to, length] = /^(.+?),\s*(\+)?\s*(.+)$/.exec(argument) ?? [];
  if (from !== undefined && length !== undefined) {
    const low = session.values.addressOf(from);
    const end = session.values.addressOf(length);
    const bytes = BigInt.asIntN(64, to === undefined ? end - low : end);
    if (bytes < 1n) throw new DebugError('usage', `a range has at least one byte, not ${bytes}`);
    return disassembleRange(session, low, to === undefined ? end : low + end, options);
  }
  const address = argument === '' ? session.selection.level?.address : addressOf(session, argument);
  const program =
    address === undefined
      ? undefined
      : session.debuggee.programs.at(address, session.selection.process, session.selection.readMemory);
  if (address === undefined) throw new DebugError('not-now', 'there is no present place');
  const info = program?.image.debug.functionAt(address);
  const symbol = program?.image.symbols.at(address)?.symbol;
  const low = info?.lowPc ?? symbol?.address;
  const high = info?.highPc ?? (symbol && symbol.address + BigInt(symbol.size));
  if (low === undefined || high === undefined || high <= low) {
    throw new DebugError(
      'not-found',
      `no function is known around 0x${address.toString(16)}: x/10i shows instructions anywhere`,
    );
  }
  return disassembleRange(session, low, high, options);
}

function addressOf(session: DebugSession, argument: string): bigint {
  try {
    const [location] = session.loadedLocations(argument);
    if (location !== undefined) return location.address;
  } catch (error) {
    if (!(error instanceof DebugError)) throw error;
  }
  return session.values.addressOf(argument);
}

export const SOURCE_COMMANDS: readonly Command[] = [
  {
    names: ['list', 'l'],
    section: 'source',
    usage: 'list [LOCATION | - | FIRST,LAST | FIRST, | ,LAST]',
    help: 'source lines around a place; again: the following ones; -: those before; FIRST and LAST are lines, FILE:LINE or functions',
    completes: 'location',
    repeats: true,
    run: (session, { argument }) => list(session, argument),
  },
  {
    names: ['disassemble'],
    section: 'source',
    usage: 'disassemble[/sr] [LOCATION | LOW,HIGH | LOW,+LENGTH]',
    help: 'a function’s instructions with the source between them; /r with their bytes, /s alone forces source',
    completes: 'location',
    run: (session, { argument, modifiers }) => disassembleAnswer(session, argument, modifiers),
  },
];

/** What `info` says of places. */
export const SOURCE_INFO: readonly Command[] = [
  {
    names: ['line'],
    section: 'source',
    usage: 'info line [LOCATION]',
    help: 'the code of a source line, and the line of an address',
    completes: 'location',
    run(session, { argument }) {
      const locations = session.loadedLocations(argument);
      const lines = locations.map((location) => {
        const hit = location.program.image.lines.aboutToExecute(location.address);
        const range =
          hit === undefined
            ? 'has no line'
            : `is line ${hit.line} of ${hit.file}, code 0x${hit.low.toString(16)} to 0x${hit.high.toString(16)}`;
        return `${describeLocation(location)} ${range}\n`;
      });
      return answer(
        lines.join(''),
        locations.map(({ program, address }) => ({ program: program.name, ...program.place(address) })),
      );
    },
  },
  {
    names: ['symbol'],
    section: 'source',
    usage: 'info symbol ADDRESS',
    help: 'the symbol that covers an address',
    completes: 'expression',
    run(session, { argument }) {
      const address = session.values.addressOf(argument === '' ? '$rip' : argument);
      const symbol = session.values.symbolOf(address);
      const text =
        symbol === undefined
          ? `No symbol covers 0x${address.toString(16)}.`
          : `${symbol} (0x${address.toString(16)})`;
      return answer(text, { address, symbol });
    },
  },
  {
    names: ['source'],
    section: 'source',
    usage: 'info source',
    help: 'the file of the selected frame',
    run(session) {
      const { level } = session.selection;
      return answer(level?.file ?? 'No source file is known for this place.', { file: level?.file });
    },
  },
];
