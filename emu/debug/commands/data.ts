import { formatType, type StructType, sizeOf, stripType, type Type } from '../../symbols/index.ts';
import { CValue, evaluate, hexadecimal, typeOf } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { needed, none } from './arguments.ts';
import { answer, type Command, NOTHING } from './command.ts';
import { displayText } from './displays.ts';
import { examine } from './examine.ts';
import { printValue } from './print.ts';

/** Settings that scripts for gdb make, and that mean nothing here: no paging, no questions, structures on several lines by themselves. */
const GDB_SETTING =
  /^(?:pagination|confirm|height|width|verbose|style|history|logging|print|listsize|disassembly-flavor|architecture|osabi|remote\w*|non-stop|scheduler-locking|debuginfod|python|auto-load)(?: +[\w./-]+)*$/;

/** A structure's members with their offsets, as gdb's ptype/o shows them. */
function structText(type: StructType, withOffsets: boolean): string {
  const members = type.members.map((member) => {
    const declaration = formatType(member.type, member.name ?? '');
    const bits = member.bitSize === undefined ? '' : ` : ${member.bitSize}`;
    const at = withOffsets
      ? `/* ${String(member.offset).padStart(5)} ${String(sizeOf(member.type)).padStart(5)} */ `
      : '';
    return `    ${at}${declaration}${bits};\n`;
  });
  const size = withOffsets ? `\n    /* ${type.size} bytes */\n` : '';
  return `${type.kind} ${type.name ?? ''}${type.name === undefined ? '' : ' '}{\n${members.join('')}${size}}`;
}

/** A type spelt out one level deep. */
function typeText(type: Type, withOffsets: boolean): string {
  const bare = stripType(type);
  if (bare.kind === 'struct' || bare.kind === 'union') {
    return bare.isComplete
      ? structText(bare, withOffsets)
      : `${formatType(bare)} {\n    <incomplete type>\n}`;
  }
  if (bare.kind === 'pointer') {
    const target = stripType(bare.target);
    if (target.kind === 'struct' || target.kind === 'union') return `${typeText(target, withOffsets)} *`;
  }
  if (bare.kind === 'enum') {
    const names = [...bare.enumerators].map(([name, value]) => `${name} = ${value}`);
    return `enum ${bare.name ?? ''} {${names.join(', ')}}`;
  }
  return formatType(bare);
}

function typeData(type: Type): unknown {
  const bare = stripType(type);
  const common = { type: formatType(type), kind: bare.kind, size: sizeOf(type) };
  if (bare.kind !== 'struct' && bare.kind !== 'union') return common;
  const members = bare.members.map(({ name, offset, type: member, bitOffset, bitSize }) => ({
    name,
    offset,
    type: formatType(member),
    bitOffset,
    bitSize,
  }));
  return { ...common, members };
}

function display(session: DebugSession, argument: string, modifiers: string) {
  if (argument === '') {
    const shown = session.displays.map(({ number, expression }) => `${number}: ${expression}\n`).join('');
    return answer(shown === '' ? 'Nothing is displayed.' : shown, session.displays);
  }
  const text = displayText(session, argument, modifiers);
  const { number } = session.addDisplay(argument, modifiers);
  const value = text.startsWith(`${argument} = `) ? text.slice(argument.length + ' = '.length) : text;
  return answer(`${number}: ${text}`, { number, expression: argument, value: value.trimEnd() });
}

export const INFO_DISPLAY: Command = {
  names: ['display'],
  section: 'data',
  usage: 'info display',
  help: 'the expressions that are shown at every stop',
  run: (session, { argument }) => {
    none(argument);
    return display(session, '', '');
  },
};

