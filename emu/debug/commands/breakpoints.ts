import { KERNEL_HALF } from '../../kernel/index.ts';
import { sizeOf } from '../../symbols/index.ts';
import { evaluate, hexadecimal } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { catchpointFor } from '../stops/catch.ts';
import { type CodeLocation, describeLocation } from '../stops/location.ts';
import type { Breakpoint, Catchpoint, StopPoint, WatchKind, Watchpoint } from '../stops/stop-points.ts';
import { needed, none, numbersOf } from './arguments.ts';
import { type Answer, answer, type Command } from './command.ts';
import { printPlan, printsAndContinues } from './printing.ts';

const DPRINTF_USAGE = 'dprintf LOCATION,"FORMAT",EXPRESSION…';
/** The longest range that is watched, in bytes. */
const WATCH_LIMIT = 1 << 16;

/** Splits `LOCATION if CONDITION`. */
function withCondition(argument: string) {
  const [, place = argument, condition] = /^(.*?)(?:^|\s+)if\b\s*(.*)$/.exec(argument) ?? [];
  if (condition === '') throw new DebugError('usage', `a condition is missing after 'if'`);
  return { place: place.trim(), condition };
}

function setBreakpoint(session: DebugSession, argument: string, isTemporary: boolean): Answer {
  const { place, condition: text } = withCondition(argument);
  const places = session.locations(place);
  const condition = text === undefined ? undefined : session.condition(text, places);
  const point = session.stops.add<Breakpoint>({
    kind: 'breakpoint',
    location: place,
    places,
    isTemporary,
    condition,
    print: undefined,
  });
  const where = places.map(describeLocation).join(', ');
  const kind = isTemporary ? 'Temporary breakpoint' : 'Breakpoint';
  return answer(`${kind} ${point.number} at ${where}`, pointData(point));
}

function breakCommand(names: readonly string[], isTemporary: boolean): Command {
  return {
    names,
    section: 'breakpoints',
    usage: `${names[0]} [LOCATION] [if CONDITION]`,
    help: `stop before a place${isTemporary ? ', once' : ''}: SYMBOL, FILE:LINE, *ADDRESS; kernel: or prog:NAME: before it choose the program`,
    completes: 'location',
    run: (session, { argument }) => setBreakpoint(session, argument, isTemporary),
  };
}

function watchCommand(name: string, access: WatchKind, help: string): Command {
  return {
    names: [name],
    section: 'breakpoints',
    usage: `${name} EXPRESSION [if CONDITION]`,
    help,
    completes: 'expression',
    run(session, { argument }) {
      const { place, condition: text } = withCondition(argument);
      const condition = text === undefined ? undefined : session.condition(text);
      const { values, selection, debuggee } = session;
      const [value, root] = values.inSpaceOf(place, () => [
        evaluate(needed(place, 'an expression'), values),
        selection.root,
      ]);
      const { address } = value;
      if (address === undefined)
        throw new DebugError('usage', `${place} is not in memory: only memory can be watched`);
      const size = sizeOf(value.type);
      if (size < 1 || size > WATCH_LIMIT)
        throw new DebugError('usage', `${place} has ${size} bytes; 1 to ${WATCH_LIMIT} can be watched`);
      const space = address >= KERNEL_HALF ? undefined : (root ?? debuggee.kernel.registers.get('cr3'));
      const point = session.stops.add<Watchpoint>({
        kind: 'watchpoint',
        access,
        expression: place,
        address,
        size,
        space,
        isTemporary: false,
        condition,
      });
      return answer(
        `${watchName(access)} ${point.number}: ${place} (${size} bytes at ${hexadecimal(address)})`,
        pointData(point),
      );
    },
  };
}

function watchName(access: WatchKind): string {
  return { write: 'Watchpoint', read: 'Read watchpoint', access: 'Access watchpoint' }[access];
}

/** A stop point as data. */
function pointData(point: StopPoint): unknown {
  const { number, kind, isEnabled, isTemporary, hits, ignore, condition, commands } = point;
  const common = {
    number,
    kind,
    enabled: isEnabled,
    temporary: isTemporary,
    hits,
    ignore,
    condition: condition?.text,
    commands,
  };
  switch (point.kind) {
    case 'breakpoint':
      return {
        ...common,
        location: point.location,
        places: point.places.map(({ program, address }) => ({
          program: program.name,
          address,
          ...placeData(program, address),
        })),
        prints: point.print?.format,
      };
    case 'watchpoint':
      return {
        ...common,
        expression: point.expression,
        access: point.access,
        address: point.address,
        size: point.size,
      };
    case 'catchpoint':
      return { ...common, what: point.what, events: point.events };
  }
}

