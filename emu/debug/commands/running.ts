import type { Stop } from '../control/stop.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { countOf, needed } from './arguments.ts';
import { type Answer, answer, type Command } from './command.ts';
import { noStackYet } from './hints.ts';
import { reportStop, whereNow } from './stop-report.ts';

/** Moves the machine and reports where it came to. */
export async function moved(session: DebugSession, action: () => Promise<Stop>): Promise<Answer> {
  const before = whereNow(session);
  const stop = await session.move(action);
  return reportStop(session, stop, before);
}

/** The machine must still live. */
function alive(session: DebugSession): void {
  const { ending } = session.debuggee.machine;
  if (ending !== undefined)
    throw new DebugError(
      'not-now',
      `the machine has ended (${ending.reason}): go back with goto or reverse-… to see how`,
    );
}

/** A command that moves the machine, by a count. */
export function moving(
  section: 'running' | 'time',
  names: readonly string[],
  help: string,
  action: (session: DebugSession, count: number) => Promise<Stop>,
): Command {
  return {
    names,
    section,
    usage: `${names[0]} [COUNT]`,
    help,
    repeats: true,
    run(session, { argument }) {
      if (section === 'running') alive(session);
      const count = countOf(session, argument);
      return moved(session, () => action(session, count));
    },
  };
}

export const RUNNING_COMMANDS: readonly Command[] = [
  moving(
    'running',
    ['stepi', 'si'],
    'execute an instruction; the delivery of an interrupt is a step of its own',
    (session, count) => session.stepping.instructions(count),
  ),
  moving(
    'running',
    ['nexti', 'ni'],
    'execute an instruction; calls, system calls and interrupts are run to their return',
    (session, count) => session.stepping.overInstructions(count),
  ),
  moving(
    'running',
    ['step', 's'],
    'to another source line: into functions, and with a system call into the kernel',
    (session, count) => session.stepping.lines(count, true),
  ),
  moving('running', ['next', 'n'], 'to another source line of this function', (session, count) =>
    session.stepping.lines(count, false),
  ),
  {
    names: ['finish', 'fin'],
    section: 'running',
    usage: 'finish',
    help: 'run until the selected function has returned, and print what it returns',
    repeats: true,
    run(session) {
      alive(session);
      const { level } = session.selection;
      const missing = noStackYet(session);
      if (missing !== undefined) throw new DebugError('not-now', missing);
      if (level === undefined) throw new DebugError('not-now', 'no function is selected');
      return moved(session, () => session.stepping.finish(level));
    },
  },
  {
    names: ['until', 'u'],
    section: 'running',
    usage: 'until [LOCATION]',
    help: 'to a line after this one (out of a loop); with a place: run there, or until this function returns',
    completes: 'location',
    repeats: true,
    run(session, { argument }) {
      alive(session);
      if (argument === '') return moved(session, () => session.stepping.pastLine());
      const addresses = session.loadedLocations(argument).map(({ address }) => address);
      const { level } = session.selection;
      return moved(session, () => session.stepping.until(addresses, level));
    },
  },
  {
    names: ['advance'],
    section: 'running',
    usage: 'advance LOCATION',
    help: 'run to a place, whatever returns meanwhile',
    completes: 'location',
    run(session, { argument }) {
      alive(session);
      const addresses = session.loadedLocations(needed(argument, 'a location')).map(({ address }) => address);
      return moved(session, () => session.stepping.until(addresses, undefined));
    },
  },
  {
    names: ['continue', 'c', 'run', 'r', 'fg'],
    section: 'running',
    usage: 'continue [COUNT]',
    help: 'run to the next stop point; with a count, pass the one we are at so many times less one',
    repeats: true,
    run(session, { argument }) {
      alive(session);
      const count = countOf(session, argument);
      return moved(session, async () => {
        const outcome = await session.execution.run({ passes: count - 1 });
        if (outcome.kind !== 'stop') throw new DebugError('not-now', 'the run had no end');
        return outcome.stop;
      });
    },
  },
  {
    names: ['interrupts'],
    section: 'running',
    usage: 'interrupts [hold | come]',
    help: 'hold: none are delivered while instructions and lines are stepped; come: as they do',
    completes: ['hold', 'come'],
    run(session, { argument }) {
      if (argument !== '') {
        if (argument !== 'hold' && argument !== 'come')
          throw new DebugError('usage', `interrupts hold or interrupts come, not ${argument}`);
        session.stepping.holdsInterrupts = argument === 'hold';
      }
      const held = session.stepping.holdsInterrupts;
      return answer(held ? 'Interrupts are held off while stepping.' : 'Interrupts come as they do.', {
        held,
      });
    },
  },
  {
    names: ['type'],
    section: 'running',
    usage: 'type TEXT',
    help: 'type a line at the guest’s console; it is read when the machine runs',
    completes: 'none',
    run(session, { argument }) {
      alive(session);
      session.type(`${argument}\n`);
      return answer('', { typed: argument });
    },
  },
];