export const DATA_COMMANDS: readonly Command[] = [
  {
    names: ['print', 'p', 'inspect', 'call'],
    section: 'data',
    usage: 'print[/FORMAT] EXPRESSION',
    help: 'a C expression over the guest’s types; /x /d /u /o /t /c /a /s /f /z; lists are walked; = and ++ write, and the guest takes another course from here',
    completes: 'expression',
    run(session, { argument, modifiers }) {
      const { value, text, elements } = printValue(session, argument === '' ? '$' : argument, modifiers);
      const number = session.values.record(value);
      return answer(`$${number} = ${text}`, {
        number,
        expression: argument,
        type: formatType(value.type),
        address: value.address,
        value: text,
        elements,
      });
    },
  },
  {
    names: ['set', 'set var'],
    section: 'data',
    usage: 'set LVALUE = EXPRESSION',
    help: 'write a variable, a register ($rax = 1) or a variable of the debugger ($x = 1); the guest takes another course from here',
    completes: 'expression',
    run(session, { argument }) {
      const setting = GDB_SETTING.exec(argument)?.[0];
      if (setting !== undefined)
        return answer(`Nothing is set: the debugger of puffer has no '${setting}'.`, { setting });
      const text = needed(argument, 'an assignment').replace(/^var(iable)?\s+/, '');
      const before = session.timeline.latest;
      const value = session.values.inSpaceOf(text, () => {
        const assigned = evaluate(text, session.values);
        return CValue.of(assigned.type, assigned.bytes);
      });
      session.selection.forgetStack();
      const { latest } = session.timeline;
      const notice =
        latest < before
          ? `The guest takes another course from here: positions ${latest} to ${before} are forgotten.`
          : '';
      for (const [mark, position] of session.marks) if (position > latest) session.marks.delete(mark);
      return answer(notice, { expression: text, value: session.values.format(value) });
    },
  },
  {
    names: ['ptype'],
    section: 'data',
    usage: 'ptype[/o] EXPRESSION | TYPE',
    help: 'a type, spelt out; /o with offsets and sizes in bytes',
    completes: 'type',
    run(session, { argument, modifiers }) {
      if (modifiers !== '' && modifiers !== 'o')
        throw new DebugError('usage', `ptype knows /o, not /${modifiers}`);
      const type = typeOf(needed(argument, 'a type or expression'), session.values);
      return answer(`type = ${typeText(type, modifiers === 'o')}`, typeData(type));
    },
  },
  {
    names: ['whatis'],
    section: 'data',
    usage: 'whatis EXPRESSION | TYPE',
    help: 'the name of a type',
    completes: 'type',
    run(session, { argument }) {
      const named = typeOf(needed(argument, 'a type or expression'), session.values);
      // Asked for a typedef by its name, what it stands for is the answer, as in gdb.
      const type = named.kind === 'typedef' && named.name === argument ? named.target : named;
      return answer(`type = ${formatType(type)}`, { type: formatType(type), size: sizeOf(type) });
    },
  },
  {
    names: ['x'],
    section: 'data',
    usage: 'x[/COUNT FORMAT SIZE] ADDRESS',
    help: 'memory: formats of print, s for strings, i for instructions; sizes b h w g (1 2 4 8 bytes)',
    completes: 'expression',
    repeats: true,
    run: (session, { argument, modifiers }) =>
      session.values.inSpaceOf(argument, () => examine(session, modifiers, argument)),
  },
  {
    names: ['display'],
    section: 'data',
    usage: 'display[/FORMAT] [EXPRESSION]',
    help: 'print an expression now and at every stop, or memory in the formats of x (display/i $pc); without one, the list of them',
    completes: 'expression',
    run: (session, { argument, modifiers }) => display(session, argument, modifiers),
  },
  {
    names: ['undisplay'],
    section: 'data',
    usage: 'undisplay [NUMBER]',
    help: 'do not display any more; without a number, nothing',
    run(session, { argument }) {
      const index = session.displays.findIndex(({ number }) => String(number) === argument);
      if (argument !== '' && index < 0) throw new DebugError('not-found', `there is no display ${argument}`);
      session.displays.splice(argument === '' ? 0 : index, argument === '' ? session.displays.length : 1);
      return NOTHING;
    },
  },
  {
    names: ['output'],
    section: 'data',
    usage: 'output[/FORMAT] EXPRESSION',
    help: 'as print, without a number and without keeping the value',
    completes: 'expression',
    run(session, { argument, modifiers }) {
      const { text, value } = printValue(session, needed(argument, 'an expression'), modifiers);
      return answer(text, { value: text, address: value.address && hexadecimal(value.address) });
    },
  },
];