function placeData(program: Breakpoint['places'][number]['program'], address: bigint) {
  const { function: name, file, line } = program.place(address);
  return { function: name, file, line };
}

/** Of a position-independent program nobody knows where it will be loaded. */
function addressText({ program, address }: CodeLocation): string {
  return `${hexadecimal(address)}${program.isRelocatable ? ' of its file' : ''}`;
}

function pointText(point: StopPoint): string {
  const what =
    point.kind === 'breakpoint'
      ? `${point.print === undefined ? 'breakpoint' : 'dprintf'}  ${point.places.map((place) => `${addressText(place)} in ${describeLocation(place)}`).join(', ')}`
      : point.kind === 'watchpoint'
        ? `${watchName(point.access).toLowerCase()}  ${point.expression} (${point.size} bytes at ${hexadecimal(point.address)})`
        : `catchpoint  ${point.what}`;
  const lines = [
    `${String(point.number).padEnd(4)}${point.isEnabled ? 'y' : 'n'}  ${what}${point.isTemporary ? '  (temporary)' : ''}`,
  ];
  if (point.condition !== undefined) lines.push(`\tonly if ${point.condition.text}`);
  if (point.hits > 0) lines.push(`\thit ${point.hits} time${point.hits === 1 ? '' : 's'}`);
  if (point.ignore > 0) lines.push(`\tthe next ${point.ignore} are passed over`);
  for (const command of point.commands) lines.push(`\t\t${command}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** Commands one a line; a single line has them between semicolons, which a quoted text may hold. */
function commandsIn(text: string): string[] {
  const parts = text.includes('\n') ? text.split('\n') : text.match(/(?:"(?:\\.|[^"\\])*"|[^;])+/g);
  return (parts ?? []).map((part) => part.trim());
}

/** Changes stop points by number, or all of them. */
function eachPoint(session: DebugSession, argument: string, change: (point: StopPoint) => void): Answer {
  const points =
    argument === '' ? session.stops.all : numbersOf(argument).map((number) => session.stops.get(number));
  for (const point of points) change(point);
  return answer('', { numbers: points.map(({ number }) => number) });
}

export const BREAKPOINT_COMMANDS: readonly Command[] = [
  breakCommand(['break', 'b', 'br', 'hbreak'], false),
  breakCommand(['tbreak', 'tb', 'thbreak'], true),
  watchCommand('watch', 'write', 'stop after a change of an object in memory'),
  watchCommand('rwatch', 'read', 'stop after a read of an object in memory'),
  watchCommand('awatch', 'access', 'stop after any access to an object in memory'),
  {
    names: ['catch'],
    section: 'breakpoints',
    usage: 'catch syscall [NAME…] | fork | exec | exit | switch | fault | panic',
    help: 'stop where the kernel does something: at system calls (entry and return), forks, execs …',
    completes: ['syscall', 'fork', 'exec', 'exit', 'switch', 'fault', 'panic'],
    run(session, { argument }) {
      const plan = catchpointFor(needed(argument, 'what to catch'), session.debuggee.kernel, session.tracer);
      const point = session.stops.add<Catchpoint>({
        kind: 'catchpoint',
        ...plan,
        isTemporary: false,
        condition: undefined,
      });
      return answer(`Catchpoint ${point.number} (${point.what})`, pointData(point));
    },
  },
  {
    names: ['dprintf'],
    section: 'breakpoints',
    usage: DPRINTF_USAGE,
    help: 'print at a place, and go on',
    completes: 'location',
    run(session, { argument }) {
      const [whole, place = '', text = ''] = /^([^,]+),(.*)$/s.exec(argument) ?? [];
      if (whole === undefined) throw new DebugError('usage', DPRINTF_USAGE);
      const print = printPlan(session, text, DPRINTF_USAGE);
      const places = session.locations(place.trim());
      const point = session.stops.add<Breakpoint>({
        kind: 'breakpoint',
        location: place.trim(),
        places,
        isTemporary: false,
        condition: undefined,
        print,
      });
      return answer(
        `Dprintf ${point.number} at ${places.map(describeLocation).join(', ')}`,
        pointData(point),
      );
    },
  },
  {
    names: ['delete', 'd'],
    section: 'breakpoints',
    usage: 'delete [NUMBER…]',
    help: 'remove stop points; without a number all of them',
    run: (session, { argument }) =>
      eachPoint(session, argument, ({ number }) => session.stops.remove(number)),
  },
  {
    names: ['clear'],
    section: 'breakpoints',
    usage: 'clear [LOCATION]',
    help: 'remove the breakpoints at a place, or on its source line; without one, at the present place',
    completes: 'location',
    run(session, { argument }) {
      const places = session.locations(argument);
      const points = session.stops.all.filter(
        (point) =>
          point.kind === 'breakpoint' && point.places.some((one) => places.some((at) => isAt(one, at))),
      );
      if (points.length === 0)
        throw new DebugError(
          'not-found',
          `there is no breakpoint at ${places.map(describeLocation).join(', ')}`,
        );
      for (const { number } of points) session.stops.remove(number);
      const numbers = points.map(({ number }) => number);
      return answer(`Deleted ${numbers.join(' ')}`, { numbers });
    },
  },
  {
    names: ['disable', 'dis', 'disa'],
    section: 'breakpoints',
    usage: 'disable [NUMBER…]',
    help: 'keep stop points from stopping',
    run: (session, { argument }) =>
      eachPoint(session, argument, (point) => {
        point.isEnabled = false;
      }),
  },
  {
    names: ['enable', 'en'],
    section: 'breakpoints',
    usage: 'enable [NUMBER…]',
    help: 'let stop points stop again',
    run: (session, { argument }) =>
      eachPoint(session, argument, (point) => {
        point.isEnabled = true;
      }),
  },
  {
    names: ['condition'],
    section: 'breakpoints',
    usage: 'condition NUMBER [EXPRESSION]',
    help: 'stop only when an expression is not zero; without one always',
    completes: 'expression',
    run(session, { argument }) {
      const [, number = '', text] = /^(\d+)(?:\s+(.+))?$/.exec(argument) ?? [];
      if (number === '') throw new DebugError('usage', 'condition NUMBER [EXPRESSION]');
      const point = session.stops.get(Number(number));
      const places = point.kind === 'breakpoint' ? point.places : [];
      point.condition = text === undefined ? undefined : session.condition(text, places);
      return answer('', pointData(point));
    },
  },
  {
    names: ['ignore'],
    section: 'breakpoints',
    usage: 'ignore NUMBER COUNT',
    help: 'pass over a stop point so many times',
    run(session, { argument }) {
      const [, number = '', count = ''] = /^(\d+)\s+(\d+)$/.exec(argument) ?? [];
      if (number === '') throw new DebugError('usage', 'ignore NUMBER COUNT');
      const point = session.stops.get(Number(number));
      point.ignore = Number(count);
      return answer(`The next ${point.ignore} arrivals at ${number} are passed over`, pointData(point));
    },
  },
  {
    names: ['commands'],
    section: 'breakpoints',
    usage: 'commands [NUMBER] [COMMAND ; COMMAND …]',
    help: 'what to do at a stop point: here, or on the lines that follow up to `end`; `silent` first keeps the stop itself from being told',
    completes: 'command',
    run(session, { argument }) {
      const [, number, text = ''] = /^(\d+)?\s*(.*)$/s.exec(argument) ?? [];
      const point = number === undefined ? session.stops.last : session.stops.get(Number(number));
      if (point === undefined) throw new DebugError('not-found', 'there is no stop point yet');
      point.commands = commandsIn(text).filter((command) => command !== '' && command !== 'end');
      point.continues = printsAndContinues(session, point.commands);
      return answer('', pointData(point));
    },
  },
];

/** Whether two places are the same, or of one source line. */
function isAt(one: CodeLocation, other: CodeLocation): boolean {
  if (one.program !== other.program) return false;
  const [a, b] = [one.program.place(one.address), other.program.place(other.address)];
  return one.address === other.address || (a.line !== undefined && a.line === b.line && a.file === b.file);
}

function listOf(points: readonly StopPoint[], nothing: string): Answer {
  return answer(points.length === 0 ? nothing : points.map(pointText).join(''), points.map(pointData));
}

export const INFO_BREAKPOINTS: readonly Command[] = [
  {
    names: ['breakpoints'],
    section: 'breakpoints',
    usage: 'info breakpoints [NUMBER…]',
    help: 'the stop points',
    run(session, { argument }) {
      if (argument === '') return listOf(session.stops.all, 'There are no stop points.');
      return listOf(
        numbersOf(argument).map((number) => session.stops.get(number)),
        'There are no stop points.',
      );
    },
  },
  {
    names: ['watchpoints'],
    section: 'breakpoints',
    usage: 'info watchpoints',
    help: 'the watchpoints',
    run(session, { argument }) {
      none(argument);
      const points = session.stops.all.filter(({ kind }) => kind === 'watchpoint');
      return listOf(points, 'There are no watchpoints.');
    },
  },
];
