import { sizeOf } from '../../symbols/index.ts';
import { evaluate, hexadecimal } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { encodeRecording } from '../time/recording.ts';
import { needed, none, positionOf } from './arguments.ts';
import { answer, type Command } from './command.ts';
import { noStackYet } from './hints.ts';
import { moved, moving } from './running.ts';

/** The position that a person names: a number, a distance, a mark, an end of history. */
function targetOf(session: DebugSession, text: string): number {
  const { timeline, position } = session;
  if (text === 'begin' || text === 'start') return timeline.earliest;
  if (text === 'end') return timeline.latest;
  const mark = session.marks.get(text);
  if (mark !== undefined) return mark;
  const [, sign, distance = ''] = /^([+-])\s*(.+)$/.exec(text) ?? [];
  const number = positionOf(sign === undefined ? text : distance);
  if (number === undefined) {
    const marks = [...session.marks.keys()].join(', ') || 'none yet';
    throw new DebugError(
      'usage',
      `'${text}' is no position, no distance (+1000, -1), no mark (${marks}), neither begin nor end`,
    );
  }
  return sign === undefined ? number : sign === '+' ? position + number : position - number;
}

export const TIME_COMMANDS: readonly Command[] = [
  {
    names: ['save'],
    section: 'time',
    usage: 'save FILE',
    help: 'write all of history to a file; puffer debug --open FILE opens it, on any machine',
    completes: 'none',
    async run(session, { argument }) {
      const path = needed(argument, 'a file name');
      const { writeFile } = session.host;
      if (writeFile === undefined) throw new DebugError('refused', 'there are no files here');
      const recording = await session.record();
      await writeFile(path, encodeRecording(recording));
      const { start, end, input } = recording;
      const text = `${path}: positions ${start.position} to ${end}, ${input.length} input${input.length === 1 ? '' : 's'}`;
      return answer(text, { path, from: start.position, to: end, inputs: input.length });
    },
  },
  moving('time', ['reverse-stepi', 'rsi'], 'one step back', (session, count) =>
    session.reversing.instructions(count),
  ),
  moving(
    'time',
    ['reverse-nexti', 'rni'],
    'one instruction of this function back, over calls and interrupts',
    (session, count) => session.reversing.overInstructions(count),
  ),
  moving(
    'time',
    ['reverse-step', 'rs'],
    'to the beginning of the line executed before, into functions',
    (session, count) => session.reversing.lines(count, true),
  ),
  moving(
    'time',
    ['reverse-next', 'rn'],
    'to the beginning of the line executed before in this function',
    (session, count) => session.reversing.lines(count, false),
  ),
  {
    names: ['reverse-finish'],
    section: 'time',
    usage: 'reverse-finish',
    help: 'to the call of the selected function',
    run(session, { argument }) {
      none(argument);
      const { level } = session.selection;
      const missing = noStackYet(session);
      if (missing !== undefined) throw new DebugError('not-now', missing);
      if (level === undefined) throw new DebugError('not-now', 'no function is selected');
      return moved(session, () => session.reversing.finish(level));
    },
  },
  {
    names: ['reverse-continue', 'rc'],
    section: 'time',
    usage: 'reverse-continue',
    help: 'to the stop point met last, or to the beginning of history',
    repeats: true,
    run(session, { argument }) {
      none(argument);
      return moved(session, () => session.reversing.resume());
    },
  },
  {
    names: ['goto'],
    section: 'time',
    usage: 'goto POSITION | +STEPS | -STEPS | MARK | begin | end',
    help: 'to a position of history',
    run(session, { argument }) {
      const target = targetOf(session, needed(argument, 'a position'));
      return moved(session, () => session.reversing.goTo(target));
    },
  },
  {
    names: ['mark'],
    section: 'time',
    usage: 'mark NAME',
    help: 'give this position a name, for goto',
    run(session, { argument }) {
      const name = needed(argument, 'the name of the mark');
      if (['begin', 'start', 'end'].includes(name))
        throw new DebugError('usage', `'${name}' is an end of history already: give another name`);
      if (/\s/.test(name)) throw new DebugError('usage', `a mark's name has no blanks: '${name}'`);
      if (!/^[A-Za-z_][\w-]*$/.test(name))
        throw new DebugError(
          'usage',
          `a mark's name begins with a letter, as a position does not: '${name}'`,
        );
      session.marks.set(argument, session.position);
      return answer(`${argument} is position ${session.position}`, {
        mark: argument,
        position: session.position,
      });
    },
  },
  {
    names: ['when'],
    section: 'time',
    usage: 'when',
    help: 'the present position and guest time, both ends of history, and the marks',
    run(session, { argument }) {
      none(argument);
      const { timeline, position, marks } = session;
      const time = session.debuggee.machine.guestTime;
      const { checkpoints } = timeline;
      const named = [...marks].map(([name, at]) => `  ${name} ${at}\n`).join('');
      const text =
        `position ${position}, guest time ${time} ns\n` +
        `history from ${timeline.earliest} to ${timeline.latest}; ${checkpoints.count} checkpoint${checkpoints.count === 1 ? '' : 's'}, ${mebibytes(checkpoints.bytes)} MiB\n` +
        (named === '' ? '' : `marks:\n${named}`);
      const value = {
        position,
        guestTime: time,
        earliest: timeline.earliest,
        latest: timeline.latest,
        checkpoints: checkpoints.count,
        checkpointBytes: checkpoints.bytes,
        marks: Object.fromEntries(marks),
      };
      return answer(text, value);
    },
  },
  {
    names: ['who-wrote'],
    section: 'time',
    usage: 'who-wrote ADDRESS | EXPRESSION',
    help: 'the last instruction before now that wrote an object; the machine stays where it is',
    completes: 'expression',
    async run(session, { argument }) {
      const { values, selection } = session;
      const [value, address, root] = values.inSpaceOf(argument, () => {
        const named = evaluate(needed(argument, 'an address or expression'), values);
        return [named, named.address ?? values.addressOf(argument), selection.root];
      });
      const size = value.address === undefined ? 8 : Math.max(1, sizeOf(value.type));
      session.host.begin();
      const found = await session.reversing.lastWrite(address, size, root);
      session.selection.forgetStack();
      if (found === 'interrupted') throw new DebugError('not-now', 'the search was interrupted');
      if (found === 'historyBegin') {
        const text = `nobody wrote ${argument} (${size} bytes at ${hexadecimal(address)}) since position ${session.timeline.earliest}, where history begins`;
        return answer(text, { address, size, write: null });
      }
      const { position, what } = found;
      const { instruction, who, program } = what;
      const symbol = program?.symbolOf(instruction);
      const place = program?.place(instruction);
      const source = place?.file === undefined ? '' : ` at ${place.file}:${place.line ?? '?'}`;
      const object = value.address === undefined ? `${size} bytes at ${hexadecimal(address)}: ` : '';
      const text =
        `${object}position ${position}: ${hexadecimal(instruction)}${symbol === undefined ? '' : ` <${symbol}>`}${source}` +
        `${who === undefined ? '' : `, ${who}`}\n'goto ${position}' goes there\n`;
      return answer(text, {
        address,
        size,
        write: { position, instruction, who, symbol, file: place?.file, line: place?.line },
      });
    },
  },
];

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
